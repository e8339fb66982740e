"""Checks of what a script does when a command fails (POSIX, `set`; bash, The Set Builtin)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from kerp_policy.artifacts.shell import Command, SetOption, Shell
from kerp_policy.artifacts.shell.failures import only_shows
from kerp_policy.artifacts.shell.order import as_run
from kerp_policy.artifacts.shell.pipes import hidden_by_pipes
from kerp_policy.findings import NOT_APPLICABLE, Remark, Verdict
from kerp_policy.parameters import WORDS, by_name, takes
from kerp_policy.regex import regex
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.sources.source import START, Span
from kerp_policy.views import View

_DECLARING = frozenset(("export", "readonly", "declare", "typeset", "local", "alias"))
_PRINTING = frozenset(("echo", "printf", "pwd", "dirname", "basename"))
_TELLING = frozenset(("echo", "printf", ":", "true"))
_LEAVING = frozenset(("exit", "return", "exec", ":", "true"))
_SETTING_UP = (
    _DECLARING
    | _PRINTING
    | _LEAVING
    | {"set", "shopt", "setopt", "unsetopt", "trap", "umask", "shift", "break", "continue"}
)
_READING = frozenset(("source", "."))
_SETTINGS = regex(r"\.env\b|os-release|activate|/etc/")
"""Files that hold settings: none switches how the shell treats errors."""
_WHOLE = frozenset(("function", "group"))
"""What does not keep a switch from the rest of the script."""
_ELSEWHERE = frozenset(("subshell", "substitution", "shell"))
_EXIT = regex(r"\bexit\b")
_NEAR = 4
"""How many commands may come between one and the look at its status."""
_NEXT = 2
"""How soon `$?` is still that of a command: what is substituted into its words comes between."""
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
    run = as_run(shell)
    switches = errexit_switches(shell, run)
    on = next((i for i, (_, option) in enumerate(switches) if option.enabled), None)
    if on is None:
        yield from _never_stops(subject, run)
        return
    at, switch = switches[on]
    if late := next(_unseen(shell, run, 0, max(at, 0)), None):
        message = f"{late.name or 'a command'} runs before set -e on line {switch.span.line}"
        yield Remark(subject.command_place(late), f"{message}, so its failure is not noticed")
    elif not switches[-1][1].enabled and any(_unseen(shell, run, switches[-1][0])):
        message = "set +e turns set -e off, and nothing turns it on again"
        yield Remark(subject.place(switches[-1][1].span, "set"), message)


def errexit_switches(shell: Shell, run: list[Command]) -> list[tuple[int, SetOption]]:
    """Where errexit is surely switched for the script itself, by position; -1 is the first line."""
    options = {option.span: option for option in shell.options if option.name == "errexit"}
    spans = {command.span for command in run}
    first = [(-1, o) for o in options.values() if o.span not in spans and not o.scopes]
    found = [
        (i, options[command.span])
        for i, command in enumerate(run)
        if command.span in options and _WHOLE.issuperset(command.scopes) and not command.dependent
    ]
    return first + found


def _never_stops(subject: ScriptSubject, run: list[Command]) -> Iterator[Remark]:
    """Nothing is said where set -e would change nothing."""
    shell = subject.shell
    if not shell.errors and (not any(_unseen(shell, run)) or _ends_by_trap(shell, run)):
        return
    first = shell.commands[0].span
    place = subject.place(Span(*first.start, *first.start) if shell.interpreter is None else START)
    message = "set -e is missing: the script goes on after a command that fails"
    doubt = _doubt(subject, run)
    verdict = Verdict.UNVERIFIED if doubt else Verdict.FAIL
    yield Remark(place, f"{message}{doubt}", verdict)


def _doubt(subject: ScriptSubject, run: list[Command]) -> str:
    """Why it may stop all the same; empty where it does not."""
    shell = subject.shell
    if shell.interpreter is None:
        return ", unless another reads it in"
    if shell.errors:
        return ", or stands where it cannot be read"
    for option in shell.options:
        if option.name == "errexit" and option.enabled and _ELSEWHERE.isdisjoint(option.scopes):
            return f", unless it gets to set -e on line {option.span.line}"
    for command in run:
        if command.name == "trap" and _is_for_errors(command):
            return f", unless the trap on line {command.span.line} ends it"
        if command.name in _READING and not _SETTINGS.search(command.words[-1].raw):
            return f", unless the file that line {command.span.line} reads in sets it"
    return ""


def _ends_by_trap(shell: Shell, run: list[Command]) -> bool:
    """Whether a trap for ERR ends the script; functions have it by errtrace only."""
    inherited = any(option.name == "errtrace" and option.enabled for option in shell.options)
    traps = [c for c in run if c.name == "trap" and _is_for_errors(c) and not c.scopes]
    exits = any(_EXIT.search(trap.words[1].raw) for trap in traps)
    return exits and (inherited or not shell.functions)


def _is_for_errors(trap: Command) -> bool:
    return any(word.text == "ERR" for word in trap.words[2:])


def _is_library(shell: Shell) -> bool:
    """Whether it only defines: functions, variables, other libraries."""
    return all(
        "function" in command.scopes
        or not command.words
        or command.name in (*_DECLARING, "set", "source", ".")
        for command in shell.commands
    )


def _unseen(
    shell: Shell, run: list[Command], start: int = 0, end: int | None = None
) -> Iterator[Command]:
    """The commands at whose failure set -e would stop, and which else nobody notices.

    The failure of the last command of all is the script's; `$?` asks for that of others. Of a
    pipeline set -e looks at the last part.
    """
    for at, command in enumerate(run[start:end], start):
        following = run[at + 1 : at + 1 + _NEXT]
        goes_on = command.piped_into is None and (following or "loop" in command.scopes)
        if goes_on and is_risk(shell, command) and not any(map(_asks_status, following)):
            yield command


def is_risk(shell: Shell, command: Command) -> bool:
    """Whether set -e would stop at the failure of a command."""
    if not command.words or command.name in _SETTING_UP:
        return False
    if command.ignored or command.tested or command.background or only_shows(command):
        return False
    if command.name in _READING and command.dependent:
        return False  # read in where it is there
    if "substitution" not in command.scopes:
        return True
    outer = shell.commands[command.parent] if command.parent is not None else None
    return outer is not None and not outer.words  # only an assignment passes the failure on


def _asks_status(command: Command) -> bool:
    words = (*command.words, *(value for _, value in command.assignments))
    return any(part.text == "?" for word in words for part in word.variables)


def pipelines(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A pipeline fails when its first command does.

    One finding a script, at the first such pipeline.
    """
    subject: ScriptSubject = view.subject
    shell = subject.shell
    first = next(hidden_by_pipes(shell), None)
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


