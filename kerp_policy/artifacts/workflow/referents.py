"""Whether what a reference names is there: steps, needed jobs, inputs, the matrix.

GitHub itself takes whatever is not there for an empty text, and goes on.

Source: GitHub documentation, "Contexts reference".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.workflow.contexts import PROPERTIES
from kerp_policy.artifacts.workflow.model import Job, Workflow
from kerp_policy.paths import Path
from kerp_policy.views import lookup
from kerp_policy.wording import meant, nearest
from kerp_policy.words import word_set

_PARTS = {
    "steps": word_set("outputs outcome conclusion"),
    "needs": word_set("outputs result"),
    "jobs": word_set("outputs result"),
}
"""What is known of a step, of a job that is needed and of one of a called workflow."""
_PLAIN = {"env": 2, "inputs": 2, "secrets": 2, "vars": 2, "runner": 2, "strategy": 2}
"""By context, after how many steps a reference has come to a text or a number."""
_ALIKE = 0.9
"""How near a secret's name is to another that is hardly there beside it."""


def referent_problem(workflow: Workflow, path: Path, steps: Sequence[str]) -> str:
    """What is wrong with a reference, as a message; empty where nothing is known to be.

    Args:
        workflow: the workflow or action.
        path: where the expression stands.
        steps: the reference, step by step, in lower case; `*` where one is computed.
    """
    if "*" in steps[1:2]:
        return ""
    if message := _parts(steps):
        return message
    if steps[0] in _IN_FILE:
        return _IN_FILE[steps[0]](workflow, steps)
    job = workflow.jobs.get(str(path[1])) if path[:1] == ("jobs",) and len(path) > 1 else None
    if steps[0] == "steps":
        return _step(workflow, job, path, steps)
    return _IN_JOB[steps[0]](job, steps) if job and steps[0] in _IN_JOB else ""


def _parts(steps: Sequence[str]) -> str:
    """Whether something is asked of what has no such part."""
    root, known = steps[0], _PARTS.get(steps[0])
    if known and len(steps) > 2 and steps[2] not in known | {"*"}:
        return f'{root}.{steps[1][:60]} has no "{steps[2][:60]}"{_meant(steps[2], sorted(known))}'
    plain = _PLAIN.get(root, 0) or (known and (4 if steps[2:3] == ["outputs"] else 3))
    if root == "github" and steps[1] in PROPERTIES[root] - {"event"}:
        plain = 2
    if plain and len(steps) > plain:
        return f'{".".join(steps[:plain])[:80]} is a plain value and has no "{steps[plain][:60]}"'
    return ""


def _inputs(workflow: Workflow, steps: Sequence[str]) -> str:
    known = _declared(workflow)
    if known is None or steps[1] in known:
        return ""
    return f'there is no input "{steps[1][:60]}"{_meant(steps[1], known)}'


def _declared(workflow: Workflow) -> list[str] | None:
    """The inputs of a workflow or an action, in lower case; None where a list cannot be read."""
    holders = [workflow.triggers.get(event) for event in ("workflow_dispatch", "workflow_call")]
    found = [lookup(holder, ("inputs",)) for holder in (workflow.data, *holders)]
    if any(each is not None and not isinstance(each, dict) for each in found):
        return None
    return [name.lower() for each in found if each for name in each]


def _event_inputs(workflow: Workflow, steps: Sequence[str]) -> str:
    """`github.event.inputs` of a called workflow are those of whoever calls it."""
    if steps[1:3] != ["event", "inputs"] or len(steps) < 4 or steps[3] == "*":
        return ""
    if not workflow.triggers or "workflow_call" in workflow.triggers:
        return ""
    if "workflow_dispatch" not in workflow.triggers:
        return f'there is no input "{steps[3][:60]}", as nothing starts this by workflow_dispatch'
    return _inputs(workflow, ["inputs", steps[3]])


def _called_job(workflow: Workflow, steps: Sequence[str]) -> str:
    job = workflow.jobs.get(workflow.written_ids.get(steps[1], ""))
    if job is None:
        return f'there is no job "{steps[1][:60]}"{_meant(steps[1], workflow.written_ids)}'
    return _output(job, steps)


