"""What is known of a shell text before it runs: its variables, and the folder of each command."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from kerp_policy.regex import regex

if TYPE_CHECKING:
    from kerp_policy.artifacts.shell import Shell, Word

Expand = Callable[["Word"], str | None]
"""From a word to its value; None where that is decided when it runs."""

_OWN_FOLDER = regex(
    r"""["']?\$\(\s*dirname\s+(?:--\s+)?["']?(?:\$0|\$\{0\}|\$\{?BASH_SOURCE(?:\[0\])?\}?)["']?\s*\)"""
    r"""([\w./-]*)["']?"""
)
_DEFAULTS = (":-", "-", ":=", "=")


class Known(Struct, frozen=True):
    """Variables by name: those that have one value, and those that have one by default."""

    values: Mapping[str, str]
    defaults: Mapping[str, str]


def assignments(shell: Shell) -> dict[str, list[Word]]:
    """What a text assigns to each variable, in order."""
    found: dict[str, list[Word]] = {}
    for command in shell.commands:
        for name, word in command.assignments:
            found.setdefault(name, []).append(word)
    return found


def known(shell: Shell, given: Mapping[str, str]) -> Known:
    """What the variables of a text hold.

    Args:
        shell: the text.
        given: what its surroundings set, as the environment of a step.
    """
    assigned = assignments(shell)
    values = {name: value for name, value in given.items() if name not in assigned}
    defaults = {}
    for name, words in assigned.items():
        if len(words) == 1:
            text, default = words[0].text, _default(words[0])
            if text is not None:
                values[name] = text
            elif default is not None:
                defaults[name] = default
    return Known(values, defaults)


def _default(word: Word) -> str | None:
    """The `d` of `${X:-d}`, where that is all."""
    part = word.parts[0] if len(word.parts) == 1 else None
    if part is None or part.kind != "variable" or part.operator not in _DEFAULTS:
        return None
    text = part.operand.strip("\"'")
    return None if "$" in text or "`" in text else text


def expand(word: Word, values: Mapping[str, str]) -> str | None:
    """A word with the variables that are known put in; None where one is not."""
    if word.text is not None:
        return word.text
    found = [
        part.text if part.kind == "text" else values.get(part.text)
        for part in word.parts
        if part.kind == "text" or (part.kind == "variable" and not part.operator)
    ]
    if len(found) < len(word.parts) or None in found:
        return None
    return "".join(text for text in found if text)


def folders(shell: Shell, start: str | None, own: str, expand: Expand) -> Iterator[str | None]:
    """The folder that each command runs in, relative to the project; None where it is not known.

    Args:
        shell: the text.
        start: the folder that it begins in.
        own: the folder that the script itself lies in.
        expand: the values of words.
    """
    outer: str | None = start
    inner: tuple[tuple[str, ...], str | None] | None = None
    for command in shell.commands:
        if inner and command.scopes[: len(inner[0])] != inner[0]:
            inner = None
        here = inner[1] if inner else outer
        yield here
        if command.program not in ("cd", "pushd"):
            continue
        word = command.unwrapped()[1:2]
        if not command.scopes:
            outer = _target(word, here, own, expand)
        elif command.scopes[-1] in ("subshell", "substitution"):
            inner = (command.scopes, _target(word, outer, own, expand))
        else:
            outer = None


def _target(words: tuple[Word, ...], here: str | None, own: str, expand: Expand) -> str | None:
    if not words:
        return None
    [word] = words
    if found := _OWN_FOLDER.fullmatch(word.raw):
        return below(own, found[1].lstrip("/"))
    path = expand(word)
    return None if path is None else below(here, path)


def below(folder: str | None, path: str) -> str | None:
    """A path seen from a folder, relative to the project; None where it lies outside."""
    if folder is None or path.startswith(("/", "~")):
        return None
    joined = posixpath.normpath(posixpath.join(folder, path))
    if joined == ".." or joined.startswith("../"):
        return None
    return "" if joined == "." else joined