@takes(changes=by_name(WORDS, least=1))
def ignored(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No command that changes the system has its failure swallowed by `|| true`, `|| echo`."""
    subject: ScriptSubject = view.subject
    command = subject.command
    assert command
    if "condition" in command.scopes or _is_negated(subject, command) or _is_read(subject):
        return
    if not command.ignored and not _only_told(subject):
        return
    action = _action([word.text or "" for word in command.unwrapped()[1:]])
    if action in params["changes"].get(command.program or "", ()):
        message = f"the failure of {command.program} {action} is swallowed"
        yield Remark(
            subject.command_place(command), f"{message}: the script goes on as if it worked"
        )


def _only_told(subject: ScriptSubject) -> bool:
    """Whether `|| echo failed` is all that comes of a failure."""
    command = subject.command
    following = subject.shell.commands[subject.index + 1 : subject.index + 1 + _NEAR]
    instead = list(takewhile(lambda one: one.alternative, following))
    told = instead and all(one.name in _TELLING for one in instead)
    return bool(command and command.tested and told and len(instead) < _NEAR)


def _is_read(subject: ScriptSubject) -> bool:
    """Whether the script takes what the command says of its failure: `$(… 2>&1)`, `2> errors`."""
    command = subject.command
    assert command
    following = subject.shell.commands[subject.index + 1 : subject.index + 1 + _NEAR]
    named = {word.raw for one in following for word in one.words}
    for redirect in command.redirects:
        if redirect.descriptor == "2" and redirect.operator == ">&":
            return "substitution" in command.scopes
        if redirect.descriptor == "2" and redirect.target.raw in named:
            return True
    return False


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
