"""The stable names of jobs and steps."""

from __future__ import annotations

from kerp_policy.artifacts.workflow.model import Job
from kerp_policy.artifacts.workflow.steps import Step
from kerp_policy.paths import Path


def address(thing: Job | Step) -> str:
    """The stable name: `path#job`, `path#job/step(id)`."""
    if isinstance(thing, Job):
        return f"{thing.workflow.name}#{thing.id}"
    job = thing.job.id if thing.job else "runs"
    return f"{thing.file.name}#{job}/step({thing.name})"


def setter(step: Step, path: Path) -> str:
    """The address of the step, the job or the workflow that sets a variable at a path."""
    if path[: len(step.path)] == step.path:
        return address(step)
    return address(step.job) if step.job and path[0] == "jobs" else f"{step.file.name}#env"
