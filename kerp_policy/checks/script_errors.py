"""Checks of what a script does when a command fails (POSIX, `set`; bash, The Set Builtin)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.shell import Command, SetOption, Shell
from kerp_policy.findings import NOT_APPLICABLE, Remark, Verdict
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.sources.source import START, Span
from kerp_policy.views import View

_DECLARING = frozenset(("export", "readonly", "declare", "typeset", "local", "alias"))
_SETTING_UP = _DECLARING | {"set", "shopt", "trap", "umask", "echo", "printf", ":", "true"}
_NEVER_FAILS = frozenset(("echo", "printf", "true", ":", "yes", "seq", "date"))
_VALUED = frozenset(
    ("-n", "-C", "-path", "-database", "--namespace", "--context", "--kube-context")
)
"""Options before an action that take the next word."""
_WITHOUT_PIPEFAIL = frozenset(("sh", "dash", "ash"))


def stops(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The script stops at the first command that fails, from its first command to its last."""
    subject: ScriptSubject = view.subject
    shell = subject.shell
    if _is_library(shell):
        yield NOT_APPLICABLE
        return
    switches = [o for o in shell.options if o.name == "errexit" and not o.scopes]
    on = next((switch for switch in switches if switch.enabled), None)
    if on is None:
        yield _never_stops(subject)
    elif late := _first_risk(shell, on):
        line, name = on.span.line, late.name or "a command"
        message = f"{name} runs before set -e on line {line}, so its failure is not noticed"
        yield Remark(subject.command_place(late), message)
    elif not switches[-1].enabled:
        message = "set +e turns set -e off, and nothing turns it on again"
        yield Remark(subject.place(switches[-1].span, "set"), message)


def _never_stops(subject: ScriptSubject) -> Remark:
    shell = subject.shell
    message = "set -e is missing: the script goes on after a command that fails"
    first = shell.commands[0].span
    place = subject.place(Span(*first.start, *first.start) if shell.interpreter is None else START)
    if shell.interpreter is None:
        return Remark(place, f"{message}, unless another reads it in", Verdict.UNVERIFIED)
    if shell.errors:
        return Remark(place, f"{message}, or stands where it cannot be read", Verdict.UNVERIFIED)
    return Remark(place, message)


def _is_library(shell: Shell) -> bool:
    """Whether it only defines: functions, variables, other libraries."""
    return all(
        "function" in command.scopes
        or not command.words
        or command.name in (*_DECLARING, "set", "source", ".")
        for command in shell.commands
    )


def _first_risk(shell: Shell, on: SetOption) -> Command | None:
    for command in shell.commands:
        if command.span >= on.span:
            return None
        harmless = not command.words or command.name in _SETTING_UP or "function" in command.scopes
        if not harmless and not command.ignored:
            return command
    return None


def pipelines(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A pipeline fails when its first command does.

    One finding a script, at the first such pipeline.
    """
    subject: ScriptSubject = view.subject
    shell = subject.shell
    if any(option.name == "pipefail" and option.enabled for option in shell.options):
        return
    first = next((command for command in shell.commands if _is_hidden(command)), None)
    if first is None:
        return
    reader = shell.commands[first.piped_into].name if first.piped_into is not None else None
    message = f"a failure of {first.name or 'the first command'} is hidden by the pipe"
    message += f" into {reader}" if reader else ""
    if shell.interpreter in _WITHOUT_PIPEFAIL:
        message += f"; expected bash and set -o pipefail, which {shell.interpreter} may not know"
    else:
        message += "; expected set -o pipefail"
    verdict = Verdict.FAIL if shell.interpreter else Verdict.UNVERIFIED
    yield Remark(subject.command_place(first), message, verdict)


def _is_hidden(command: Command) -> bool:
    outside = {"condition", "shell"}.isdisjoint(command.scopes)
    piped = command.piped_into is not None and command.program not in _NEVER_FAILS
    return piped and outside and not command.ignored


def ignored(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No command that changes the system has its failure swallowed by `|| true`."""
    subject: ScriptSubject = view.subject
    command = subject.command
    assert command
    if not command.ignored or "condition" in command.scopes or _is_negated(subject, command):
        return
    action = _action([word.text or "" for word in command.unwrapped()[1:]])
    if action in params["changes"].get(command.program or "", ()):
        message = f"the failure of {command.program} {action} is swallowed"
        yield Remark(
            subject.command_place(command), f"{message}: the script goes on as if it worked"
        )


def _action(words: list[str]) -> str:
    """The first word that is neither an option nor an option's value."""
    before = ""
    for word in words:
        if not word.startswith("-") and before not in _VALUED:
            return word
        before = word
    return ""


def _is_negated(subject: ScriptSubject, command: Command) -> bool:
    before = subject.source.lines[command.span.line - 1][: command.span.column - 1]
    return before.rstrip().endswith("!")
