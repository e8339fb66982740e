"""Checks of how rules ask: by functions that jump, of counters as they stand, at long intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.prometheus.algebra import COMPARISONS, comparisons, threshold
from kerp_policy.artifacts.prometheus.grammar import duration_seconds
from kerp_policy.artifacts.prometheus.metrics import is_counter_name
from kerp_policy.artifacts.prometheus.nodes import (
    Aggregate,
    Binary,
    Call,
    Node,
    Number,
    Selector,
    walk,
)
from kerp_policy.findings import Remark
from kerp_policy.parameters import DURATION, TEXT, by_name, takes
from kerp_policy.views import View

_EXPR = ("expr",)
_FILTERS = frozenset((*COMPARISONS, "and", "or", "unless"))


@takes(functions=by_name(TEXT), choices=by_name(TEXT))
def unsteady(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """An alert asks by nothing whose answer, or whose series, change from one moment to the next.

    A choice of series counts where the alert has them, not inside of what adds them up or joins
    them. Source: Prometheus documentation, "Query functions", `irate`, and "Alerting rules": an
    alert whose series is gone for one evaluation begins to wait anew.
    """
    query = view.subject.rule.expression or Number(0)
    calls = [each.function for each in walk(query) if isinstance(each, Call)]
    for known, names in (("functions", calls), ("choices", list(_choosing(query)))):
        for name in dict.fromkeys(names):
            if why := params[known].get(name):
                yield Remark(_EXPR, f"{name} in an alert {why}", subject=name)


def _choosing(node: Node) -> Iterator[str]:
    """The aggregations that choose the series of an answer."""
    if isinstance(node, Aggregate):
        yield node.operator
    elif isinstance(node, Binary) and node.operator in _FILTERS:
        yield from _choosing(node.left)
        if node.operator != "unless":
            yield from _choosing(node.right)


def counters(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No alert compares a counter as it stands, which only ever grows."""
    query = view.subject.rule.expression
    for comparison in comparisons(query) if query else ():
        found = threshold(comparison, view.subject.file.recorded)
        metric = found.core
        if found.value is None or found.operator not in (">", ">="):
            continue
        if isinstance(metric, Selector) and metric.window is None and is_counter_name(metric.name):
            message = f"{metric.name} only grows, so once above {found.value:g} the alert stays"
            yield Remark(_EXPR, f"{message}; expected rate or increase", subject=metric.name)


@takes(max=DURATION)
def interval(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A group is evaluated so often that its series do not go stale in between.

    Source: Prometheus documentation, "Querying basics", Staleness: five minutes without a sample
    end a series.
    """
    written = view.data.get("interval")
    try:
        seconds = duration_seconds(written) if isinstance(written, str) else 0
    except ValueError:
        return  # which the syntax tells
    if seconds > duration_seconds(params["max"]):
        message = f"interval is {written}, and series are gone {params['max']} after a sample"
        yield Remark(("interval",), f"{message}; expected {params['max']} or less")
