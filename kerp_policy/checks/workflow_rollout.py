"""Checks of what follows a change: waiting for it, undoing it, hiding that it failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.shell.arguments import is_command, option
from kerp_policy.artifacts.workflow import Job, Step
from kerp_policy.artifacts.workflow.changes import Change, undoes
from kerp_policy.artifacts.workflow.conditions import after_success, runs_after
from kerp_policy.artifacts.workflow.evaluate import may_run
from kerp_policy.artifacts.workflow.expressions import references
from kerp_policy.artifacts.workflow.failures import asks_for_result, runs_where_failed
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.findings import Place, Remark, unverified
from kerp_policy.kubernetes.durations import parse_duration
from kerp_policy.parameters import COUNT, ENVIRONMENT, by_name, takes
from kerp_policy.views import View, lookup
from kerp_policy.wording import listed

_STATUS = ("kubectl", "rollout", "status")
WAITING = (_STATUS, ("kubectl", "wait"))
_RUNNERS = frozenset(("make", "just", "task", "npm", "bash", "sh", "source", "."))

Numbered = tuple[Step, int, Command]


@takes(timeouts=by_name(COUNT, ENVIRONMENT))
def status(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """After its last change a job waits for the rollout, as long as the standard says.

    Source: the manual of `kubectl rollout status`, `--timeout`: by default it waits for ever.
    """
    job: Job = view.subject
    changes = [change for change in job.changes if not change.waits]
    if not changes:
        return
    last = changes[-1]
    later = [(step, command) for step, _, command in _after(job, last)]
    following = [command for step, command in later if _follows(step, last)]
    waits = [(step, command) for step, command in later if is_command(command, *WAITING)]
    wanted = params["timeouts"].get(view.environment)
    if not any(is_command(command, *WAITING) for command in following):
        yield _unfollowed(last, wanted, hidden=any(map(runs_a_script, following)))
    for step, command in waits:
        yield from _timeout(step, command, wanted)


def _unfollowed(change: Change, wanted: int | None, *, hidden: bool) -> Remark:
    message = f"{change.what} is not followed by kubectl rollout status"
    place = Place(change.span, address(change.step))
    expected = f"; expected one with --timeout={wanted}s" if wanted else ""
    if hidden or (change.step.script and change.step.script.shell.errors):
        return unverified(place, f"{message} in this file, unless a script behind it does so")
    return Remark(place, message + expected)


def _timeout(step: Step, command: Command, wanted: int | None) -> Iterator[Remark]:
    place = Place(command.span, address(step))
    given = option(command.unwrapped(), "--timeout")
    name = "kubectl wait" if is_command(command, ("kubectl", "wait")) else "kubectl rollout status"
    expected = f"expected --timeout={wanted}s" if wanted else "expected a --timeout"
    if how := endless(command):
        yield Remark(place, f"{name} has {how}, so it waits for ever; {expected}")
        return
    if given is None:
        return
    seconds = parse_duration(given)
    if seconds is None:
        yield unverified(
            place, f"the --timeout of {name} is decided when the workflow runs; {expected}"
        )
    elif wanted and seconds != wanted:
        yield Remark(place, f"{name} has --timeout={given}; {expected}")


def endless(wait: Command) -> str:
    """What makes a wait last for ever; empty where nothing does.

    Source: the manuals: `kubectl rollout status` has no end by default, `kubectl wait` has one.
    """
    if not is_command(wait, _STATUS):
        return ""
    given = option(wait.unwrapped(), "--timeout")
    if given is None:
        return "no --timeout"
    seconds = parse_duration(given)
    return f"--timeout={given}" if seconds is not None and seconds <= 0 else ""


def _commands(job: Job) -> Iterator[Numbered]:
    for step in job.steps:
        if step.script:
            yield from ((step, i, command) for i, command in enumerate(step.script.shell.commands))


def _after(job: Job, change: Change) -> Iterator[Numbered]:
    """The commands that come later in the job."""
    here = (change.step.index, -1 if change.command is None else change.command)
    return (found for found in _commands(job) if (found[0].index, found[1]) > here)


def _follows(step: Step, change: Change) -> bool:
    """Whether a step runs where the change has not failed."""
    return step is change.step or after_success(step.condition)


def runs_a_script(command: Command) -> bool:
    """Whether a command runs a program of the repository's own, that may do anything."""
    first = command.unwrapped()[0].text if command.unwrapped() else None
    name = command.program or ""
    return name in _RUNNERS or (first or "").startswith(("./", "../")) or name.endswith(".sh")


