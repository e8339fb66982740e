"""The stable names of jobs and steps."""

from __future__ import annotations

from kerp_policy.artifacts.workflow.model import Job
from kerp_policy.artifacts.workflow.steps import Step


def address(thing: Job | Step) -> str:
    """The stable name: `path#job`, `path#job/step(id)`."""
    if isinstance(thing, Job):
        return f"{thing.workflow.name}#{thing.id}"
    job = thing.job.id if thing.job else "runs"
    return f"{thing.file.name}#{job}/step({thing.name})"
