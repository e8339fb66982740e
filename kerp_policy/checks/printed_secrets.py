"""Checks of secrets that a script writes where others read along: a terminal, the log of a job."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.shell import Command, Part, Shell, Word
from kerp_policy.artifacts.shell.model import SetOption
from kerp_policy.findings import Remark, Verdict
from kerp_policy.regex import regex
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.secrets import secret_name
from kerp_policy.views import View

_OTHERWISE = ("+", ":+", "#", "!")
"""`${X+set}`, `${#X}` and `${!X}` tell something about a variable, not what it holds."""
_FOLDER = regex(r"""["']?(?:\$PWD|\$\{PWD\}|\$\(pwd\)|`pwd`)["']?""")
_CAUGHT = frozenset(("function", "substitution", "shell"))
"""In these, somebody asks for what is printed, as `token=$(get_token)` does."""


def printed(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No secret is printed, by a command or by the shell that traces commands.

    What goes to standard error goes to people. What goes to standard output may be what the script
    is for, and whoever calls it may keep it to himself.

    Source: Bash Reference Manual, "Redirections" and "The Set Builtin".
    """
    subject: ScriptSubject = view.subject
    folders = _folders(subject.shell)
    yield from _traced(subject, folders)
    redirected = any(c.name == "exec" and c.redirects for c in subject.shell.commands)
    for command in subject.shell.commands:
        word = next(filter(_secret, command.words[1:]), None)
        if word and not redirected and _speaks(command) and _secret(word) not in folders:
            yield _told(subject, command, word)


def _speaks(command: Command) -> bool:
    """Whether it prints what nobody in the script takes."""
    streams = [f"{redirect.operator}{redirect.target.raw}" for redirect in command.redirects]
    return (
        command.program in ("echo", "printf")
        and streams in ([], [">&2"])
        and command.piped_into is None
        and _CAUGHT.isdisjoint(command.scopes)
    )


def _told(subject: ScriptSubject, command: Command, word: Word) -> Remark:
    name, place = _secret(word), subject.place(word.span, command.program or "")
    if command.redirects:
        message = f"{name} is printed to standard error, which people and logs read"
        return Remark(place, message, subject=name)
    message = f"{name} is printed; files do not show who reads what the script prints"
    return Remark(place, message, Verdict.UNVERIFIED, subject=name)


def _traced(subject: ScriptSubject, folders: frozenset[str]) -> Iterator[Remark]:
    """`set -x` before commands that use secrets; a group or function that it is for is left out."""
    switches = [option for option in subject.shell.options if option.name == "xtrace"]
    used = sorted(_used(subject.shell, folders))
    end: SetOption | None = None
    told = list[Remark]()
    for option in reversed(switches):
        end = end if option.enabled else option
        at = bisect_right(used, option.span.start, key=lambda use: use[0])
        reached = at < len(used) and (end is None or used[at][0] < end.span.start)
        if option.enabled and not option.scopes and reached:
            name = used[at][1]
            message = f"tracing prints the commands of this script, which use {name}"
            told.append(Remark(subject.place(option.span, "set"), message, subject=name))
    yield from reversed(told)


def _folders(shell: Shell) -> frozenset[str]:
    """The variables that hold a folder, whatever their names say: `OLD_PWD=$PWD`."""
    given = (assignment for command in shell.commands for assignment in command.assignments)
    return frozenset(f"${name}" for name, value in given if _FOLDER.fullmatch(value.raw))


def _used(shell: Shell, folders: frozenset[str]) -> Iterator[tuple[tuple[int, int], str]]:
    """Where a command uses a secret, and the first that it uses."""
    for command in shell.commands:
        values = (assignment.value for assignment in command.assignments)
        names = map(_secret, (*command.words, *values))
        name = next((name for name in names if name and name not in folders), "")
        if name:
            yield command.span.start, name


def _secret(word: Word) -> str:
    """The variable in a word that holds a secret by its name, as `$DB_PASSWORD`; else nothing."""
    return next((f"${part.text}" for part in word.variables if _is_secret(part)), "")


def _is_secret(part: Part) -> bool:
    return part.operator not in _OTHERWISE and secret_name(part.text)
