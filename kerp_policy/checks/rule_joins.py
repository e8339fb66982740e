"""Checks of how the sides of an operator find each other (Prometheus, Vector matching)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.prometheus.labels import Labels, labels_of
from kerp_policy.artifacts.prometheus.nodes import Binary, Node, walk
from kerp_policy.artifacts.prometheus.recordings import inlined
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.scopes.prometheus import RulesSubject
from kerp_policy.views import View
from kerp_policy.wording import counted


def possible(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Both sides of every operator can have the same labels, so that something can match.

    An operator of a recording rule is told where it is recorded, not where that is read.
    """
    subject: RulesSubject = view.subject
    assert subject.rule
    if subject.rule.expression is None:
        yield NOT_APPLICABLE
        return
    for node in walk(subject.rule.expression):
        if isinstance(node, Binary) and node.operator != "or":
            yield from _judged(node, subject.file.recorded)


def _judged(node: Binary, recorded: Mapping[str, Node]) -> Iterator[Remark]:
    left, right = (labels_of(inlined(side, recorded)) for side in (node.left, node.right))
    if left is None or right is None:
        return
    if node.on:
        yield from _on(node, left, right)
    elif left.only is not None and right.only is not None:
        if left.only - node.labels != right.only - node.labels:
            yield _mismatch(node, left.only, right.only)
    elif not node.grouped:
        yield from _aggregated_away(node, left, right)


def _mismatch(node: Binary, left: frozenset[str], right: frozenset[str]) -> Remark:
    message = (
        f"the left side of {node.operator} has {_listed(left)}, the right side {_listed(right)}"
    )
    ignored = f", {_listed(node.labels)} ignored" if node.labels else ""
    return Remark(("expr",), f"{message}: no two series match{ignored}", subject=message)


def _on(node: Binary, left: Labels, right: Labels) -> Iterator[Remark]:
    for label in sorted(node.labels):
        if left.lacks(label) != right.lacks(label):
            side = "left" if left.lacks(label) else "right"
            message = f"{node.operator} matches on {label}, which the {side} side does not have"
            yield Remark(("expr",), f"{message}: no two series match", subject=message)


def _aggregated_away(node: Binary, left: Labels, right: Labels) -> Iterator[Remark]:
    """A series as it was scraped has `job`, unless it was recorded under a name without a colon."""
    for raw, other, side in ((left, right, "right"), (right, left, "left")):
        lost = raw.scraped and other.only is not None and other.lacks("job")
        if lost and "job" not in node.labels and not raw.lacks("job"):
            message = f"the {side} side of {node.operator} has {_listed(other.only or ())}"
            message += ", so not job: nothing matches, unless the other side is a recorded series"
            yield unverified(("expr",), message)


def _listed(labels: Iterable[str]) -> str:
    names = sorted(labels)
    if len(names) > 8:
        names = [*names[:8], "…"]
    return counted("the label", names) if names else "no labels"
