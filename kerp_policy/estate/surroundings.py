"""Where the commands of a step or script run, and what is known of their words there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from kerp_policy.artifacts.shell import Shell, Word
from kerp_policy.artifacts.shell.inner import script_file
from kerp_policy.estate.pipelines import Position
from kerp_policy.estate.shells import Expand, below
from kerp_policy.findings import Place
from kerp_policy.sources.source import Span

_CONDITIONAL = frozenset(("function", "condition", "if", "loop", "case"))


class Surroundings(Struct, frozen=True):
    """Where the commands of a text run.

    Attributes:
        file: the file that they are written in.
        job: the job's address, or the script's path.
        step: what their positions begin with.
        shell: the commands.
        folders: the folder of each of them.
        conditional: whether a condition decides if any of them runs.
        for_failures: whether they run only where something before them has failed.
        is_untouched: whether nothing that runs before them may have written files.
        place: from a span to a place.
        expand: from a word to its value, where that is known.
        guess: the same, defaults included.
        written: a word as it is written, with what is known put in.
    """

    file: str
    environment: str | None
    job: str
    step: Position
    shell: Shell
    folders: Sequence[str | None]
    conditional: bool
    for_failures: bool
    is_untouched: bool
    place: Callable[[Span], Place]
    expand: Expand
    guess: Expand
    written: Callable[[Word], str]

    def head(self, index: int) -> tuple[str, Place, str | None, str, Position]:
        """What every fact about a command begins with."""
        place = self.place(self.shell.commands[index].span)
        return self.file, place, self.environment, self.job, (*self.step, index)

    def path(self, index: int, word: Word) -> str | None:
        """The path, relative to the project, that a word of a command names."""
        text = self.expand(word)
        return None if text is None else below(self.folders[index], text)

    def script(self, index: int) -> str | None:
        """The path of the script that a command runs; what that does is looked at there."""
        word = script_file(self.shell.commands[index].unwrapped())
        return self.path(index, word) if word else None

    def always(self, index: int) -> bool:
        """Whether a command runs whenever the job or script does."""
        command = self.shell.commands[index]
        is_conditional = self.conditional or _CONDITIONAL.intersection(command.scopes)
        return not is_conditional and not command.alternative
