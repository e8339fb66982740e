"""Comparisons by their meaning: `100 - idle * 100 > 80` is `idle < 0.2`.

Both sides of a comparison are brought into the form `scale * core + offset`, constants are folded
and pulled through what is linear, and what is left is one core against one number.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.prometheus.nodes import (
    Aggregate,
    Binary,
    Call,
    Negative,
    Node,
    Number,
    Subquery,
    children,
)
from kerp_policy.artifacts.prometheus.recordings import inlined

COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
_FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": math.fmod,
    "^": operator.pow,
}
# What passes its argument on, whatever it does to labels or order.
_TRANSPARENT = frozenset(("label_replace", "label_join", "sort", "sort_desc", "scalar", "vector"))
# Functions of a range that give 2y + 1 for 2x + 1, and those that give 2y for 2x only.
_AFFINE = frozenset(("avg", "avg_over_time", "last_over_time"))
_LINEAR = frozenset(("sum", "sum_over_time", "rate", "irate", "increase", "delta", "deriv"))
_EXTREMES = {
    "max": "min",
    "min": "max",
    "max_over_time": "min_over_time",
    "min_over_time": "max_over_time",
}


class Linear(Struct, frozen=True):
    """`scale * core + offset`; a constant has no core."""

    core: Node | None
    scale: float = 1
    offset: float = 0


class Threshold(Struct, frozen=True):
    """`core operator value`, or a comparison that could not be brought into that form.

    `value` is None where it compares two things that are not known to be proportional.
    """

    core: Node
    operator: str
    value: float | None


def comparisons(node: Node) -> Iterator[Binary]:
    """The comparisons that decide whether an alert fires.

    Those on both sides of `and` and `or` and on the left of `unless`; none that is only calculated
    with.
    """
    if not isinstance(node, Binary):
        for child in children(node) if isinstance(node, Aggregate) else ():
            yield from comparisons(child)
    elif node.operator in ("and", "or"):
        yield from comparisons(node.left)
        yield from comparisons(node.right)
    elif node.operator == "unless":
        yield from comparisons(node.left)
    elif node.operator in COMPARISONS and not node.is_bool:
        yield node
        for side in (node.left, node.right):  # 0.5 < x < 1
            yield from comparisons(side)


def threshold(comparison: Binary, recorded: Mapping[str, Node]) -> Threshold:
    """The meaning of a comparison, recording rules of the same file put in."""
    left = linear(inlined(comparison.left, recorded))
    right = linear(inlined(comparison.right, recorded))
    sign = comparison.operator
    if left.core is None:
        left, right, sign = right, left, _FLIPPED.get(sign, sign)
    if left.core is None or left.scale == 0:
        return Threshold(comparison.left, sign, None)
    if right.core is not None:
        return _proportion(left, right, sign)
    if left.scale < 0:
        sign = _FLIPPED.get(sign, sign)
    return Threshold(left.core, sign, _rounded((right.offset - left.offset) / left.scale))


def _proportion(left: Linear, right: Linear, sign: str) -> Threshold:
    """`used > 0.8 * total` is `used / total > 0.8`: totals are not negative."""
    assert left.core is not None and right.core is not None
    if left.offset or right.offset or left.scale <= 0 or right.scale <= 0:
        return Threshold(left.core, sign, None)
    ratio = Binary("/", left.core, right.core)
    return Threshold(ratio, sign, _rounded(right.scale / left.scale))


def _rounded(value: float) -> float | None:
    """Without what binary fractions add: 80 / 100 against 0.8; None for what is no number."""
    return float(f"{value:.12g}") if math.isfinite(value) else None


def linear(node: Node) -> Linear:
    """A node as `scale * core + offset`; at worst the node itself."""
    if isinstance(node, Number):
        return Linear(None, 1, node.value)
    if isinstance(node, Negative):
        return _times(linear(node.operand), -1)
    if isinstance(node, Binary):
        return _of_binary(node)
    if isinstance(node, Call):
        return _of_call(node)
    return _of_aggregate(node) if isinstance(node, Aggregate) else Linear(node)


def _times(value: Linear, factor: float) -> Linear:
    return Linear(value.core, value.scale * factor, value.offset * factor)


def _of_binary(node: Binary) -> Linear:
    left, right = linear(node.left), linear(node.right)
    if left.core is None and right.core is None:
        return _constant(node, left.offset, right.offset)
    rules = {"+": _sum, "-": _difference, "*": _product, "/": _quotient}
    rule = rules.get(node.operator)
    return (rule(node, left, right) if rule else None) or Linear(node)


def _constant(node: Binary, left: float, right: float) -> Linear:
    try:
        value = _ARITHMETIC[node.operator](left, right)
    except (ArithmeticError, ValueError):
        value = math.nan
    except KeyError:
        return Linear(node)
    return Linear(None, 1, value if isinstance(value, float) else math.nan)


def _sum(node: Binary, left: Linear, right: Linear) -> Linear | None:
    if left.core is None:
        left, right = right, left
    if right.core is None:
        return Linear(left.core, left.scale, left.offset + right.offset)
    if left.scale != right.scale or left.core is None:
        return None
    together = replace(node, left=left.core, right=right.core)
    return Linear(together, left.scale, left.offset + right.offset)


def _difference(node: Binary, left: Linear, right: Linear) -> Linear | None:
    if left.core is None or right.core is None:
        return _sum(node, left, _times(right, -1))
    if left.scale != right.scale:
        return None
    apart = replace(node, left=left.core, right=right.core)
    return Linear(apart, left.scale, left.offset - right.offset)


def _product(node: Binary, left: Linear, right: Linear) -> Linear | None:
    if left.core is None:
        return _times(right, left.offset)
    if right.core is None:
        return _times(left, right.offset)
    if left.offset or right.offset:
        return None
    return Linear(replace(node, left=left.core, right=right.core), left.scale * right.scale)


def _quotient(node: Binary, left: Linear, right: Linear) -> Linear | None:
    if right.core is None:
        return _times(left, 1 / right.offset) if right.offset else None
    if left.core is None or left.offset or right.offset or not right.scale:
        return None
    scale = left.scale / right.scale
    if isinstance(left.core, Binary) and left.core.operator == "-":
        rest = _rest(node, left.core, right.core)
        if rest is not None:
            return _times(rest, scale)
    return Linear(replace(node, left=left.core, right=right.core), scale)


def _rest(node: Binary, difference: Binary, whole: Node) -> Linear | None:
    """`(total - free) / total` is `1 - free / total`."""
    if difference.left != whole:
        return None
    return Linear(replace(node, left=difference.right, right=whole), -1, 1)


def _of_call(node: Call) -> Linear:
    name, arguments = node.function, node.arguments
    if name in _TRANSPARENT and arguments:
        return linear(arguments[0])
    inner = arguments[0] if arguments else None
    if not isinstance(inner, Subquery):
        return Linear(node)
    found = _through(
        name,
        linear(inner.operand),
        lambda name, core: Call(name, (replace(inner, operand=core),)),
    )
    return found or Linear(node)


def _of_aggregate(node: Aggregate) -> Linear:
    value = linear(node.operand)
    found = _through(
        node.operator, value, lambda name, core: replace(node, operator=name, operand=core)
    )
    return found or Linear(node)


def _through(name: str, value: Linear, build: Callable[[str, Node], Node]) -> Linear | None:
    """Pull scale and offset out of a function of one thing; None where it does not let them."""
    if value.core is None or not value.scale:
        return None
    if name in _EXTREMES:
        name = name if value.scale > 0 else _EXTREMES[name]
    elif name not in _AFFINE and (name not in _LINEAR or value.offset):
        return None
    return Linear(build(name, value.core), value.scale, value.offset)
