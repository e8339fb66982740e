"""What GitHub does not accept of a workflow: keys, types, events, the graph of jobs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any

from kerp_policy.artifacts.workflow.graph import cycle
from kerp_policy.artifacts.workflow.model import MAX_JOBS, Job, Workflow
from kerp_policy.artifacts.workflow.semantics import expression_problems
from kerp_policy.artifacts.workflow.steps import Step, text
from kerp_policy.paths import Path
from kerp_policy.schema import Validator, violations
from kerp_policy.shipped import DATA
from kerp_policy.sources.source import Problem, Span
from kerp_policy.views import lookup
from kerp_policy.wording import meant

_MOST = 100
"""Problems of one file: nobody reads more."""
_WITHOUT_RUN = frozenset(("wait", "wait-all", "cancel", "parallel"))
"""Keys of a step that only directs other steps."""
_TYPED = frozenset(("type", "enum", "anyOf", "const"))

Found = Iterator[tuple[Path, str]]


def workflow_problems(workflow: Workflow) -> list[Problem]:
    """Everything that keeps GitHub from running a workflow, at its place."""
    found = chain(_structure(workflow), _graph(workflow), expression_problems(workflow))
    return [*_problems(workflow, found), *_too_many(workflow)]


def _too_many(workflow: Workflow) -> Iterator[Problem]:
    jobs = workflow.data.get("jobs")
    if isinstance(jobs, dict) and len(jobs) > MAX_JOBS:
        message = f"of {len(jobs)} jobs only the first {MAX_JOBS} are judged"
        yield Problem("unreadable", workflow.span(("jobs",)), message)


def action_problems(action: Workflow) -> list[Problem]:
    """The same of an action's metadata; only composite actions have steps to read."""
    found = list(_fits(action, (), "action"))
    if lookup(action.data, ("runs", "using")) == "composite":
        found += _fits(action, ("runs",), "composite")
        found += [problem for step in action.steps for problem in _step(step)]
        return _problems(action, (*found, *expression_problems(action)))
    return _problems(action, found)


def _problems(workflow: Workflow, found: Iterable[Any]) -> list[Problem]:
    """As problems, one for a place and message; an exact span may stand in for the path."""
    problems: dict[tuple[Span, str], Problem] = {}
    for path, message, *span in found:
        place = span[0] if span else workflow.span(path)
        problems[place, message] = Problem("workflow-syntax", place, message)
        if len(problems) == _MOST:
            break
    return list(problems.values())


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((DATA / "schemas" / "workflow.json").read_text("utf-8"))
    return schema


@cache
def _validator(name: str) -> Validator:
    return Validator({**_schema(), "$ref": f"#/$defs/{name}"})


def _fits(workflow: Workflow, path: Path, name: str) -> Found:
    """Hold the value at a path to one part of the schema; an expression may be of any type."""
    data = lookup(workflow.data, path)
    for violation in violations(_validator(name), data):
        value = lookup(data, violation.path)
        if violation.kind in _TYPED and (value is None or _is_expression(value)):
            continue
        yield (*path, *violation.path), violation.message


def _is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.strip().startswith("${{") and value.endswith("}}")


def _structure(workflow: Workflow) -> Found:
    yield from _fits(workflow, (), "workflow")
    for key in ("on", "jobs"):
        if key in workflow.data and workflow.data[key] is None:
            yield (key,), f"{key} is empty"
    yield from _events(workflow)
    yield from _permissions(workflow, ("permissions",))
    for job in workflow.jobs.values():
        yield from _fits(workflow, job.path, "called-job" if "uses" in job.data else "job")
        yield from _permissions(workflow, (*job.path, "permissions"))
        yield from _twice(job)
        for step in job.steps:
            yield from _step(step)


def _events(workflow: Workflow) -> Found:
    on = workflow.data.get("on")
    if isinstance(on, dict):
        yield from _fits(workflow, ("on",), "events")
        for name, settings in on.items():
            yield from _filters(("on", name), settings)
        return
    known = list(_validator("events").document["$defs"]["events"]["properties"])
    for i, name in enumerate(on if isinstance(on, list) else [on]):
        if isinstance(name, str) and name not in known:
            path: Path = ("on", i) if isinstance(on, list) else ("on",)
            yield path, f'unknown event "{name[:60]}"{_meant(name, known)}'


def _filters(path: Path, settings: Any) -> Found:
    """`branches` and `branches-ignore` of one event exclude each other, and so on."""
    for key in ("branches", "tags", "paths"):
        if isinstance(settings, dict) and key in settings and f"{key}-ignore" in settings:
            message = f"{key} and {key}-ignore cannot both be given for one event"
            yield (*path, f"{key}-ignore"), f"{message}; a pattern with ! excludes"


def _permissions(workflow: Workflow, path: Path) -> Found:
    value = lookup(workflow.data, path)
    if isinstance(value, dict):
        yield from _fits(workflow, path, "permissions")
    elif value is not None and value not in ("read-all", "write-all"):
        yield path, "permissions is read-all, write-all, {} or a mapping of scopes"


def _step(step: Step) -> Found:
    has_run, has_uses = "run" in step.data, "uses" in step.data
    for key in ("run", "uses"):
        if key in step.data and step.data[key] is None:
            yield (*step.path, key), f"{key} is empty"
    if has_run and has_uses:
        yield (*step.path, "run"), "a step either runs a script (run) or an action (uses), not both"
    elif not has_run and not has_uses and not _WITHOUT_RUN & step.data.keys():
        yield step.path, "this step does nothing: expected run or uses"
    elif has_run and "with" in step.data:
        yield (*step.path, "with"), "with is for actions; a script has env"
    elif has_run and step.job is None and "shell" not in step.data:
        yield (*step.path, "run"), "a script in a composite action needs a shell"
    elif has_uses and "shell" in step.data:
        yield (*step.path, "shell"), "shell is for scripts, this step runs an action"


def _twice(job: Job) -> Found:
    seen = set()
    for step in job.steps:
        id = text(step.data.get("id")).lower()
        if id in seen:
            yield (*step.path, "id"), f'the id "{id[:60]}" is taken by an earlier step of this job'
        seen.add(id or None)


def _graph(workflow: Workflow) -> Found:
    known = lookup(workflow.data, ("jobs",), {})
    for job in workflow.jobs.values():
        listed, seen = isinstance(job.data.get("needs"), list), set[str]()
        for i, need in enumerate(job.needs):
            path: Path = (*job.path, "needs", i) if listed else (*job.path, "needs")
            if need not in known:
                yield (
                    path,
                    f'needs names "{need[:60]}", which is no job here{_meant(need, list(known))}',
                )
            elif need in seen:
                yield path, f'needs names "{need}" a second time'
            seen.add(need)
    for job, loop in cycle(workflow):
        yield (*job.path, "needs"), f"these jobs wait for each other: {' → '.join(loop)}"


def _meant(name: str, known: list[str]) -> str:
    return meant(name[:60], known)
