"""What the shell reader gives back: commands, their words, and where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from kerp_policy.artifacts.shell.wrappers import WRAPPERS, inner_command
from kerp_policy.sources.source import Problem, Span

_MOST = 20
"""Stretches of one text that are told: nobody reads more, and the rest is seldom read better."""
_LARGER = frozenset(("ksh", "zsh"))
"""Shells with syntax that neither POSIX nor bash has."""
_HELP = "Mend the script, or write it more plainly; `bash -n` says whether bash can read it."
_PLAINER = "Write it in the language of sh or bash, which is what is judged."

PartKind = Literal["text", "variable", "command", "arithmetic"]
"""`command` is a command or process substitution."""

Scope = Literal[
    "function", "subshell", "group", "condition", "if", "loop", "case", "substitution", "shell"
]
"""What a command can stand in; `condition` is that of an if or a loop, `shell` the script of
`sh -c` or `sh <<EOF`."""


class Part(Struct, frozen=True):
    """A stretch of a word: literal text, or one expansion.

    Attributes:
        kind: what it is.
        text: the literal text after quote removal, the variable's name, else the raw source.
        quoted: whether quotes or a backslash keep it from being split and globbed.
        offset: the index of its first character in the text that it was read from.
        operator: of `${X:-d}` the `:-`; of `${#X}` and `${!X}` the sign before the name.
        operand: of `${X:-d}` the `d`, as written.
    """

    kind: PartKind
    text: str
    quoted: bool
    offset: int
    operator: str = ""
    operand: str = ""


class Word(Struct, frozen=True):
    """One word of a command.

    Attributes:
        text: its value after quote removal; None if an expansion or substitution decides it.
        raw: as written.
        span: where it stands.
        parts: what it is made of, in order.
    """

    text: str | None
    raw: str
    span: Span
    parts: tuple[Part, ...]

    @property
    def prefix(self) -> str:
        """The literal text before the first expansion: `--uid=` of `--uid=$X`."""
        prefix = ""
        for part in self.parts:
            if part.kind != "text":
                break
            prefix += part.text
        return prefix

    @property
    def variables(self) -> tuple[Part, ...]:
        """The variables that it expands, those inside `${X:-$Y}` too."""
        return tuple(part for part in self.parts if part.kind == "variable")


class Assignment(NamedTuple):
    """`name=value`, before a command, alone, or after `export`, `local` and their like."""

    name: str
    value: Word


class Redirect(Struct, frozen=True):
    """A redirection; the target of `<<` and `<<-` is the here-document's body."""

    operator: str
    target: Word
    descriptor: str = ""


class Command(Struct, frozen=True):
    """A simple command.

    Attributes:
        name: the last path component of its first word; None if that is no literal.
        words: the name and the arguments; empty for assignments and redirections alone.
        assignments: those before the name, and those that `export` and its like make.
        redirects: its redirections.
        span: from its first character to the end of its last.
        scopes: what it stands in, outermost first.
        parent: index of the command whose word it is substituted into, or that runs it (`sh -c`).
        piped_from: index of the command (of a group: the last) whose output it reads.
        piped_into: index of the command (of a group: the first) that reads its output.
        ignored: its failure is swallowed: `|| true`, `; true` without errexit, a condition, `!`.
        background: it is followed by `&`.
        alternative: it stands behind `||`, so it runs only where what is before that failed.
        dependent: it stands behind `&&` or `||`, so what is before that decides whether it runs.
        tested: it stands before `&&` or `||`, so errexit does not stop at its failure.
    """

    name: str | None
    words: tuple[Word, ...]
    assignments: tuple[Assignment, ...]
    redirects: tuple[Redirect, ...]
    span: Span
    scopes: tuple[Scope, ...] = ()
    parent: int | None = None
    piped_from: int | None = None
    piped_into: int | None = None
    ignored: bool = False
    background: bool = False
    alternative: bool = False
    dependent: bool = False
    tested: bool = False

    def unwrapped(self) -> tuple[Word, ...]:
        """The words of the command that really runs: without `sudo`, `env A=b`, `time`."""
        if self.name not in WRAPPERS:
            return self.words
        start = inner_command([word.text for word in self.words], [w.prefix for w in self.words])
        return self.words[start:]

    @property
    def program(self) -> str | None:
        """The name of the command that really runs; None if it is no literal."""
        return command_name(self.unwrapped())


class Branch(Struct, frozen=True):
    """One branch of a `case`.

    Attributes:
        patterns: what it is for.
        start: the index of its first command.
        end: the index after its last one.
    """

    patterns: tuple[Word, ...]
    start: int
    end: int


class Case(Struct, frozen=True):
    """A `case`: the word that it looks at, and its branches in order."""

    word: Word
    branches: tuple[Branch, ...]


class Heredoc(Struct, frozen=True):
    """A here-document.

    Attributes:
        delimiter: the word that ends it.
        body: its lines; for `<<-`, `text` is without the leading tabs.
        expands: whether the shell expands variables in it (the delimiter is not quoted).
        command: index of the command that it is fed to.
    """

    delimiter: str
    body: Word
    expands: bool
    command: int


class SetOption(Struct, frozen=True):
    """An option of the shell that `set`, `sh -e` or the first line switches.

    Attributes:
        name: its long name: `errexit`, `nounset`, `pipefail`, `xtrace`, …
        enabled: on (`-e`) or off (`+e`).
        span: where.
        scopes: what the switch stands in; empty is the script itself.
    """

    name: str
    enabled: bool
    span: Span
    scopes: tuple[Scope, ...]


class Unread(NamedTuple):
    """A stretch that is no shell this reader knows; what is judged nearby is unverified.

    `certain` is False where another shell, or a newer one, may read it.
    """

    span: Span
    message: str
    certain: bool = True


class Shell(Struct, frozen=True):
    """A shell text.

    Attributes:
        commands: in the order of the source, wherever they stand.
        options: switches of the shell, in the order of the source.
        heredocs: here-documents, in the order of the source.
        errors: what could not be read.
        interpreter: the program that `#!` names, without its folder; None without one.
        cases: every `case`, those inside another before it.
        listed: the words that `for` and `select` go through, but for those inside `sh -c`.
        functions: their names, each with the indexes of its first command and after its last one.
    """

    commands: tuple[Command, ...]
    options: tuple[SetOption, ...]
    heredocs: tuple[Heredoc, ...]
    errors: tuple[Unread, ...]
    interpreter: str | None
    cases: tuple[Case, ...] = ()
    listed: tuple[Word, ...] = ()
    functions: tuple[tuple[str, int, int], ...] = ()

    @property
    def problems(self) -> list[Problem]:
        """That what could not be read is not judged, so that it does not pass unseen.

        It fails, unless a shell with a larger language may be meant.
        """
        return [self._problem(error) for error in self.errors[:_MOST]]

    def _problem(self, error: Unread) -> Problem:
        message = f"not judged here: {error.message}"
        if error.certain and self.interpreter not in _LARGER:
            return Problem("unreadable", error.span, message, _HELP)
        return Problem("not-judged", error.span, message, _PLAINER)


def command_name(words: Sequence[Word]) -> str | None:
    """The last path component of the first word, if there is one and it is literal."""
    if not words or words[0].text is None:
        return None
    return words[0].text.rpartition("/")[2]
