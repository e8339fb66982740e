"""Which documented signal a comparison is about, and what it says of it in the signal's own unit.

A signal is described by words: those of the metric's name and of what its matchers choose. Where
the words fit and the meaning does not follow, the answer is that it cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.prometheus.algebra import Threshold, linear
from kerp_policy.artifacts.prometheus.metrics import (
    Unit,
    has_words,
    is_counter_name,
    selector_words,
    unit_of,
)
from kerp_policy.artifacts.prometheus.nodes import (
    Aggregate,
    Binary,
    Call,
    Node,
    Selector,
    Subquery,
    selectors,
)

_TO_SECONDS = {Unit.SECONDS: 1.0, Unit.MILLISECONDS: 1000.0}
_TO_RATIO = {Unit.RATIO: 1.0, Unit.PERCENT: 100.0}
_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_PASSED = frozenset(("avg", "max", "min", "quantile", "topk", "bottomk"))
_COUNTS = frozenset(("increase", "changes", "resets", "delta"))
_RATES = frozenset(("rate", "irate"))


class Reading(Struct, frozen=True):
    """What a comparison says of a signal.

    Attributes:
        operator: the comparison, in the direction of the signal.
        value: the bound in the signal's unit; None where it cannot be told.
        window: seconds that events are counted over; 0 for all since the start, None for no count.
        untold: why the value cannot be told.
    """

    operator: str
    value: float | None
    window: float | None = None
    untold: str = ""


def read_signal(signal: Mapping[str, Any], found: Threshold) -> Reading | None:
    """What a comparison says of a signal; None if it is about something else.

    Args:
        signal: its description: `unit`, and by unit `quantile` and `metric`, or `part`, `rest`
            and `whole`, or `metric`; beside them `among`, of which one word must be there, and
            `other`, of which none may.
        found: the comparison.
    """
    asked = selectors(found.core)
    if not asked or not all(fits(signal, each) for each in asked):
        return None
    readers = {"seconds": _quantile, "ratio": _ratio, "count": _count}
    reading = readers[signal["unit"]](signal, found)
    untold = "it is not compared with a number" if found.value is None else ""
    if signal["unit"] != "count":
        untold = untold or _since_start(asked)
    if reading and untold:
        return replace(reading, value=None, untold=reading.untold or untold)
    return reading


def _since_start(asked: Sequence[Selector]) -> str:
    """Why a quantile or ratio is not that of now: counters as they stand hold all that ever was."""
    counters = [each for each in asked if each.window is not None or is_counter_name(each.name)]
    plain = [each for each in counters if each.window is None]
    is_bucket = any(each.name.endswith("_bucket") for each in plain)
    if not is_bucket and len(plain) < 2 and len(plain) in (0, len(counters)):
        return ""
    return f"it takes the counter {plain[0].name} as it stands, with all since the start"


def mentions(signal: Mapping[str, Any], query: Iterable[Selector]) -> bool:
    """Whether a query with these selectors asks for the signal at all, in whatever way."""
    asked = (*signal.get("metric", ()), *signal.get("part", ()), *signal.get("rest", ()))
    return any(fits(signal, each) and has_words(selector_words(each), asked) for each in query)


def fits(signal: Mapping[str, Any], selector: Selector) -> bool:
    """Whether a selector has a word that the signal must have, and none that it may not."""
    found = selector_words(selector)
    among = signal.get("among")
    return not found.intersection(signal.get("other", ())) and (
        not among or not found.isdisjoint(among)
    )


def _peeled(node: Node) -> tuple[Node, bool]:
    """What is inside averages and extremes, and whether a sum was among what is around it."""
    summed = False
    while True:
        if isinstance(node, Aggregate) and node.operator in (*_PASSED, "sum"):
            summed |= node.operator == "sum"
            node = node.operand
        elif isinstance(node, Call) and isinstance(node.arguments[:1], tuple) and _over(node):
            node = _over(node) or node
        else:
            return node, summed


def _over(node: Call) -> Node | None:
    inner = node.arguments[0] if node.arguments else None
    averaged = node.function in ("avg_over_time", "max_over_time", "min_over_time")
    if not averaged:
        return None
    if isinstance(inner, Subquery):
        return inner.operand
    return replace(inner, window=None) if isinstance(inner, Selector) else None


def _all(node: Node, phrases: Any) -> bool:
    found = [selector_words(each) for each in selectors(node)]
    return bool(found) and all(has_words(each, phrases or ()) for each in found)


def _value(found: Threshold, factor: float) -> float | None:
    return None if found.value is None else float(f"{found.value / factor:.12g}")


def _quantile(signal: Mapping[str, Any], found: Threshold) -> Reading | None:
    core, _ = _peeled(found.core)
    if not _all(core, signal["metric"]):
        return None
    asked = _asked_quantile(core)
    if asked is None:
        return None
    if asked != signal["quantile"]:
        return None
    units = {unit_of(each.name) for each in selectors(core)}
    unit = units.pop() if len(units) == 1 else None
    if unit not in _TO_SECONDS:
        return Reading(found.operator, None, untold="the metric's name does not say its unit")
    return Reading(found.operator, _value(found, _TO_SECONDS[unit]))


def _asked_quantile(core: Node) -> float | None:
    if isinstance(core, Call) and core.function == "histogram_quantile":
        asked = linear(core.arguments[0])
        return asked.offset if asked.core is None else None
    for matcher in core.matchers if isinstance(core, Selector) else ():
        if matcher.name == "quantile" and matcher.operator == "=":
            try:
                return float(matcher.value)
            except ValueError:
                return None
    return None


def _ratio(signal: Mapping[str, Any], found: Threshold) -> Reading | None:
    core, summed = _peeled(found.core)
    if isinstance(core, Binary) and core.operator == "/":
        reading = _part_of_whole(signal, found, core)
    else:
        reading = _named_ratio(signal, found, core, summed=summed)
    if reading and summed and isinstance(core, Binary):
        return replace(reading, value=None, untold="ratios are added up")
    return reading


def _part_of_whole(signal: Mapping[str, Any], found: Threshold, core: Binary) -> Reading | None:
    if not _all(core.right, signal["whole"]):
        return None
    if _all(core.left, signal["part"]):
        return Reading(found.operator, found.value)
    if _all(core.left, signal.get("rest")):
        return _complement(found, found.value)
    return None


def _complement(found: Threshold, value: float | None) -> Reading:
    left = None if value is None else float(f"{1 - value:.12g}")
    return Reading(_FLIPPED.get(found.operator, found.operator), left)


def _named_ratio(
    signal: Mapping[str, Any], found: Threshold, core: Node, *, summed: bool
) -> Reading | None:
    """One metric that is a ratio by its name, or seconds of work in each second."""
    is_part, is_rest = _all(core, signal["part"]), _all(core, signal.get("rest"))
    if not is_part and not is_rest:
        return None
    factor = _factor(core, summed=summed)
    if factor is None:
        return Reading(found.operator, None, untold="the query does not show of what it is a part")
    value = _value(found, factor)
    return _complement(found, value) if is_rest else Reading(found.operator, value)


def _factor(core: Node, *, summed: bool) -> float | None:
    if summed:
        return None
    if isinstance(core, Call) and core.function in _RATES:
        metric = core.arguments[0]
        modes = isinstance(metric, Selector) and any(
            matcher.name == "mode" and matcher.operator == "=" for matcher in metric.matchers
        )
        return 1.0 if modes and isinstance(metric, Selector) and _is_seconds(metric) else None
    unit = unit_of(core.name) if isinstance(core, Selector) else None
    return _TO_RATIO.get(unit) if unit else None


def _is_seconds(metric: Selector) -> bool:
    return unit_of(metric.name) is Unit.SECONDS


def _count(signal: Mapping[str, Any], found: Threshold) -> Reading | None:
    core, _ = _peeled(found.core)
    if not _all(core, signal["metric"]):
        return None
    if isinstance(core, Selector):
        return Reading(found.operator, found.value, 0)
    metric = core.arguments[0] if isinstance(core, Call) and core.arguments else None
    if not isinstance(core, Call) or not isinstance(metric, Selector) or not metric.window:
        return Reading(found.operator, None, untold="the query does not show what is counted")
    if core.function in _COUNTS:
        return Reading(found.operator, found.value, metric.window)
    if core.function in _RATES:
        return Reading(found.operator, _value(found, 1 / metric.window), metric.window)
    return Reading(found.operator, None, untold=f"{core.function} does not count")
