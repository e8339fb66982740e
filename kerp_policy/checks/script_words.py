"""Checks of words that the shell splits (POSIX, 2.6.5 Field Splitting)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.shell import Case, Command, Part, Shell, Word
from kerp_policy.checks.script_environment import refuses_others
from kerp_policy.findings import Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.views import View
from kerp_policy.words import word_set

_SPLITTING = regex(r"[\s*?\[]")
_NUMBERS = frozenset("#?$!-") | word_set(
    """
    BASHPID BASH_SUBSHELL COLUMNS EPOCHREALTIME EPOCHSECONDS EUID LINENO LINES OPTIND PPID RANDOM
    SECONDS SHLVL SRANDOM UID
    """
)
"""What the shell itself sets, to a number (Bash Reference Manual, Shell Variables)."""
_UNHURT = frozenset(("echo", "printf", "[[", "let", "export", "local", "readonly", "declare"))
"""Commands that split nothing, or to which it makes little difference."""
_SEVERAL = regex(
    r"(?:opts|args|flags)$|(?:^|_)(?:options?|opt|arg|arguments|flag|params?|cmd|command|list|extra)$",
    re.IGNORECASE,
)
_PLURAL = regex(
    r"(?:^|_)(?:dirs|files|hosts|images|labels|modules|mounts|names|namespaces|nodes|packages|paths"
    r"|pkgs|platforms|pods|selectors|services|targets|tests|users|volumes)$",
    re.IGNORECASE,
)
"""What a name says that it holds: alone and without quotes it is meant as several words."""
_OPTION = regex(r"(?:^|\s)--?[A-Za-z]")
_LOOP = regex(r"\b(?:for|select)[ \t]+(\w+)[ \t\n]+in\b", re.ASCII)
_ONE_WORD = frozenset(("date", "nproc", "id", "uname", "mktemp", "whoami"))
_FOLDER = regex(r"--(?:show|git|absolute)-")
"""Options of `git rev-parse` that ask for a path, which may hold a blank."""
_DEFAULTS = frozenset((":-", "-", ":=", "="))
_INSTEAD = ("+", ":+")
_SHORTENING = frozenset(("", "#", "##", "%", "%%", "^", "^^", ",", ",,"))
"""What gives no more words than the variable has."""
_DIRECTIVE = regex(r"#\s*shellcheck\s+disable=(?:[\w,-]*,)?(?:SC)?2086\b")
"""What asks ShellCheck, whose SC2086 is this rule, to leave the command below alone."""


def unquoted(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Variables whose value may hold a space or a pattern are quoted where that would hurt.

    One finding a variable, at its first such place.
    """
    subject: ScriptSubject = view.subject
    safe, options = _safe_names(subject), _optional(subject)
    found: dict[str, list[Word]] = {}
    checked = _checked(subject.shell)
    meant = _meant(subject.source.lines)
    for index, command in enumerate(subject.shell.commands):
        if command.name in _UNHURT or command.span.line in meant:
            continue
        for word in _places(command):
            for part in _outer(word):
                known = part.text in safe or index >= checked.get(part.text, index + 1)
                if not known and _splits(part) and not _is_several(word, part, options):
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


def _meant(lines: Sequence[str]) -> set[int]:
    """The lines of commands of which a directive says that they are to be split."""
    meant, told = set[int](), False
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if told and text and not text.startswith("#"):
            meant.add(number)
            told = False
        told = told or _DIRECTIVE.match(text) is not None
    return meant


def _places(command: Command) -> Iterator[Word]:
    """The words in which splitting hurts: `$TOOL` may be meant as several, `$DIR/tool` is not."""
    if any(
        part.kind == "text" and "/" in part.text
        for word in command.words[:1]
        for part in word.parts
    ):
        yield command.words[0]
    yield from command.words[1:]


def _outer(word: Word) -> Iterator[Part]:
    """The parts of a word, but for those inside arithmetic, and inside `${X:+--flag $X}`."""
    end = 0
    for part in word.parts:
        if part.offset < end:
            continue
        yield part
        if part.kind == "arithmetic":
            end = part.offset + len(part.text)
        elif part.operator in _INSTEAD:
            end = part.offset + len(_written(part))


def _written(part: Part) -> str:
    return f"${{{part.text}{part.operator}{part.operand}}}"


def _splits(part: Part) -> bool:
    hurts = part.kind == "variable" and not part.quoted and part.text not in _NUMBERS
    return hurts and part.operator not in ("#", *_INSTEAD)


def _is_several(word: Word, part: Part, options: set[str]) -> bool:
    """Whether several words are meant, or none where there is no value."""
    if f"${{{part.text}[" in word.raw and part.operator not in _DEFAULTS:
        return False  # quotes keep the items of an array apart, and do no harm
    if _SEVERAL.search(part.text):
        return True
    if len(word.raw) > len(_written(part)):
        return False
    default = part.operator in _DEFAULTS and (not part.operand or " " in part.operand)
    return default or part.text in options or _PLURAL.search(part.text) is not None


def _optional(subject: ScriptSubject) -> set[str]:
    """Names that are given options: `WAIT="--wait --timeout 5m"`, and else nothing."""
    return {
        name
        for command in subject.shell.commands
        for name, value in command.assignments
        if any(
            _OPTION.search(part.operand or part.text)
            for part in value.parts
            if part.kind != "command"
        )
    }


def _safe_names(subject: ScriptSubject) -> set[str]:
    """Names that are only ever given one word, or that a loop gives one word at a time."""
    commands = subject.shell.commands
    given = [each for command in commands for each in command.assignments]
    named = {each.name for each in given}
    loops = set(_LOOP.findall(subject.source.text)) - named
    parts = (p for command in commands for word in command.words for p in word.variables)
    nowhere = {p.text for p in parts if p.text not in named and p.text.islower()}
    takers: dict[str, list[str]] = {}
    unsafe = {name for name, value in given if not _is_one_word(value)}
    seen = set[str]()
    for name, value in given:
        for part in _outer(value):
            if part.kind == "variable":
                takers.setdefault(part.text, []).append(name)
                if part.text == name and name not in seen:
                    unsafe.add(name)  # what the environment gives
        seen.add(name)
    unsafe.update(name for name in takers if name not in named | loops | _NUMBERS)
    _spread(unsafe, takers)
    return (named - unsafe) | loops | nowhere


def _spread(unsafe: set[str], takers: Mapping[str, list[str]]) -> None:
    """What takes over an unsafe value is unsafe as well."""
    ahead = list(unsafe)
    while ahead:
        new = set(takers.get(ahead.pop(), ())) - unsafe
        unsafe |= new
        ahead += new


def _is_one_word(value: Word) -> bool:
    """A literal without blanks and patterns, a number, what prints one word, or another's value."""
    return all(
        (part.kind == "text" and not _SPLITTING.search(part.text))
        or part.kind == "arithmetic"
        or (part.kind == "variable" and part.operator in _SHORTENING)
        or (part.kind == "command" and _prints_one_word(part.text))
        for part in _outer(value)
    )


def _prints_one_word(text: str) -> bool:
    inner = text.removeprefix("$(").removesuffix(")").strip("` ").split()
    simple = bool(inner) and inner[0] in _ONE_WORD and len(inner) <= 2
    return simple or (inner[:2] == ["git", "rev-parse"] and not _FOLDER.search(text))