def _secrets(workflow: Workflow, steps: Sequence[str]) -> str:
    """Of a workflow that is only called: it may have others, by `inherit` or by an environment."""
    declared = lookup(workflow.triggers.get("workflow_call"), ("secrets",))
    if len(workflow.triggers) != 1 or not isinstance(declared, dict):
        return ""
    known = [name.lower() for name in declared]
    near = "" if steps[1] in known else nearest(steps[1][:60], known, _ALIKE)
    is_numbered = near.strip("0123456789") == steps[1].strip("0123456789")
    told = f'there is no secret "{steps[1][:60]}"; did you mean {near}?'
    return told if near and not is_numbered else ""


_IN_FILE: dict[str, Callable[[Workflow, Sequence[str]], str]] = {
    "inputs": _inputs,
    "secrets": _secrets,
    "github": _event_inputs,
    "jobs": _called_job,
}


def _step(workflow: Workflow, job: Job | None, path: Path, steps: Sequence[str]) -> str:
    """Whether a step has the id, and has run."""
    if job and path[2] not in ("steps", "outputs", "environment"):
        return ""
    ids = job.step_ids if job else workflow.step_ids
    if steps[1] not in ids:
        whose = job.id if job else "this action"
        return f'no step of {whose} has the id "{steps[1][:60]}"{_meant(steps[1], ids)}'
    step = workflow.step_at(path)
    if step and ids[steps[1]] >= step.index:
        return f'the step "{steps[1]}" has not run when this is read'
    return ""


def _need(job: Job, steps: Sequence[str]) -> str:
    needs = {need.lower(): need for need in job.needs}
    name = steps[1]
    if name not in needs:
        hint = "" if name in job.workflow.written_ids else _meant(name, needs)
        return f'{job.id} reads needs.{name[:60]}, but "{name[:60]}" is not in its needs{hint}'
    other = job.workflow.jobs.get(needs[name])
    return _output(other, steps) if other else ""


def _output(job: Job, steps: Sequence[str]) -> str:
    if job.uses or len(steps) < 4 or steps[2] != "outputs" or steps[3] == "*":
        return ""
    outputs = job.data.get("outputs")
    known = [name.lower() for name in outputs] if isinstance(outputs, Mapping) else []
    if steps[3] in known:
        return ""
    return f'the job {job.id} has no output "{steps[3][:60]}"{_meant(steps[3], known)}'


def _matrix(job: Job, steps: Sequence[str]) -> str:
    matrix = lookup(job.data, ("strategy", "matrix"), {})
    keys = _matrix_keys(matrix)
    if keys is None:
        return ""
    if steps[1] in keys:
        plain = len(steps) > 2 and _is_plain(matrix, steps[1])
        message = f'matrix.{steps[1][:60]} is a plain value and has no "{steps[-1][:60]}"'
        return message if plain else ""
    if not matrix:
        return f"the job {job.id} has no matrix"
    return f'the matrix of {job.id} has no "{steps[1][:60]}"{_meant(steps[1], keys)}'


def _is_plain(matrix: Mapping[str, Any], name: str) -> bool:
    """Whether all values of a key of the matrix are written down, and none has parts."""
    lists = [listed for key, listed in matrix.items() if key.lower() == name]
    items = (item for each in matrix.get("include", ()) for item in each.items())
    lists += [[value] for key, value in items if key.lower() == name]
    return all(isinstance(listed, list) for listed in lists) and not any(
        isinstance(value, dict | list) or "${{" in str(value)
        for listed in lists
        for value in listed
    )


def _matrix_keys(matrix: Any) -> list[str] | None:
    """What each combination of a matrix may hold; None where expressions add to it."""
    included = lookup(matrix, ("include",), [])
    if not isinstance(matrix, dict) or not isinstance(included, list):
        return None
    if not all(isinstance(each, dict) for each in included):
        return None
    return [key.lower() for each in (matrix, *included) for key in each]


_IN_JOB: dict[str, Callable[[Job, Sequence[str]], str]] = {"needs": _need, "matrix": _matrix}


def _meant(name: str, known: Iterable[str]) -> str:
    return meant(name[:60], list(known))
