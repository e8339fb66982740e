"""What is wrong with the expressions of a workflow: grammar, functions, contexts, names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kerp_policy.artifacts.workflow.contexts import (
    ALL,
    FUNCTIONS,
    PROPERTIES,
    SPELLED,
    STATUS_FUNCTIONS,
    contexts_at,
    words,
)
from kerp_policy.artifacts.workflow.expressions import Node
from kerp_policy.artifacts.workflow.model import Job, Workflow
from kerp_policy.artifacts.workflow.walk import is_condition
from kerp_policy.paths import Path
from kerp_policy.sources.source import Span
from kerp_policy.wording import meant, nearest

Found = Iterator[tuple[Path, str, Span]]


def expression_problems(workflow: Workflow) -> Found:
    """Each with the path of its value and its exact place."""
    for path, expression in workflow.expressions:
        if expression.node is None:
            at = expression.at
            yield path, f"expression: {expression.error}", workflow.span(path, at, at + 1)
            continue
        for node in expression.node.walk():
            message = _message(workflow, path, node)
            if message:
                yield path, message, workflow.span(path, node.start, node.end)


def _message(workflow: Workflow, path: Path, node: Node) -> str:
    if node.kind == "call":
        return _call(path, node)
    return _reference(workflow, path, node) if node.kind == "reference" else ""


def _call(path: Path, node: Node) -> str:
    if node.text not in FUNCTIONS:
        close = nearest(node.text[:40], FUNCTIONS)
        hint = f"; did you mean {SPELLED.get(close, close)}()?" if close else ""
        return f"there is no function {node.text[:40]}(){hint}"
    few, many = FUNCTIONS[node.text]
    name = SPELLED.get(node.text, node.text)
    if not few <= len(node.parts) <= many:
        wanted = str(few) if few == many else f"{few} to {many}" if many < 255 else f"{few} or more"
        return f"{name}() takes {wanted} arguments, not {len(node.parts)}"
    if node.text in STATUS_FUNCTIONS and not is_condition(path):
        return f"{name}() can only be asked in an if"
    return ""


def _reference(workflow: Workflow, path: Path, node: Node) -> str:
    root, _, rest = node.text.partition(".")
    if root in ("()", ""):
        return ""
    if root not in ALL:
        return f'there is no context "{root[:40]}"{meant(root[:40], sorted(ALL))}'
    allowed = contexts_at(path)
    if allowed is not None and root not in allowed:
        where = "an if" if is_condition(path) else f"{_key(path)}"
        usable = ", ".join(sorted(allowed))
        return f"the context {root} cannot be used in {where}; there are {usable}"
    if slip := _slip(root, rest.partition(".")[0]):
        return slip
    job = workflow.jobs.get(str(path[1])) if path[:1] == ("jobs",) and len(path) > 1 else None
    if job and rest:
        return _name(job, path, root, rest.split("."))
    return ""


def _slip(root: str, name: str) -> str:
    """A property that a context has not, if it is near one that it has."""
    known = PROPERTIES.get(root, frozenset())
    if not name or name == "*" or not known or name in known:
        return ""
    close = nearest(name[:60], sorted(known), 0.75)
    return f'{root} has no "{name[:60]}"; did you mean "{close}"?' if close else ""


def _key(path: Path) -> str:
    names = [step for step in path if isinstance(step, str)]
    return next((n for n in reversed(names) if n in _KEYS), names[0])


_KEYS = words(
    "run-name concurrency env on continue-on-error defaults url environment name outputs runs-on"
    " secrets with strategy timeout-minutes credentials container services"
)


def _name(job: Job, path: Path, root: str, rest: list[str]) -> str:
    """Whether the job or step that a reference names is there."""
    if root == "needs" and rest[0] != "*":
        return _need(job, rest)
    if root == "steps" and rest[0] != "*" and path[2] in ("steps", "outputs", "environment"):
        ids = job.step_ids
        if rest[0] not in ids:
            return f'no step of {job.id} has the id "{rest[0][:60]}"{_meant(rest[0], list(ids))}'
        step = job.workflow.step_at(path) if path[2] == "steps" else None
        if step and ids[rest[0]] >= step.index:
            return f'the step "{rest[0]}" has not run when this is read'
    return ""


def _need(job: Job, rest: list[str]) -> str:
    needs = {need.lower(): need for need in job.needs}
    if rest[0] not in needs:
        there = {id.lower() for id in job.workflow.jobs}
        hint = "" if rest[0] in there else _meant(rest[0], list(needs))
        return (
            f'{job.id} reads needs.{rest[0][:60]}, but "{rest[0][:60]}" is not in its needs{hint}'
        )
    other = job.workflow.jobs.get(needs[rest[0]])
    if other is None or other.uses or len(rest) < 3 or rest[1] != "outputs":
        return ""
    outputs = other.data.get("outputs")
    known = [name.lower() for name in outputs] if isinstance(outputs, Mapping) else []
    if rest[2] != "*" and rest[2] not in known:
        return f'the job {other.id} has no output "{rest[2][:60]}"{_meant(rest[2], known)}'
    return ""


def _meant(name: str, known: list[str]) -> str:
    return meant(name[:60], known)
