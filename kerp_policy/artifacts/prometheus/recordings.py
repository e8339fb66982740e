"""Recording rules put in the place of the names that they record."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from kerp_policy.artifacts.prometheus.nodes import (
    Aggregate,
    Binary,
    Call,
    Negative,
    Node,
    Selector,
    Subquery,
)

_MOST_NODES = 200
_MOST_RECORDINGS = 5
"""Real rules stay far below; what hostile ones add up to stays bounded."""


def inlined(node: Node, recorded: Mapping[str, Node]) -> Node:
    """A query with what recording rules stand for; as it is where that would become too large."""
    if not recorded:
        return node
    try:
        return _inlined(node, recorded, frozenset(), [_MOST_NODES])
    except OverflowError:
        return node


def _inlined(
    node: Node, recorded: Mapping[str, Node], around: frozenset[str], left: list[int]
) -> Node:
    """Put recording rules in; `around` are those that this is inside of, `left` counts nodes."""
    left[0] -= 1
    if left[0] < 0 or len(around) > _MOST_RECORDINGS:
        raise OverflowError
    if isinstance(node, Selector):
        known = recorded.get(node.name) if node.window is None else None
        if known is None or node.name in around:
            return node
        return _inlined(known, recorded, around | {node.name}, left)
    return _rebuilt(node, lambda child: _inlined(child, recorded, around, left))


def _rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    if isinstance(node, Binary):
        return replace(node, left=change(node.left), right=change(node.right))
    if isinstance(node, Call):
        return replace(node, arguments=tuple(change(each) for each in node.arguments))
    if isinstance(node, (Aggregate, Negative, Subquery)):
        return replace(node, operand=change(node.operand))
    return node
