"""The shell text inside RUN, CMD, ENTRYPOINT and HEALTHCHECK."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

from msgspec import Struct

from kerp_policy.artifacts.dockerfile.instructions import Instruction
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.artifacts.dockerfile.words import heredoc_marks
from kerp_policy.artifacts.shell import Shell, parse_shell
from kerp_policy.artifacts.shell.inner import SHELLS
from kerp_policy.regex import regex

DEFAULT_SHELL = ("/bin/sh", "-c")
_SHELL_PATH = regex(r"(?:.*[/\\])?([^/\\]+?)(?:\.exe)?", re.IGNORECASE)
_SHEBANG = regex(r"#![ \t]*(?:\S*/env[ \t]+(?:-S[ \t]+)?)?(?:\S*/)?(\S+)")
_KEYWORDS = frozenset({"RUN", "CMD", "ENTRYPOINT"})

Place = tuple[int, int]


class Script(Struct, frozen=True):
    """Shell text as Docker hands it to the shell: continuations and their comments are gone.

    `locate` gives the line and column in the file of a character of `text`, by its index.
    """

    text: str
    locate: Callable[[int], Place]

    def parse(self) -> Shell:
        """Its commands, with their places in the file."""
        return parse_shell(self.text, locate=self.locate)


def scripts(instruction: Instruction, shell: tuple[str, ...] = DEFAULT_SHELL) -> tuple[Script, ...]:
    """The shell text that an instruction runs, those inside ONBUILD and HEALTHCHECK too.

    The JSON form becomes a script of its one command. There is none where another interpreter
    reads the text: a `#!` in a heredoc, or `shell`, the SHELL in effect.
    """
    if instruction.inner:
        nested = instruction.inner.keyword == "ONBUILD"  # Docker refuses it
        return () if nested else scripts(instruction.inner, shell)
    if instruction.keyword not in _KEYWORDS or not instruction.value.text:
        return ()
    if instruction.exec_form is not None:
        return (_exec_script(instruction.exec_form, instruction.words),)
    if instruction.heredocs and _is_one_heredoc(instruction.value):
        return _heredoc_script(instruction, shell)
    if not is_posix(shell):
        return ()
    return (_with_heredocs(instruction) if instruction.heredocs else _script(instruction.value),)


def is_posix(shell: tuple[str, ...]) -> bool:
    """Whether a SHELL reads the language of sh."""
    found = _SHELL_PATH.fullmatch(shell[0]) if shell else None
    return bool(found) and found[1].lower() in SHELLS if found else False


def _script(text: Text) -> Script:
    return Script(text.text, lambda offset: text.line.place(text.start + offset))


def _is_one_heredoc(value: Text) -> bool:
    marks = heredoc_marks(value)
    return len(marks) == 1 and marks[0].text == value


def _heredoc_script(instruction: Instruction, shell: tuple[str, ...]) -> tuple[Script, ...]:
    heredoc = instruction.heredocs[0]
    shebang = _SHEBANG.match(heredoc.body)
    reads_sh = shebang[1] in SHELLS if shebang else is_posix(shell)
    if not reads_sh:
        return ()
    return (Script(heredoc.body, _lines_from(heredoc.body, heredoc.span.line)),)


def _lines_from(text: str, line: int) -> Callable[[int], Place]:
    starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def locate(offset: int) -> Place:
        row = bisect_right(starts, offset) - 1
        return line + row, offset - starts[row] + 1

    return locate


def _with_heredocs(instruction: Instruction) -> Script:
    """The line and, behind it, the bodies: the shell itself knows what they are fed to."""
    head = _script(instruction.value)
    first = instruction.heredocs[0].span.line
    tail = "\n".join(instruction.lines[first - 1 : instruction.span.end_line])
    bodies = _lines_from(tail, first)
    split = len(head.text) + 1
    return Script(
        f"{head.text}\n{tail}\n",
        lambda offset: head.locate(offset) if offset < split else bodies(offset - split),
    )


def _exec_script(argv: tuple[str, ...], words: tuple[Text, ...]) -> Script:
    quoted = [shlex.quote(word) for word in argv]
    starts = list(accumulate((len(word) + 1 for word in quoted), initial=0))

    def locate(offset: int) -> Place:
        number = min(bisect_right(starts, offset), len(words)) - 1
        word = words[number]
        return word.line.place(min(word.start + 1 + offset - starts[number], word.end - 1))

    return Script(" ".join(quoted), locate)
