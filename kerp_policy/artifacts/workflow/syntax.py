"""What GitHub does not accept of a workflow: keys, types, events, the graph of jobs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any

from kerp_policy.artifacts.workflow.contexts import contexts_at
from kerp_policy.artifacts.workflow.events import ALONE, settings_problems
from kerp_policy.artifacts.workflow.graph import cycle
from kerp_policy.artifacts.workflow.ids import env_name_problems, job_id_problems, step_id_problems
from kerp_policy.artifacts.workflow.known_inputs import input_problems
from kerp_policy.artifacts.workflow.matrices import matrix_problems
from kerp_policy.artifacts.workflow.model import MAX_JOBS, Job, Workflow
from kerp_policy.artifacts.workflow.runners import runner_problems, shell_problems
from kerp_policy.artifacts.workflow.semantics import expression_problems
from kerp_policy.artifacts.workflow.steps import Step
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.schema import Validator, violations
from kerp_policy.shipped import DATA
from kerp_policy.sources.source import Problem, Span
from kerp_policy.views import lookup
from kerp_policy.wording import meant, nearest

_MOST = 100
"""Problems of one file: nobody reads more."""
_INPUT_KEYS = ("default", "deprecationMessage", "description", "required")
_WITHOUT_RUN = frozenset(("wait", "wait-all", "cancel", "parallel"))
"""Keys of a step that only directs other steps."""
_ACCESS = ("read", "write", "none", "admin")
_CALLED = regex(
    r"\./\.github/workflows/[^/@]+\.ya?ml|[^/@]+/[^/@]+/\.github/workflows/[^/@]+\.ya?ml@.+"
)
"""A reusable workflow, of this commit or of another repository's ("Reuse workflows")."""
_ACTION = regex(r"[^/@\s]+/[^@\s]+@\S+")
_RUNNER = regex(r"composite|docker|node[0-9]{2}")
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
    found = [*_fits(action, (), "action"), *_using(action), *_action_inputs(action)]
    if lookup(action.data, ("runs", "using")) == "composite":
        found += _composite_outputs(action)
        found += _fits(action, ("runs",), "composite")
        found += [problem for step in action.steps for problem in _step(step)]
        found += (*step_id_problems(action.steps), *shell_problems(action))
        return _problems(action, (*found, *expression_problems(action)))
    return _problems(action, found)


def _action_inputs(action: Workflow) -> Found:
    """GitHub takes any key of an input; what looks like one that it knows is a slip."""
    inputs = action.data.get("inputs")
    for name, about in inputs.items() if isinstance(inputs, dict) else ():
        for key in about if isinstance(about, dict) else ():
            near = "" if key in _INPUT_KEYS else nearest(key[:60], _INPUT_KEYS, 0.8)
            if near:
                path = ("inputs", name, key)
                yield path, f'unknown field "{key[:60]}" in {name[:60]}; did you mean {near}?'


def _composite_outputs(action: Workflow) -> Found:
    outputs = action.data.get("outputs")
    for name, about in outputs.items() if isinstance(outputs, dict) else ():
        if isinstance(about, dict) and "value" not in about:
            yield ("outputs", name), f"the output {name[:60]} has no value, so it is always empty"


def _using(action: Workflow) -> Found:
    using = lookup(action.data, ("runs", "using"))
    if isinstance(using, str) and not _RUNNER.fullmatch(using):
        hint = _meant(using, ["composite", "docker", "node24"]) or "; expected composite or docker"
        yield ("runs", "using"), f"using is {using[:60]}{hint}"


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
        where = (*path, *violation.path)
        if not (violation.kind in _TYPED and _is_expression(value) and contexts_at(where)):
            yield where, violation.message


def _is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.strip().startswith("${{") and value.endswith("}}")


