"""Checks of what a rule's query can ever answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from kerp_policy.artifacts.prometheus.algebra import (
    COMPARISONS,
    Threshold,
    comparisons,
    linear,
    threshold,
)
from kerp_policy.artifacts.prometheus.metrics import Unit, is_counter_name, is_gauge_name, unit_of
from kerp_policy.artifacts.prometheus.nodes import (
    Aggregate,
    Binary,
    Call,
    Node,
    Number,
    Selector,
    Subquery,
    walk,
)
from kerp_policy.artifacts.prometheus.recordings import inlined
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.parameters import MORE_THAN_ZERO, takes
from kerp_policy.scopes.prometheus import RulesSubject
from kerp_policy.views import View
from kerp_policy.words import name_words

_EXPR = ("expr",)
_COUNTING = frozenset(("rate", "irate", "increase"))
_FILTERING = frozenset(("absent", "absent_over_time"))
_REQUESTS = frozenset(
    ("request", "requests", "http", "grpc", "rpc", "latency", "response", "query")
)


def _query(view: View) -> Node | None:
    subject: RulesSubject = view.subject
    assert subject.rule
    return subject.rule.expression


def compares(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """An alert's query is empty while all is well: it compares, or asks for what is absent."""
    query = _query(view)
    if query is None:
        yield NOT_APPLICABLE
        return
    query = inlined(query, view.subject.file.recorded)
    if linear(query).core is None:
        return  # vector(1) is meant to fire always, as a sign of life
    reason = _always(query)
    if reason and isinstance(query, (Selector, Aggregate)) and "bool" not in reason:
        message = "the query compares nothing: it fires as long as the series exists"
        yield unverified(_EXPR, f"{message}, and files do not show when that is")
    elif reason:
        yield Remark(_EXPR, reason)


def _always(node: Node) -> str:
    """Why a query has a result even when all is well; empty where it need not have one."""
    if isinstance(node, Binary) and node.operator == "or":
        if linear(node.right).core is None:
            return "or with a constant gives a result in any case: the alert always fires"
        return _always(node.left) or _always(node.right)
    if isinstance(node, Binary) and node.is_bool:
        return f"{node.operator} bool gives 0 instead of nothing: the alert always fires"
    if any(_may_be_empty(each) for each in walk(node)):
        return ""
    return "the query compares nothing: the alert fires as long as there are values"


def _may_be_empty(node: Node) -> bool:
    if isinstance(node, Binary):
        compares = node.operator in COMPARISONS and not node.is_bool
        return compares or node.operator in ("and", "unless")
    if isinstance(node, Selector):
        return node.name.startswith("ALERTS") or ":" in node.name
    return isinstance(node, Call) and node.function in _FILTERING


