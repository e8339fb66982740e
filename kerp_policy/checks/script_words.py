"""Checks of words that the shell splits (POSIX, 2.6.5 Field Splitting)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.shell import Case, Command, Part, Shell, Word
from kerp_policy.checks.script_environment import refuses_others
from kerp_policy.findings import Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.views import View

_SPLITTING = regex(r"[\s*?\[]")
_NUMBERS = frozenset("#?$!-")
_UNHURT = frozenset(("echo", "printf", "[[", "let", "export", "local", "readonly", "declare"))
"""Commands that split nothing, or to which it makes little difference."""
_SEVERAL = regex(
    r"(?:^|_)(?:opts?|options?|args?|arguments|flags?|params?|cmd|command|files|list|extra)$",
    re.IGNORECASE,
)
_LOOP = regex(r"\b(?:for|select)[ \t]+(\w+)[ \t\n]+in\b", re.ASCII)
_ONE_WORD = frozenset(("date", "nproc", "id", "uname", "mktemp", "whoami"))


def unquoted(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Variables whose value may hold a space or a pattern are quoted where that would hurt.

    One finding a variable, at its first such place.
    """
    subject: ScriptSubject = view.subject
    safe = _safe_names(subject)
    found: dict[str, list[Word]] = {}
    checked = _checked(subject.shell)
    for index, command in enumerate(subject.shell.commands):
        if command.name in _UNHURT:
            continue
        for word in command.words[1:]:
            for part in word.variables:
                known = part.text in safe or index >= checked.get(part.text, index + 1)
                if _splits(part) and not known:
                    found.setdefault(part.text, []).append(word)
    for name, words in found.items():
        lines = sorted({word.span.line for word in words} - {words[0].span.line})
        message = f"${name} is not quoted{_and_on(lines)}"
        place = subject.place(words[0].span, f"${name}")
        yield Remark(place, f"{message}: a space or * in it becomes part of the command")


def _checked(shell: Shell) -> dict[str, int]:
    """Names that a `case` lets through with plain values only, and from which command on."""
    return {
        case.word.variables[0].text: case.branches[-1].end
        for case in shell.cases
        if len(case.word.variables) == 1 and refuses_others(shell, case) and _is_plain(case)
    }


def _is_plain(case: Case) -> bool:
    patterns = [pattern.raw for branch in case.branches for pattern in branch.patterns]
    return all(pattern == "*" or not _SPLITTING.search(pattern) for pattern in patterns)


def _and_on(lines: list[int]) -> str:
    if not lines:
        return ""
    shown = [str(line) for line in lines[:6]]
    listed = ", ".join(shown[:-1]) + (" and " if shown[:-1] else "") + shown[-1]
    more = " and further down" if len(lines) > 6 else ""
    return f", here and on line{'s' if len(lines) > 1 else ''} {listed}{more}"


def _splits(part: Part) -> bool:
    if part.quoted or part.text in _NUMBERS or part.operator in ("#", "+", ":+"):
        return False
    return not _SEVERAL.search(part.text)


def _safe_names(subject: ScriptSubject) -> set[str]:
    """Names that are only ever given one word, or that a loop gives one word at a time."""
    safe: dict[str, bool] = {}
    for command in subject.shell.commands:
        for name, value in command.assignments:
            safe[name] = safe.get(name, True) and _is_one_word(subject, command, value)
    loops = set(_LOOP.findall(subject.source.text))
    unknown = {
        part.text
        for command in subject.shell.commands
        for word in command.words
        for part in word.variables
        if part.text not in safe and part.text.islower()
    }
    return {name for name, is_safe in safe.items() if is_safe} | (loops - safe.keys()) | unknown


def _is_one_word(subject: ScriptSubject, command: Command, value: Word) -> bool:
    """A literal without blanks and patterns, a number, or what prints one word."""
    return all(
        (part.kind == "text" and not _SPLITTING.search(part.text))
        or part.kind == "arithmetic"
        or (part.kind == "variable" and part.text in _NUMBERS)
        or (part.kind == "command" and _prints_one_word(part.text))
        for part in value.parts
    )


def _prints_one_word(text: str) -> bool:
    inner = text.removeprefix("$(").removesuffix(")").strip("` ").split()
    simple = bool(inner) and inner[0] in _ONE_WORD and len(inner) <= 2
    return simple or inner[:2] == ["git", "rev-parse"]