def undo(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Something goes back to what ran before where a rollout fails: the job, or one after it."""
    job: Job = view.subject
    changes = [change for change in job.changes if not change.waits]
    if not changes:
        return
    jobs = job.workflow.jobs.values()
    if any(_undoes(each) for each in jobs if each is job or job.workflow.waits_for(each, job)):
        return
    first = changes[-1]
    message = f"nothing undoes the rollout of job {job.id} where it fails"
    yield Remark(Place(first.span, address(first.step)), message)


def _undoes(job: Job) -> bool:
    return any(
        undoes(command) or (runs_a_script(command) and "rollback" in _text(command))
        for _, _, command in _commands(job)
    ) or any("rollback" in step.uses.lower() for step in job.steps)


def _text(command: Command) -> str:
    return " ".join(word.raw for word in command.words).lower()


def hidden_failure(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A change that fails, or a wait that does, fails the job."""
    job: Job = view.subject
    yield from _continues(job)
    changes = {(change.step.index, change.command) for change in job.changes}
    for step, index, command in _commands(job):
        decides = is_command(command, *WAITING) or (step.index, index) in changes
        if decides and command.ignored and not {"condition", "function"} & set(command.scopes):
            name = " ".join(word.raw for word in command.unwrapped()[:3])
            message = f"the failure of {name} is swallowed (|| true or its like)"
            yield Remark(Place(command.span, address(step)), message, subject=name)


def _continues(job: Job) -> Iterator[Remark]:
    if job.data.get("continue-on-error") is True:
        yield Remark(
            ("continue-on-error",), f"continue-on-error is true for job {job.id}, which deploys"
        )
    yield from _follows_failures(job)
    yield from _follows_any_end(job)
    steps = {change.step.index: change for change in job.changes}
    for change in steps.values():
        step = change.step
        if step.data.get("continue-on-error") is True:
            place = Place(step.file.span((*step.path, "continue-on-error")), address(step))
            yield Remark(place, f"continue-on-error is true for a step that runs {change.what}")
        if "failure" in runs_after(step.condition) and after_success(step.condition):
            place = Place(step.file.span((*step.path, "if")), address(step))
            message = f"{change.what} runs even where an earlier step failed"
            if any(node.text.startswith("steps.") for node in references(step.condition)):
                yield unverified(place, f"files do not show whether {message}")
            else:
                yield Remark(place, message)


def _follows_failures(job: Job) -> Iterator[Remark]:
    """The jobs before it whose failure does not keep it from deploying."""
    if "failure" not in runs_after(job.condition):
        return
    asks, failed = asks_for_result(job), {True: list[str](), None: list[str]()}
    for need in job.needs:
        runs = runs_where_failed(job, need)
        if runs is not False:
            failed[runs if asks else True].append(need)
    if failed[True]:
        message = f"job {job.id} deploys even where {listed(failed[True][:5], 'or')} failed"
        yield Remark(("if",), message)
    elif failed[None]:
        message = f"whether job {job.id} deploys even where {listed(failed[None][:5], 'or')} failed"
        yield unverified(("if",), f"files do not show {message}")


def _follows_any_end(job: Job) -> Iterator[Remark]:
    """The workflow that starts this one has ended, which says nothing of how.

    Source: GitHub documentation, "Events that trigger workflows", `workflow_run`.
    """
    workflow = job.workflow
    ends = "completed" in lookup(workflow.triggers, ("workflow_run", "types"), ["completed"])
    if "workflow_run" not in workflow.triggers or not ends:
        return
    asks = any("conclusion" in line for line in workflow.lines if line.lstrip()[:1] != "#")
    if not asks and may_run(job, {"github.event_name": "workflow_run"}) is not False:
        message = f"job {job.id} deploys even where the workflow that starts it failed"
        wanted = "github.event.workflow_run.conclusion == 'success'"
        yield Remark(("if",), f"{message}; expected if: {wanted}")