def gauge_rate(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Rates are asked of counters: of a gauge, or of a sum, every fall counts as a restart."""
    recorded = view.subject.file.recorded
    for node in walk(_query(view) or Number(0)):
        if not isinstance(node, Call) or node.function not in _COUNTING:
            continue
        asked = node.arguments[0]
        if isinstance(asked, Selector) and is_gauge_name(asked.name):
            message = f"{node.function} is asked of {asked.name}, which by its name is a gauge"
            yield Remark(_EXPR, f"{message}; expected delta or deriv", subject=asked.name)
        elif summed := _summed(asked, recorded):
            what = f"{summed.operator} of counters, in which each restart is a fall"
            message = f"{node.function} is asked of a {what}"
            yield Remark(_EXPR, f"{message}; expected {summed.operator} of {node.function}")


def _summed(asked: Node, recorded: Mapping[str, Node]) -> Aggregate | None:
    """What is asked for over time, if it is several counters taken together."""
    inner: Node | None = asked.operand if isinstance(asked, Subquery) else None
    if isinstance(asked, Selector):
        inner = recorded.get(asked.name)
    if not isinstance(inner, Aggregate) or inner.operator not in ("sum", "avg"):
        return None
    metric = inner.operand
    is_counter = isinstance(metric, Selector) and is_counter_name(metric.name)
    return inner if is_counter and not metric.window else None  # type: ignore[union-attr]


def quantiles(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every quantile lies between 0 and 1."""
    for node in walk(_query(view) or Number(0)):
        asked = _quantile(node)
        value = linear(asked) if asked else None
        if value and value.core is None and not 0 <= value.offset <= 1:
            meant = value.offset / 100
            hint = f"; did you mean {meant:g}?" if 1 < value.offset <= 100 else ""
            message = f"the quantile is {value.offset:g}, which gives infinity; expected 0 to 1"
            yield Remark(_EXPR, message + hint)


def _quantile(node: Node) -> Node | None:
    if isinstance(node, Call) and node.function in ("histogram_quantile", "quantile_over_time"):
        return node.arguments[0]
    is_quantile = isinstance(node, Aggregate) and node.operator == "quantile"
    return node.parameter if is_quantile else None  # type: ignore[union-attr]


def buckets(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What histogram_quantile is given still has the label le, recording rules put in.

    A recorded quantile is told where it is recorded, not where it is read.
    """
    for node in walk(_query(view) or Number(0)):
        if not isinstance(node, Call) or node.function != "histogram_quantile":
            continue
        for inner in walk(inlined(node.arguments[1], view.subject.file.recorded)):
            if isinstance(inner, Aggregate) and _loses_le(inner):
                clause = "by" if inner.keeps else "without"
                listed = ", ".join(sorted(inner.labels))
                message = f"{inner.operator} {clause} ({listed}) drops le"
                yield Remark(_EXPR, f"{message}, from which histogram_quantile reads the buckets")
                break


def _loses_le(node: Aggregate) -> bool:
    """A native histogram has no `_bucket` and needs no le; VictoriaMetrics' own has `vmrange`."""
    bounds = "vmrange" if node.keeps and "vmrange" in node.labels else "le"
    if node.keeps == (bounds in node.labels) or node.operator in ("topk", "bottomk"):
        return False
    metrics = [each.name for each in walk(node.operand) if isinstance(each, Selector)]
    return bool(metrics) and all(name.endswith("_bucket") for name in metrics)


@takes(ratio=MORE_THAN_ZERO, seconds=MORE_THAN_ZERO)
def units(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No comparison asks for what its unit cannot reach."""
    query = _query(view)
    recorded = view.subject.file.recorded
    for comparison in comparisons(query) if query else ():
        found = threshold(comparison, recorded)
        if found.value is None or found.operator not in (">", ">="):
            continue
        shown = f"{found.operator} {found.value:g}"
        if _is_share(found.core) and (found.value > 1 or (found.value, found.operator) == (1, ">")):
            message = f"a part of a whole is compared with {shown}, which it never is"
            yield Remark(_EXPR, f"{message}; expected a number up to 1, or the ratio times 100")
        elif _is_ratio(found.core) and found.value > params["ratio"]:
            message = f"a ratio is compared with {shown}, as if it were a percentage"
            yield Remark(
                _EXPR, f"{message}; expected {found.value / 100:g}, or the ratio times 100"
            )
        elif _is_latency(found) and found.value >= params["seconds"]:
            message = f"seconds are compared with {shown}, as if they were milliseconds"
            yield Remark(_EXPR, f"{message}; expected {found.value / 1000:g}")


def _is_share(core: Node) -> bool:
    """A number of events over the number of all events: same metric, fewer of them."""
    if not isinstance(core, Binary) or core.operator != "/":
        return False
    part, whole = core.left, core.right
    if not isinstance(part, Aggregate) or not isinstance(whole, Aggregate):
        return False
    if replace(part, operand=whole.operand) != whole or part.operator != "sum":
        return False
    chosen, everything = _only(part.operand), _only(whole.operand)
    if not chosen or not everything or _bare(part.operand) != _bare(whole.operand):
        return False
    return set(chosen.matchers) > set(everything.matchers)


def _only(node: Node) -> Selector | None:
    found = [each for each in walk(node) if isinstance(each, Selector)]
    return found[0] if len(found) == 1 else None


def _bare(node: Node) -> Node:
    """A rate without the matchers of its metric."""
    if isinstance(node, Call):
        return replace(node, arguments=tuple(_bare(each) for each in node.arguments))
    return replace(node, matchers=()) if isinstance(node, Selector) else node


def _is_ratio(core: Node) -> bool:
    if isinstance(core, Aggregate) and core.operator in ("avg", "max", "min"):
        return _is_ratio(core.operand)
    if not isinstance(core, Selector) or core.window is not None:
        return False
    named = name_words(core.name)
    return unit_of(core.name) is Unit.RATIO and not {"compression", "amplification"} & set(named)


def _is_latency(found: Threshold) -> bool:
    """Seconds that one request takes: a quantile, or sum over count."""
    core = found.core
    while isinstance(core, Aggregate) and core.operator in ("avg", "max", "min"):
        core = core.operand
    is_quantile = isinstance(core, Call) and core.function == "histogram_quantile"
    is_average = isinstance(core, Binary) and core.operator == "/"
    if not is_quantile and not is_average:
        return False
    metrics = [each.name for each in walk(core) if isinstance(each, Selector)]
    expected = ("_bucket",) if is_quantile else ("_sum", "_count")
    return all(
        name.endswith(expected)
        and unit_of(name) is Unit.SECONDS
        and _REQUESTS & set(name_words(name))
        for name in metrics
    )
