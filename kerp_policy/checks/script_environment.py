"""Checks of what environments a script accepts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.shell import Branch, Case, Command, Part, Shell, Word
from kerp_policy.artifacts.shell.order import owners
from kerp_policy.findings import NOT_APPLICABLE, Remark, Verdict
from kerp_policy.parameters import ENVIRONMENT, WORD, WORDS, any_of, takes
from kerp_policy.policy.model import Environment
from kerp_policy.regex import regex
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.sources.source import Span
from kerp_policy.views import View

_WORD = regex(r"[A-Za-z]+")
_DEFAULTS = frozenset((":-", "-", ":=", "="))
_TESTS = frozenset(("[", "[[", "test"))
_COMPARING = frozenset(("=", "==", "!=", "=~"))
"""What compares with a text; `-z` only asks whether there is one."""
_EXISTING = frozenset(("-d", "-e", "-f", "-r", "-s"))
"""What asks whether a file is there."""
_FINDING = frozenset(("grep", "egrep", "fgrep", "[", "[[", "test"))
_REFUSING = frozenset(("die", "fail", "fatal", "usage", "error", "abort", "err", "bail", "panic"))
_CHECKING = regex(r"valid|verif|check|ensure|assert|require|allow|known|confirm", re.IGNORECASE)
_NAMESPACES = frozenset(("namespace", "ns", "cluster"))
_SWITCHES = frozenset(("true", "false", "yes", "no", "0", "1"))
"""Defaults of what is on or off, and so is no environment."""
_NEAR = 12
"""How many commands may come between a test and the exit that it decides."""


class Choice(Struct, frozen=True):
    """A variable that the caller chooses an environment with.

    `names` are it and, where that is the same value throughout, the one that it is taken from.
    """

    name: str
    names: tuple[str, ...]
    default: str
    span: Span


@takes(names=WORDS, modes=any_of(WORD), production=ENVIRONMENT)
def known(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What the caller names as environment is refused if it is unknown, and named at all.

    `params["names"]` are the last words of the names of variables that say an environment,
    `params["modes"]` the first words of those that say how a program runs (`NODE_ENV`),
    `params["production"]` the environment that nothing may mean by default.
    """
    subject: ScriptSubject = view.subject
    choices = [
        choice
        for choice in _choices(subject, params["names"])
        if _words(choice.name)[0] not in params["modes"] and not _is_elsewhere(subject, choice)
    ]
    if not choices:
        yield NOT_APPLICABLE
        return
    uses = _uses(subject.shell)
    for choice in choices:
        production = _means(subject.environments, params["production"], choice.default)
        verdict = _refused(subject, choice, uses)
        if verdict is None and not production:
            continue
        message = _message(choice, verdict, production)
        verdict = Verdict.FAIL if production or verdict is None else verdict
        yield Remark(subject.place(choice.span, choice.name), message, verdict, choice.name)


def _message(choice: Choice, verdict: Verdict | None, production: bool) -> str:
    meant = choice.default if choice.default == "production" else f"{choice.default} (production)"
    by_default = f"means {meant} when nothing is given"
    if verdict is None:
        return f"{choice.name} {by_default}; expected it to be named each time"
    if verdict is Verdict.UNVERIFIED:
        message = f"{choice.name} is tested, and files do not show that what is unknown is refused"
        return f"{message}; it {by_default}" if production else message
    message = f"{choice.name} may be anything"
    message = f"{message}, and {by_default}" if production else message
    return f"{message}; expected a case that ends the script for what it does not know"


def _choices(subject: ScriptSubject, names: list[str]) -> Iterator[Choice]:
    seen, inside = set[str](), _inside(subject.shell)
    for index, command in enumerate(subject.shell.commands):
        for name, value in command.assignments:
            part = _only_variable(value)
            words = _words(name)
            if part is None or name in seen or not words or words[-1] not in names:
                continue
            given = part.text.isdigit() or part.text == "OPTARG"
            told = part.operand.strip("\"'")
            if told in _SWITCHES or (part.text.isdigit() and inside[index]):
                continue
            if given or part.operator in _DEFAULTS or ":?" in part.operator:
                seen.add(name)
                default = told if part.operator in _DEFAULTS else ""
                line, column = value.span.start
                start = max(column - len(name) - 1, 1)
                span = Span(line, start, *value.span.end)
                same = (name,) if command.scopes else tuple(dict.fromkeys((name, part.text)))
                yield Choice(name, same, default, span)


