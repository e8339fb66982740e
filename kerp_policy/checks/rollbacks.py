"""Checks of what follows a rollback: that it is waited for, and that somebody reads what runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.artifacts.shell.arguments import is_command, is_dry, option
from kerp_policy.artifacts.workflow import Job, Step
from kerp_policy.artifacts.workflow.changes import undoes
from kerp_policy.artifacts.workflow.conditions import runs_after
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.checks.workflow_rollout import WAITING, endless, runs_a_script
from kerp_policy.findings import NOT_APPLICABLE, Place, Remark, unverified
from kerp_policy.scopes.script import ScriptSubject
from kerp_policy.views import View

_TELLING = (
    ("kubectl", "get"),
    ("kubectl", "describe"),
    ("kubectl", "rollout", "history"),
    ("helm", "status"),
    ("helm", "get"),
    ("helm", "history"),
    ("helm", "list"),
    ("helm", "ls"),
)


def waits_in_script(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What a script rolls back it waits for, and not for ever."""
    subject: ScriptSubject = view.subject
    found = list(_undone(subject.shell.commands))
    if not found:
        yield NOT_APPLICABLE
    for undo, later in found:
        wait = next((command for command in later if is_command(command, *WAITING)), None)
        if wait is None:
            yield _unfollowed(undo, subject.command_place(undo), hidden=_is_hidden(later))
        elif how := endless(wait):
            message = f"kubectl rollout status has {how}, so it waits for ever"
            yield Remark(subject.command_place(wait), f"{message}; expected a --timeout")


def tells_in_script(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A script that rolls back says at its end what runs now."""
    subject: ScriptSubject = view.subject
    found = list(_undone(subject.shell.commands))
    if not found:
        yield NOT_APPLICABLE
    for undo, later in found:
        if not any(is_command(command, *_TELLING) for command in later):
            message = f"nothing in this script says what runs after {_named(undo)}"
            place = subject.command_place(undo)
            yield unverified(place, message) if _is_hidden(later) else Remark(place, message)


def waits_in_job(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What a job rolls back it waits for, where what it rolls back may have failed."""
    job: Job = view.subject
    steps = filter(_rolls_back, job.steps)
    found = [(step, *each) for step in steps for each in _undone(_commands(step))]
    if not found:
        yield NOT_APPLICABLE
    for step, undo, rest in found:
        later = [*rest, *_of_steps(step, job.steps[step.index + 1 :])]
        if not any(is_command(command, *WAITING) for command in later):
            yield _unfollowed(undo, Place(undo.span, address(step)), hidden=_is_hidden(later))


def _rolls_back(step: Step) -> bool:
    """Whether the text of a step may have a rollback in it, which most have not."""
    return "undo" in step.run or "rollback" in step.run


def _commands(step: Step) -> Sequence[Command]:
    return step.script.shell.commands if step.script else ()


def _is_hidden(later: Sequence[Command]) -> bool:
    """Whether what comes may do anything: a script of the repository's own."""
    return any(map(runs_a_script, later))


def _undone(commands: Sequence[Command]) -> Iterator[tuple[Command, Sequence[Command]]]:
    """Each rollback that returns at once, with what may run after it.

    What calls a function may stand anywhere.
    """
    for index, command in enumerate(commands):
        if undoes(command) and not _waits(words := command.unwrapped()) and not is_dry(words):
            is_function = "function" in command.scopes
            yield command, commands if is_function else commands[index + 1 :]


def _waits(words: Sequence[Word]) -> bool:
    return option(words, "--wait") is not None


def _of_steps(step: Step, later: Sequence[Step]) -> Iterator[Command]:
    """The commands of steps that may run where a step did."""
    outcomes = runs_after(step.condition)
    for other in later:
        if outcomes & runs_after(other.condition):
            yield from _commands(other)


def _unfollowed(undo: Command, place: Place, *, hidden: bool) -> Remark:
    message = f"{_named(undo)} is not followed by kubectl rollout status"
    if hidden:
        return unverified(place, f"{message} in this file, unless a script behind it does so")
    expected = "or --wait" if undo.program == "helm" else "with a --timeout"
    return Remark(place, f"{message}; expected one {expected}")


def _named(undo: Command) -> str:
    return "helm rollback" if undo.program == "helm" else "kubectl rollout undo"
