"""Whether a job runs where one that it needs has failed, by the conditions of both.

Source: GitHub documentation, "Workflow syntax", `jobs.<job_id>.needs`, and "needs context". A job
that has failed has run, so its own condition held: what both ask of a value is held together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

from kerp_policy.artifacts.workflow.evaluate import evaluate, truth
from kerp_policy.artifacts.workflow.expressions import Node
from kerp_policy.artifacts.workflow.model import Job

_AFTERWARDS = {"always()": True, "success()": False, "failure()": True, "cancelled()": False}
_BEFORE = {"always()": True, "success()": True}
_LOGICAL = frozenset(("&&", "||", "!", "!!"))
_COMPARING = frozenset(("==", "!="))
_ANOTHER = "\0"
"""A text that a value is compared with nowhere."""
_MOST = 500


def runs_where_failed(job: Job, needed: str) -> bool | None:
    """Whether a job runs after the failure of one that it needs; None where files leave it open."""
    node = job.condition.node if job.condition else None
    if node is None:
        return None if job.condition else False
    before = job.workflow.jobs.get(needed)
    ran = before.condition.node if before and before.condition else None
    results = {f"needs.{each.lower()}.result": "success" for each in job.needs}
    results[f"needs.{needed.lower()}.result"] = "failure"
    known = {**_AFTERWARDS, **results, "needs.*.result": tuple(results.values())}
    answers = {
        truth(evaluate(node, {**world, **known}))
        for world in _worlds([node, *([ran] if ran else [])], known)
        if ran is None or truth(evaluate(ran, {**world, **_BEFORE})) is not False
    }
    return True if True in answers else None if None in answers else False


def asks_for_result(job: Job) -> bool:
    """Whether the condition of a job asks how one went that it needs."""
    node = job.condition.node if job.condition else None
    parts = node.walk() if node else ()
    return any(part.kind == "reference" and part.text.startswith("needs.") for part in parts)


def _worlds(nodes: Sequence[Node], known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every choice of values that the conditions tell apart."""
    values: dict[str, set[Any]] = {}
    for node in nodes:
        _compared(node, values)
    open_ = {
        name: sorted(found, key=repr)
        for name, found in values.items()
        if name not in known and ".outputs." not in name  # what it set before it failed
    }
    for choice in islice(product(*open_.values()), _MOST):
        yield dict(zip(open_, choice, strict=True))


def _compared(node: Node, values: dict[str, set[Any]]) -> None:
    """The values that references are compared with; one that stands alone is true or false."""
    if node.kind == "reference":
        values.setdefault(node.text, set()).update((True, False))
    elif node.kind == "operator" and node.text in _LOGICAL:
        for part in node.parts:
            _compared(part, values)
    elif node.kind == "operator" and node.text in _COMPARING and len(node.parts) == 2:
        names = [part.text for part in node.parts if part.kind == "reference"]
        texts = {part.text for part in node.parts if part.kind == "text"}
        for name in names if texts else ():
            values.setdefault(name, set()).update((*texts, _ANOTHER))