def _inside(shell: Shell) -> list[bool]:
    """Of each command whether it is in a function that no call in the script hands a variable."""
    handed = {c.name for c in shell.commands if any(word.text is None for word in c.words[1:])}
    return [bool(owner) and owner not in handed for owner in owners(shell)]


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _is_elsewhere(subject: ScriptSubject, choice: Choice) -> bool:
    """Whether it is a namespace that is no environment's: `NAMESPACE=${1:-monitoring}`."""
    if not choice.default or _words(choice.name)[-1] not in _NAMESPACES:
        return False
    known = subject.environments
    return not any(_means(known, each.name, choice.default) for each in known)


def _only_variable(value: Word) -> Part | None:
    return value.parts[0] if len(value.parts) == 1 and value.parts[0].kind == "variable" else None


def _means(environments: tuple[Environment, ...], name: str, value: str) -> bool:
    """Whether a value is an environment's name, a short form of it or one of its namespaces."""
    if not value:
        return False
    lower = value.lower()
    namespaces = {n for e in environments if e.name == name for n in e.namespaces}
    return lower in namespaces or (len(lower) >= 3 and name.startswith(lower)) or lower == "prd"


class Uses(Struct, frozen=True):
    """Where each variable is used: looked at by a `case`, expanded in a command's words."""

    cases: dict[str, list[Case]]
    commands: dict[str, list[int]]


def _uses(shell: Shell) -> Uses:
    uses = Uses({}, {})
    for case in shell.cases:
        for name in {variable.text for variable in case.word.variables}:
            uses.cases.setdefault(name, []).append(case)
    for index, command in enumerate(shell.commands):
        for name in {variable.text for word in command.words for variable in word.variables}:
            uses.commands.setdefault(name, []).append(index)
    return uses


def _refused(subject: ScriptSubject, choice: Choice, uses: Uses) -> Verdict | None:
    """None where what is unknown is refused, else the verdict on that."""
    shell = subject.shell
    cases = [case for name in choice.names for case in uses.cases.get(name, ())]
    if any(refuses_others(shell, case) for case in cases):
        return None
    doubt = bool(cases or shell.errors)
    for index in (i for name in choice.names for i in uses.commands.get(name, ())):
        command = shell.commands[index]
        if command.name in _TESTS and _COMPARING.intersection(_texts(command)):
            refuses = {"!=", "!"}.intersection(_texts(command)) or not command.scopes
            if refuses and any(map(_exits, shell.commands[index : index + _NEAR])):
                return None
            doubt = True
        elif _looks_up(command):
            if command.name in _FINDING and any(map(_exits, shell.commands[index : index + _NEAR])):
                return None
            doubt = True
        elif _CHECKING.search(command.name or "") or _asked(subject, command):
            doubt = True
    return Verdict.UNVERIFIED if doubt else Verdict.FAIL


def _looks_up(command: Command) -> bool:
    """Whether it fails where something of that name is not there: a file, a line, a namespace."""
    if command.name in _TESTS:
        return bool(_EXISTING.intersection(_texts(command)))
    if command.name in _FINDING or "condition" in command.scopes:
        return "condition" in command.scopes or command.tested
    return command.name in ("source", ".")


def refuses_others(shell: Shell, case: Case) -> bool:
    """Whether the branch of a `case` for everything else ends the script."""
    return any(
        _is_rest(branch) and any(map(_exits, shell.commands[branch.start : branch.end]))
        for branch in case.branches
    )


def _is_rest(branch: Branch) -> bool:
    return any(pattern.raw == "*" for pattern in branch.patterns)


def _exits(command: Command) -> bool:
    name = command.name or ""
    if name in ("exit", "return"):
        return _texts(command)[1:2] != ["0"]
    return bool(_REFUSING.intersection(word.lower() for word in _WORD.findall(name)))


def _texts(command: Command) -> list[str]:
    return [word.text or "" for word in command.words]


def _asked(subject: ScriptSubject, command: Command) -> bool:
    """Whether it goes into grep, which may be a test."""
    reader = command.piped_into
    return reader is not None and subject.shell.commands[reader].name == "grep"
