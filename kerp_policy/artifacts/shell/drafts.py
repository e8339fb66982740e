"""What the reader gathers while it reads."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from kerp_policy.artifacts.shell.model import (
    Assignment,
    Case,
    Command,
    Heredoc,
    Redirect,
    Scope,
    SetOption,
    Unread,
    Word,
    command_name,
)
from kerp_policy.sources.source import Span

# The letters of `set`, after the POSIX description of the utility and bash's.
_LETTERS = {
    "a": "allexport",
    "b": "notify",
    "e": "errexit",
    "f": "noglob",
    "n": "noexec",
    "u": "nounset",
    "v": "verbose",
    "x": "xtrace",
    "C": "noclobber",
    "E": "errtrace",
}
# A function's commands write where its caller does.
_OTHER_OUTPUT: frozenset[Scope] = frozenset(("substitution", "shell", "function"))
SWITCHING = frozenset(("set", "shopt", "setopt", "unsetopt"))
"""Commands that switch options of the shell: of POSIX, of bash, and two of zsh."""
_SWALLOWING = {("true",), (":",), ("exit", "0"), ("return", "0")}


class Draft(Struct):
    """A command while it is read; `input` is the index of the redirection that it reads from."""

    index: int
    span: Span
    scopes: tuple[Scope, ...]
    parent: int | None
    words: list[Word] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    input: int | None = None
    piped_from: int | None = None
    piped_into: int | None = None
    ignored: bool = False
    background: bool = False
    alternative: bool = False
    dependent: bool = False
    tested: bool = False

    def command(self) -> Command:
        """The command as it stands now."""
        return Command(
            command_name(self.words),
            tuple(self.words),
            tuple(self.assignments),
            tuple(self.redirects),
            self.span,
            self.scopes,
            self.parent,
            self.piped_from,
            self.piped_into,
            self.ignored,
            self.background,
            self.alternative,
            self.dependent,
            self.tested,
        )

    def swallows(self) -> bool:
        """Whether it always succeeds and does nothing: `true`, `:`, `exit 0`."""
        return tuple(word.text for word in self.words[:3]) in _SWALLOWING


class Drafts:
    """All commands of a text, and of the texts inside it."""

    def __init__(self) -> None:
        self.commands: list[Draft] = []
        self.options: list[SetOption] = []
        self.heredocs: list[Heredoc] = []
        self.errors: list[Unread] = []
        self.cases: list[Case] = []
        self.listed: list[Word] = []
        self.functions: list[tuple[str, int, int]] = []
        self.stops_at_errors = False
        self.knows_extglob = False

    def switching(
        self, command: str, words: list[str | None], span: Span, scopes: tuple[Scope, ...]
    ) -> None:
        """Note the options that one of the commands for it switches."""
        flags = "".join(word for word in words if word and word.startswith("-"))
        if command == "set":
            self.switch(words, span, scopes)
        elif command == "shopt" and "extglob" in words:
            self.knows_extglob = "s" in flags
        elif command != "shopt" or ("o" in flags and ("s" in flags or "u" in flags)):
            enabled = "s" in flags if command == "shopt" else command == "setopt"
            for word in words:
                if word and not word.startswith("-"):
                    self._switched(word.lower().replace("_", ""), enabled, span, scopes)

    def _switched(self, name: str, enabled: bool, span: Span, scopes: tuple[Scope, ...]) -> None:
        self.options.append(SetOption(name, enabled, span, scopes))
        if name == "errexit":
            self.stops_at_errors = enabled

    def switch(self, words: Iterable[str | None], span: Span, scopes: tuple[Scope, ...]) -> None:
        """Note the options that the arguments of `set` or of a shell switch."""
        names = iter(words)
        for word in names:
            if word is None or len(word) < 2 or word[0] not in "-+" or word == "--":
                return
            enabled = word[0] == "-"
            for letter in word[1:]:
                name = next(names, None) if letter == "o" else _LETTERS.get(letter)
                if name:
                    self._switched(name, enabled, span, scopes)

    def pipe(self, stages: list[int], depth: int) -> None:
        """Join the commands of a pipeline.

        Args:
            stages: the index at which the commands of each stage begin.
            depth: how many scopes the pipeline itself stands in.
        """
        bounds = [*stages, len(self.commands)]
        for left, right, end in zip(bounds, bounds[1:], bounds[2:], strict=False):
            self._join(self._own(left, right, depth), self._own(right, end, depth))

    def _join(self, writers: list[Draft], readers: list[Draft]) -> None:
        if not writers or not readers:
            return
        for draft in writers:
            if draft.piped_into is None:
                draft.piped_into = readers[0].index
        for draft in readers:
            if draft.piped_from is None:
                draft.piped_from = writers[-1].index

    def _own(self, start: int, end: int, depth: int) -> list[Draft]:
        """The stage's commands, without those whose output goes elsewhere."""
        return [
            draft
            for draft in self.commands[start:end]
            if draft.words and not _OTHER_OUTPUT.intersection(draft.scopes[depth:])
        ]
