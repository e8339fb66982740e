"""Which labels the result of a query has, as far as the query itself tells.

After Prometheus, Querying: operators. What is scraped carries labels that no query shows; an
aggregation leaves only those that it names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.prometheus.algebra import COMPARISONS
from kerp_policy.artifacts.prometheus.nodes import (
    Aggregate,
    Binary,
    Call,
    Negative,
    Node,
    Number,
    Selector,
    Subquery,
    Text,
)

_SCALARS = frozenset(("scalar", "time", "pi"))
_CHOOSING = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))
_UNTOLD = frozenset(("absent", "absent_over_time", "info"))


class Labels(Struct, frozen=True):
    """The labels of a result.

    Attributes:
        only: all that it can have; None where it may have others.
        gone: those that it cannot have.
        scraped: whether it is a series as it was scraped, so that it has `job`.
    """

    only: frozenset[str] | None
    gone: frozenset[str] = frozenset()
    scraped: bool = False

    def lacks(self, label: str) -> bool:
        """Whether it certainly has no such label."""
        return label in self.gone or (self.only is not None and label not in self.only)


_NONE = Labels(frozenset())
_ANY = Labels(None)


def labels_of(node: Node) -> Labels | None:
    """The labels of a result; None for a single number, which joins with everything."""
    kind: Callable[[Any], Labels | None] = _KINDS[type(node)]
    return kind(node)


def _selector(node: Selector) -> Labels:
    gone = frozenset(m.name for m in node.matchers if (m.operator, m.value) == ("=", ""))
    return Labels(None, gone, scraped=":" not in node.name and bool(node.name))


def _call(node: Call) -> Labels | None:
    name = node.function
    if name in _SCALARS:
        return None
    if name in _UNTOLD:
        return _ANY
    if name == "vector":
        return _NONE
    inner = next((each for each in map(labels_of, node.arguments) if each), _NONE)
    if name in ("label_replace", "label_join"):
        target = node.arguments[1]
        return _with(inner, target.value if isinstance(target, Text) else "")
    return _without(inner, frozenset(("le",))) if name == "histogram_quantile" else inner


def _with(labels: Labels, name: str) -> Labels:
    only = labels.only | {name} if labels.only is not None else None
    return replace(labels, only=only, gone=labels.gone - {name})


def _without(labels: Labels, names: frozenset[str]) -> Labels:
    only = labels.only - names if labels.only is not None else None
    return Labels(only, labels.gone | names, labels.scraped and "job" not in names)


def _aggregate(node: Aggregate) -> Labels:
    inner = labels_of(node.operand) or _NONE
    if node.operator in _CHOOSING:
        return inner
    if not node.keeps:
        return _without(inner, node.labels)
    kept = Labels(frozenset(label for label in node.labels if not inner.lacks(label)))
    name = node.parameter if node.operator == "count_values" else None
    return _with(kept, name.value) if isinstance(name, Text) else kept


def _binary(node: Binary) -> Labels | None:
    left, right = labels_of(node.left), labels_of(node.right)
    if left is None or right is None:
        return left or right
    if node.operator == "or":
        both = left.only is not None and right.only is not None
        return Labels((left.only or frozenset()) | (right.only or frozenset())) if both else _ANY
    return left if node.operator in ("and", "unless") else _joined(node, left, right)


def _joined(node: Binary, left: Labels, right: Labels) -> Labels:
    """The labels of a pair; what a group modifier brings in besides is not followed."""
    if node.grouped:
        return _ANY
    if node.operator in COMPARISONS:
        return left
    if node.on:
        return Labels(frozenset(label for label in node.labels if not left.lacks(label)))
    return _without(left, node.labels)


_KINDS: dict[type, Callable[[Any], Labels | None]] = {
    Number: lambda node: None,
    Text: lambda node: None,
    Selector: _selector,
    Call: _call,
    Aggregate: _aggregate,
    Binary: _binary,
    Negative: lambda node: labels_of(node.operand),
    Subquery: lambda node: labels_of(node.operand),
}
