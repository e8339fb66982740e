"""From workflows and actions to what they ask for and whom they call: `interfaces` has the records.

Source: GitHub documentation, "Reuse workflows" and "Metadata syntax reference".
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.workflow import Job, Step, Workflow, address
from kerp_policy.artifacts.workflow.expressions import references
from kerp_policy.artifacts.workflow.kinds import kind_given
from kerp_policy.artifacts.workflow.steps import Value, text
from kerp_policy.estate.checkouts import CHECKOUT, is_of_this_commit, works_elsewhere
from kerp_policy.estate.facts import Fact
from kerp_policy.estate.interfaces import (
    Access,
    ActionUse,
    Demand,
    Given,
    Interface,
    Parameter,
    Read,
    WorkflowCall,
)
from kerp_policy.estate.writes import step_writes_nothing
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.views import View, lookup

_OF_DOCKER = (Parameter("args"), Parameter("entrypoint"))
"""What every action takes that is a container ("Workflow syntax", `with.args`)."""

_CALLED = regex(r"\./\.github/workflows/[^/@]+\.ya?ml")
_OF_ITS_OWN = regex(r"\b(?:inputs|matrix|needs|strategy)\b")
"""What is another thing in a called workflow."""
_MAKER = regex(r"\bgit\b|\.github\b")

Reads = Mapping[tuple[str, str], Sequence[Read]]
"""By the job (empty for `needs` and `jobs`) and the id of what is called, the outputs read."""


def call_facts(view: View) -> Iterator[Fact]:
    """What a workflow asks of its callers, and the calls in it."""
    workflow: Workflow = view.subject
    if "workflow_call" in workflow.triggers:
        yield _of_workflow(view, workflow)
    jobs = workflow.jobs.values()
    calls = [job for job in jobs if _CALLED.fullmatch(job.uses)]
    reads = _reads(workflow) if calls or _has_local(workflow) else {}
    environments = view.facts["environments"]
    for job in calls:
        yield _call(job, environments[job.id], reads)
    for job in jobs:
        yield from _uses(job.steps, environments[job.id], reads)


def action_facts(view: View) -> Iterator[Fact]:
    """The same of an action."""
    action: Workflow = view.subject
    yield _of_action(view, action)
    yield from _uses(action.steps, None, _reads(action) if _has_local(action) else {})


def _is_local(step: Step) -> bool:
    return step.uses.startswith("./")


def _has_local(file: Workflow) -> bool:
    return any(map(_is_local, file.steps))


def _at(workflow: Workflow, job: str) -> str:
    """The address of the permissions of a job, or of the whole workflow."""
    return f"{workflow.name}#{job or 'permissions'}"


def _of_workflow(view: View, workflow: Workflow) -> Interface:
    asked = workflow.triggers["workflow_call"]
    place = Place(workflow.span(("on", "workflow_call")), f"{workflow.name}#on")
    levels: list[tuple[str, Path, Mapping[str, Any]]] = [("", (), workflow.data)]
    levels += [(job.id, job.path, job.data) for job in workflow.jobs.values()]
    demands = [
        Demand(job, access, Place(workflow.span((*path, "permissions")), _at(workflow, job)))
        for job, path, data in levels
        if (access := _access(data.get("permissions"))) is not None
    ]
    outputs = _names(lookup(asked, ("outputs",), {}))
    inputs = _parameters(lookup(asked, ("inputs",), {}))
    secrets = _parameters(lookup(asked, ("secrets",), {}))
    file = view.facts["file"]
    group, found = _group(workflow.data), tuple(demands)
    return Interface(file, place, None, "", inputs, secrets, outputs, found, group)


def _of_action(view: View, action: Workflow) -> Interface:
    file = view.facts["file"]
    using = text(lookup(action.data, ("runs", "using")))
    inputs = _parameters(action.data.get("inputs") or {}, defaults=True)
    if using == "docker" and inputs is not None:
        inputs += _OF_DOCKER
    outputs = _names(action.data.get("outputs") or {}) if using == "composite" else None
    place = Place(action.span(("inputs",)), f"{file}#inputs")
    return Interface(file, place, None, posixpath.dirname(file) or ".", inputs, (), outputs)


def _parameters(declared: Any, *, defaults: bool = False) -> tuple[Parameter, ...] | None:
    """What is declared; of an action, what has a default need not be given."""
    if not isinstance(declared, dict):
        return None
    return tuple(
        Parameter(
            name,
            text(lookup(about, ("type",))),
            str(lookup(about, ("required",))).lower() == "true"
            and not (defaults and lookup(about, ("default",)) is not None),
        )
        for name, about in declared.items()
    )


def _names(declared: Any) -> tuple[str, ...] | None:
    return tuple(name.lower() for name in declared) if isinstance(declared, dict) else None


def _access(permissions: Any) -> Access | None:
    if permissions in ("read-all", "write-all"):
        return {"*": permissions.removesuffix("-all")}
    if not isinstance(permissions, dict):
        return None
    return {scope: str(level) for scope, level in permissions.items()}


def _call(job: Job, environment: str | None, reads: Reads) -> WorkflowCall:
    workflow, where = job.workflow, address(job)
    file, granted = workflow.name, job.permissions or Value(None, ())
    at = (*job.path, "permissions" if "permissions" in job.data else "uses")
    given = job.data.get("secrets")
    top = file.partition(".github/")[0]
    return WorkflowCall(
        file,
        Place(workflow.span((*job.path, "uses")), where),
        environment,
        where,
        job.id,
        f"{top}{job.uses.removeprefix('./')}",
        _given(workflow, (*job.path, "with"), where),
        None if isinstance(given, str) else _given(workflow, (*job.path, "secrets"), where),
        tuple(reads.get(("", job.id.lower()), ())),
        _access(granted.value),
        Place(workflow.span(at), where),
        tuple(filter(None, map(_group, job.levels))),
    )


def _group(level: Mapping[str, Any]) -> str:
    """The concurrency group of a workflow or job, where caller and called read the same in it."""
    given = level.get("concurrency")
    group = text(given.get("group") if isinstance(given, dict) else given)
    return "" if _OF_ITS_OWN.search(group) else "".join(group.split())


def _given(file: Workflow, path: Path, where: str) -> tuple[Given, ...]:
    given = lookup(file.data, path, {})
    return tuple(
        Given(name, kind_given(file, value), Place(file.span((*path, name)), where))
        for name, value in (given.items() if isinstance(given, dict) else ())
    )


def _uses(steps: Sequence[Step], environment: str | None, reads: Reads) -> Iterator[ActionUse]:
    """The actions of the same repository that a job's steps run, or a composite action's."""
    if not any(map(_is_local, steps)):
        return
    job = steps[0].job
    is_fetched = job is None or "self-hosted" in str(job.data.get("runs-on"))
    untouched = _untouched(job) if job else None
    for step in steps:
        if _is_local(step):
            yield _use(step, environment, reads, is_fetched, untouched)
        is_fetched = is_fetched or step.action == CHECKOUT or not step_writes_nothing(step)


def _use(
    step: Step, environment: str | None, reads: Reads, is_fetched: bool, untouched: str | None
) -> ActionUse:
    file, where = step.file, address(step)
    top = file.name.partition(".github/")[0] if ".github/" in file.name else ""
    name = text(step.data.get("id")).lower()
    folder = posixpath.normpath(f"{top}{step.uses}")
    return ActionUse(
        file.name,
        Place(file.span((*step.path, "uses")), where),
        environment,
        folder,
        _given(file, (*step.path, "with"), where),
        tuple(reads.get((step.job.id if step.job else "runs", name), ())) if name else (),
        is_fetched,
        untouched is not None and folder.startswith(f"{top}{untouched}"),
    )


def _untouched(job: Job) -> str | None:
    """What the paths begin with that a job holds as they are here; None where it may hold others.

    Actions download and scripts write what they like, but into `.github` only if they say so.
    """
    writing = [step for step in job.steps if not _is_local(step) and not step_writes_nothing(step)]
    is_ours = is_of_this_commit(job) and not works_elsewhere(job)
    if not is_ours or any(_MAKER.search(step.run) for step in writing):
        return None
    return ".github/" if writing else ""


def _reads(file: Workflow) -> Reads:
    found: dict[tuple[str, str], list[Read]] = {}
    for path, expression in file.expressions:
        for node in references(expression):
            root, *rest = node.text.split(".")
            if len(rest) < 3 or rest[1] != "outputs" or rest[2] == "*":
                continue
            job = str(path[1]) if path[:1] == ("jobs",) and len(path) > 1 else "runs"
            key = (job if root == "steps" else "", rest[0])
            if root in ("steps", "needs", "jobs"):
                place = Place(file.span(path, node.start, node.end), _where(file, path))
                found.setdefault(key, []).append(Read(rest[2], place))
    return found


def _where(file: Workflow, path: Path) -> str:
    """The address of the step or job whose value an expression is part of."""
    if step := file.step_at(path):
        return address(step)
    return f"{file.name}#{path[1] if path[:1] == ('jobs',) else path[0]}"
