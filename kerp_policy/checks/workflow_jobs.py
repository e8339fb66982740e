"""Checks of jobs: permissions, time, concurrency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Job, Workflow
from kerp_policy.artifacts.workflow.expressions import find_expressions
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.artifacts.workflow.runners import NEWEST, labels
from kerp_policy.artifacts.workflow.untrusted import reaching
from kerp_policy.findings import Place, Remark, unverified
from kerp_policy.parameters import MORE_THAN_ZERO, takes
from kerp_policy.views import View, lookup
from kerp_policy.wording import clipped, counted_few

_LONGEST_DEFAULT = 360
"""Minutes after which GitHub itself ends a job ("Workflow syntax", `timeout-minutes`)."""


def permissions(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every job's token has stated permissions, and none has all.

    Without any the repository's setting counts, which may be write access to everything (GitHub
    documentation, "Workflow syntax", `permissions`).
    """
    workflow: Workflow = view.subject
    jobs = [job for job in workflow.jobs.values() if job.permissions is None]
    if jobs and workflow.triggers.keys() == {"workflow_call"}:
        called = counted_few("job", [job.id for job in jobs])
        message = f"permissions is not set for {called}, so those of the caller count"
        yield unverified(("permissions",), message)
    elif jobs:
        whose = counted_few("job", [job.id for job in jobs])
        message = f"permissions is not set for {whose}, so the repository's default counts"
        yield Remark(("permissions",), f"{message}; expected contents: read and what the jobs need")
    whole = view.locate(("permissions",))
    holders = [(workflow.data, whole), *((j.data, at(j, "permissions")) for j in _jobs(workflow))]
    for holder, place in holders:
        if (value := holder.get("permissions")) in ("write-all", "read-all"):
            yield Remark(place, f"permissions is {value}; expected the scopes that are needed")


def write_for_all(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What may write is granted to the job that writes, not to every job of the workflow."""
    workflow: Workflow = view.subject
    granted = workflow.data.get("permissions")
    heirs = [job.id for job in _jobs(workflow) if job.data.get("permissions") is None]
    if not isinstance(granted, dict) or len(heirs) < 2:
        return
    for scope, access in granted.items():
        if access == "write":
            message = f"{scope}: write is granted to {counted_few('job', heirs)} alike"
            path = ("permissions", scope)
            yield Remark(path, f"{message}; expected it in the job that needs it", subject=scope)


def _jobs(workflow: Workflow) -> list[Job]:
    return list(workflow.jobs.values())


@takes(max=MORE_THAN_ZERO)
def timeout(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A job ends in time; one that only calls another workflow cannot say so itself."""
    job: Job = view.subject
    if job.uses:
        return
    value = job.data.get("timeout-minutes")
    steps = job.steps
    if value is None and not (steps and all(s.data.get("timeout-minutes") for s in steps)):
        message = f"timeout-minutes is not set, which means {_LONGEST_DEFAULT}"
        yield Remark(("timeout-minutes",), f"{message}; expected at most {params['max']}")
    elif isinstance(value, int | float) and not 0 < value <= params["max"]:
        expected = f"at most {params['max']}" if value > 0 else f"1 to {params['max']}"
        message = f"timeout-minutes is {value:g}; expected {expected}"
        yield Remark(("timeout-minutes",), message)


def concurrency(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Deployments of one environment wait for each other, and none is cut off half-way."""
    workflow: Workflow = view.subject
    jobs = [job for job in _jobs(workflow) if job.changes]
    alone = [job for job in jobs if job.data.get("concurrency") is None]
    if alone and workflow.data.get("concurrency") is None:
        names = counted_few("job", [job.id for job in alone])
        message = f"no concurrency group holds {names}, so two runs deploy at the same time"
        yield Remark(("concurrency",), message)
    key = ("concurrency", "cancel-in-progress")
    for holder, job in [(workflow.data, None), *((job.data, job) for job in jobs)]:
        if name := _of_one_run(holder.get("concurrency")):
            message = f"the concurrency group holds {name}, so that each run has its own"
            place = at(job, "concurrency") if job else view.locate(("concurrency",))
            yield Remark(place, f"{message}; expected one for the environment")
    holders = [(workflow.data, view.locate(key)), *((j.data, at(j, *key)) for j in jobs)]
    for holder, place in holders:
        if lookup(holder, key) is True:
            message = "cancel-in-progress is true, so a newer run ends a deployment half-way"
            yield Remark(place, f"{message}; expected false")


_ONE_RUN = frozenset(("github.run_id", "github.run_number", "github.sha", "github.run_attempt"))


def _of_one_run(concurrency: Any) -> str:
    """What makes a group differ from run to run."""
    group = lookup(concurrency, ("group",)) if isinstance(concurrency, dict) else concurrency
    found = find_expressions(group) if isinstance(group, str) else ()
    names = (node.text for expression in found for node, _ in reaching(expression))
    return next((name for name in names if name in _ONE_RUN), "")


def image(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A job names the release of the image that it runs on, not whatever is newest."""
    job: Job = view.subject
    for path, label in labels(job):
        if numbered := NEWEST.get(label.lower()):
            message = f"{label} moves to the next release by itself"
            place = Place(job.workflow.span(path), address(job))
            yield Remark(place, f"{message}; expected one by its number, as {numbered}")


_THE_SAME = frozenset(
    f"github.{name}" for name in ("workflow", "job", "repository", "repository_owner", "event_name")
)
_ON_TARGET = frozenset(("github.ref", "github.ref_name", "github.sha", "github.base_ref"))
"""What is of the branch that a pull request goes to, where the event is pull_request_target."""


def shared_group(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No pull request ends the run of another, which nobody starts again.

    A deployment that a newer one ends is told by `concurrency`. Source: GitHub documentation,
    "Control the concurrency of workflows and jobs", and "Events that trigger workflows" for what
    `github.ref` is.
    """
    workflow: Workflow = view.subject
    events = [e for e in ("pull_request", "pull_request_target") if e in workflow.triggers]
    same = _THE_SAME | _ON_TARGET if events == ["pull_request_target"] else _THE_SAME
    holders = [(workflow.data, None), *((j.data, j) for j in _jobs(workflow) if not j.changes)]
    for holder, job in holders:
        given = holder.get("concurrency")
        if not events or lookup(given, ("cancel-in-progress",)) is not True:
            continue
        group = str(lookup(given, ("group",), ""))
        parts = [node.text for e in find_expressions(group) for node, _ in reaching(e)]
        if not (job is None and view.facts["deploys"]) and all(part in same for part in parts):
            message = f"all pull requests share the group {clipped(group)}, so each ends the others"
            place = at(job, "concurrency") if job else view.locate(("concurrency",))
            yield Remark(place, f"{message}; expected github.event.pull_request.number in it")


def deadlock(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No job waits for a group that its own run holds: GitHub cancels it.

    Source: GitHub documentation, "Control the concurrency of workflows and jobs".
    """
    workflow: Workflow = view.subject
    held = _group(workflow.data)
    for job in _jobs(workflow) if held and "github.job" not in held else ():
        if _group(job.data) == held:
            message = f"the run holds the group {clipped(held)}, for which this job waits"
            so = "so GitHub cancels it; expected another group"
            yield Remark(at(job, "concurrency"), f"{message}, {so}")


def _group(data: Mapping[str, Any]) -> str:
    given = data.get("concurrency")
    group = given.get("group") if isinstance(given, dict) else given
    return group.strip() if isinstance(group, str) else ""


def at(job: Job, *path: str) -> Place:
    """A place in a job, for checks of the whole workflow."""
    return Place(job.workflow.span((*job.path, *path)), address(job))
