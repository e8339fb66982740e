"""Pipelines: whose failure they hide (POSIX, "Pipelines"; bash, "The Set Builtin", `pipefail`)."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.shell.failures import always_works, fails_on_nothing, stops_early
from kerp_policy.artifacts.shell.model import Command, SetOption, Shell

_NEAR = 4
"""How many commands may come between one and the look at its status."""
_LONGEST = 50
_NEVER_FAILS = frozenset(("echo", "printf", "true", ":", "yes", "seq", "date"))


def hidden_by_pipes(shell: Shell) -> Iterator[Command]:
    """The commands whose failure a pipeline hides, where pipefail is not on."""
    switches = [option for option in shell.options if option.name == "pipefail"]
    for index, command in enumerate(shell.commands):
        covered = not _is_hidden(command, shell) or _covers(switches, command)
        if not covered and not _asks_parts(shell, index):
            yield command


def last_of_pipe(command: Command, shell: Shell) -> Command:
    """The command at the end of the pipe that one stands in, whose status is that of the pipe."""
    return [command, *behind(command, shell)][-1]


def behind(command: Command, shell: Shell) -> Iterator[Command]:
    """The commands that a pipe leads to from this one on."""
    for _ in range(_LONGEST):
        if command.piped_into is None:
            return
        command = shell.commands[command.piped_into]
        yield command


def _covers(switches: list[SetOption], command: Command) -> bool:
    """Whether pipefail is on, but for stretches between two switches, which are meant.

    Of a function files do not show when it is called, nor of its switches when they act.
    """
    on = next((switch for switch in switches if switch.enabled), None)
    if on is None or "function" in command.scopes or "function" in on.scopes:
        return on is not None
    last = switches[-1]
    ends = not last.enabled and not last.scopes and last.span < command.span
    return on.span < command.span and not ends


def _asks_parts(shell: Shell, index: int) -> bool:
    """Whether one of the next commands looks at the status of each part of a pipeline."""
    following = shell.commands[index + 1 : index + 1 + _NEAR]
    words = [w for c in following for w in (*c.words, *(value for _, value in c.assignments))]
    return any("PIPESTATUS" in word.raw.upper() for word in words)


def _is_hidden(command: Command, shell: Shell) -> bool:
    """Whether nothing else tells of a failure: what reads nothing may fail for that reason.

    Where a later command ends early, pipefail would take that for a failure.
    """
    if command.piped_into is None or command.program in _NEVER_FAILS or always_works(command):
        return False
    if command.ignored or not {"condition", "shell"}.isdisjoint(command.scopes):
        return False
    readers = list(behind(command, shell))
    return not (fails_on_nothing(readers[-1]) or any(map(stops_early, readers)))
