"""Commands to measure, each a script of its own, so that all of them start alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from shlex import join, quote
from typing import NamedTuple

NOT_RUN = 125
"""What a script exits with when one of its steps could not do its work."""


class Step(NamedTuple):
    """One program to run, and the exit codes that say it did its work."""

    words: tuple[str, ...]
    accepted: frozenset[int]
    folder: Path


@dataclass(frozen=True, slots=True)
class Command:
    """One or more programs, one after the other.

    Attributes:
        name: what tables call it.
        steps: the programs.
        before: shell commands to run before each run, outside of the time.
    """

    name: str
    steps: tuple[Step, ...]
    before: str = ""

    def script(self) -> str:
        """A shell script that runs it and exits with 0, or with NOT_RUN."""
        return "\n".join(["exec >/dev/null 2>&1", *map(_guarded, self.steps), "exit 0\n"])


def chain(commands: Iterable[Command], name: str = "") -> Command:
    """Commands one after the other, as one."""
    commands = list(commands)
    steps = tuple(step for command in commands for step in command.steps)
    return Command(name or " + ".join(command.name for command in commands), steps)


def _guarded(step: Step) -> str:
    codes = "|".join(map(str, sorted(step.accepted)))
    return (
        f"cd {quote(str(step.folder))} && {join(step.words)}\n"
        f"case $? in {codes}) ;; *) exit {NOT_RUN} ;; esac"
    )