def _structure(workflow: Workflow) -> Found:
    yield from _fits(workflow, (), "workflow")
    for key in ("on", "jobs"):
        if key in workflow.data and workflow.data[key] is None:
            yield (key,), f"{key} is empty"
    yield from _events(workflow)
    yield from _permissions(workflow, ("permissions",))
    yield from job_id_problems(workflow.data.get("jobs"))
    yield from shell_problems(workflow)
    yield from env_name_problems(("env",), workflow.data.get("env"))
    for job in workflow.jobs.values():
        yield from _called(job) if "uses" in job.data else _fits(workflow, job.path, "job")
        yield from _permissions(workflow, (*job.path, "permissions"))
        yield from step_id_problems(job.steps)
        yield from env_name_problems((*job.path, "env"), job.data.get("env"))
        yield from runner_problems(job)
        yield from matrix_problems(job)
        for step in job.steps:
            yield from _step(step)


def _called(job: Job) -> Found:
    """A job that calls a workflow: where and on what it runs, its steps, that one says."""
    known = _schema()["$defs"]["job"]["properties"]
    for path, message in _fits(job.workflow, job.path, "called-job"):
        foreign = message.startswith("unknown") and path[len(job.path) :] == path[-1:]
        beside = f"{path[-1]} has no place beside uses: the called workflow says it"
        yield path, beside if foreign and path[-1] in known else message
    if job.uses and not _CALLED.fullmatch(job.uses) and "${{" not in job.uses:
        message = f"uses is {job.uses[:80]}; expected ./.github/workflows/NAME.yml"
        path = (*job.path, "uses")
        yield path, f"{message} or OWNER/REPOSITORY/.github/workflows/NAME.yml@COMMIT"
    secrets = job.data.get("secrets")
    if isinstance(secrets, str) and secrets != "inherit" and not _is_expression(secrets):
        yield (*job.path, "secrets"), "secrets is a text; expected inherit, or secrets by name"


def _events(workflow: Workflow) -> Found:
    on, known = workflow.data.get("on"), _schema()["$defs"]["events"]["properties"]
    if isinstance(on, dict):
        yield from _fits(workflow, ("on",), "events")
        yield from settings_problems(on, known)
        return
    for i, name in enumerate(on if isinstance(on, list) else [on]):
        path: Path = ("on", i) if isinstance(on, list) else ("on",)
        if isinstance(name, str) and name not in known:
            yield path, f'unknown event "{name[:60]}"{_meant(name, list(known))}'
        elif isinstance(name, str) and name in ALONE:
            yield path, f"{name} alone starts nothing; expected it with {ALONE[name]}"


def _permissions(workflow: Workflow, path: Path) -> Found:
    value, holder = lookup(workflow.data, path), lookup(workflow.data, path[:-1])
    if isinstance(value, dict):
        for where, message in _fits(workflow, path, "permissions"):
            access = value.get(str(where[-1]))
            told = f"is {access}" if access in _ACCESS else "does not fit"
            yield where, message.replace("does not fit", told)  # id-token looks like a secret
    elif "permissions" in holder and value not in ("read-all", "write-all"):
        found = "empty" if value is None else f"{value}"[:60]
        yield path, f"permissions is {found}; expected read-all, write-all, {{}} or single scopes"


def _step(step: Step) -> Found:
    yield from env_name_problems((*step.path, "env"), step.data.get("env"))
    yield from input_problems(step)
    has_run, has_uses = "run" in step.data, "uses" in step.data
    for key in ("run", "uses"):
        if key in step.data and step.data[key] in (None, ""):
            yield (*step.path, key), f"{key} is empty"
    if _is_misspelt(step.uses):
        message = f"uses is {step.uses[:80]}; expected OWNER/REPOSITORY@COMMIT, without blanks"
        yield (*step.path, "uses"), message
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
    elif has_uses and "working-directory" in step.data:
        message = "working-directory is for scripts, this step runs an action"
        yield (*step.path, "working-directory"), message
    if step.job is None and "timeout-minutes" in step.data:
        yield (*step.path, "timeout-minutes"), "a step of a composite action has no timeout-minutes"


def _is_misspelt(uses: str) -> bool:
    """Whether an action of another repository has no owner, or blanks; no ref is told elsewhere."""
    elsewhere = "@" in uses and "${{" not in uses and not uses.startswith((".", "docker://"))
    return elsewhere and not _ACTION.fullmatch(uses)


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
