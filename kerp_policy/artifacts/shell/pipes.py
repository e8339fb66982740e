"""Pipelines: whose failure they hide (POSIX, "Pipelines"; bash, "The Set Builtin", `pipefail`)."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.shell.model import Command, SetOption, Shell

_NEAR = 4
"""How many commands may come between one and the look at its status."""
_NEVER_FAILS = frozenset(("echo", "printf", "true", ":", "yes", "seq", "date"))


def hidden_by_pipes(shell: Shell) -> Iterator[Command]:
    """The commands whose failure a pipeline hides, where pipefail is not on."""
    switches = [option for option in shell.options if option.name == "pipefail"]
    for index, command in enumerate(shell.commands):
        covered = not _is_hidden(command) or _covers(switches, command)
        if not covered and not _asks_parts(shell, index):
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


def _is_hidden(command: Command) -> bool:
    outside = {"condition", "shell"}.isdisjoint(command.scopes)
    piped = command.piped_into is not None and command.program not in _NEVER_FAILS
    return piped and outside and not command.ignored
