"""Checks of what an alert says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.prometheus.grammar import duration_seconds
from kerp_policy.artifacts.prometheus.nodes import Call, Node, Selector, Subquery, children, walk
from kerp_policy.findings import NOT_APPLICABLE, Remark
from kerp_policy.parameters import DURATION, takes
from kerp_policy.views import View

_LOOKING_BACK = frozenset(("increase", "changes", "resets"))


@takes(window=DURATION)
def waits(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """An alert waits before it fires, unless its query looks back by itself."""
    query = view.subject.rule.expression
    if query is None:
        yield NOT_APPLICABLE
        return
    if view.data.get("for") is None and not _need_not(query, duration_seconds(params["window"])):
        message = "for is not set, so one bad measurement fires the alert"
        yield Remark((), f"{message}; expected a time such as 5m, or 0s where that is meant")


def _need_not(query: Node, seconds: float) -> bool:
    """A sign of life fires always, a time that has passed does not come back."""
    parts = walk(query)
    metrics = [each for each in parts if isinstance(each, Selector)]
    lives = all(metric.name.startswith("ALERTS") for metric in metrics)
    ages = any(isinstance(each, Call) and each.function == "time" for each in parts)
    return lives or ages or _looks_back(query, seconds)


def _looks_back(node: Node, seconds: float) -> bool:
    """Whether every metric is asked for a count over a long enough time."""
    if isinstance(node, Selector):
        return False
    if isinstance(node, Call):
        counts = node.function in _LOOKING_BACK or node.function.endswith("_over_time")
        ranges = [each for each in node.arguments if isinstance(each, (Selector, Subquery))]
        if counts and ranges:
            return all((each.window or 0) >= seconds for each in ranges)
    parts = [child for child in children(node) if _has_metric(child)]
    return bool(parts) and all(_looks_back(child, seconds) for child in parts)


def _has_metric(node: Node) -> bool:
    return isinstance(node, Selector) or any(_has_metric(child) for child in children(node))
