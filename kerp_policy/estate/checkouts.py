"""What a job checks out: whether it works on the project as it lies here."""

from __future__ import annotations

from kerp_policy.artifacts.workflow import Job, Step

CHECKOUT = "actions/checkout"


def checkouts(job: Job) -> list[Step]:
    """The steps that check something out."""
    return [step for step in job.steps if step.action == CHECKOUT]


def works_elsewhere(job: Job) -> bool:
    """Whether a job checks out another project, or this one into a folder of its own."""
    named = (step.inputs.get(name) for step in checkouts(job) for name in ("path", "repository"))
    return any(named)


def is_of_this_commit(job: Job) -> bool:
    """Whether what a job checks out is what lies here: no other branch, no caller's project."""
    called = "workflow_call" in job.workflow.triggers
    return not called and not any("ref" in step.inputs for step in checkouts(job))
