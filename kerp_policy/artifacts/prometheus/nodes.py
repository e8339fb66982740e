"""The parts of a query, as records that can be compared."""

from __future__ import annotations

from msgspec import Struct


class Number(Struct, frozen=True):
    """A number, or a string's place in a call."""

    value: float


class Text(Struct, frozen=True):
    """A string."""

    value: str


class Matcher(Struct, frozen=True, order=True):
    """`name="value"`; the operator is `=`, `!=`, `=~` or `!~`."""

    name: str
    operator: str
    value: str


class Selector(Struct, frozen=True):
    """A metric with its matchers; `window` is its range in seconds, None for an instant."""

    name: str
    matchers: tuple[Matcher, ...] = ()
    window: float | None = None


class Call(Struct, frozen=True):
    """A function with its arguments."""

    function: str
    arguments: tuple[Node, ...]


class Aggregate(Struct, frozen=True):
    """`sum by (a) (…)`; `keeps` tells `by` from `without`; no clause is `by ()`."""

    operator: str
    operand: Node
    labels: frozenset[str]
    keeps: bool
    parameter: Node | None = None


class Binary(Struct, frozen=True):
    """Two operands; `on` tells `on(labels)` from `ignoring(labels)`, the default with no label."""

    operator: str
    left: Node
    right: Node
    labels: frozenset[str] = frozenset()
    on: bool = False
    is_bool: bool = False
    grouped: str = ""
    """`left` or `right` where `group_left` or `group_right` stands."""


class Negative(Struct, frozen=True):
    """Minus something."""

    operand: Node


class Subquery(Struct, frozen=True):
    """`(…)[1h:5m]`; the window in seconds."""

    operand: Node
    window: float


Node = Number | Text | Selector | Call | Aggregate | Binary | Negative | Subquery


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node, from left to right."""
    if isinstance(node, Binary):
        return (node.left, node.right)
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Aggregate):
        return (node.operand, node.parameter) if node.parameter is not None else (node.operand,)
    return (node.operand,) if isinstance(node, (Negative, Subquery)) else ()


def walk(node: Node) -> list[Node]:
    """A node and all below it, from the top and from the left."""
    found: list[Node] = []
    left = [node]
    while left:
        found.append(left.pop())
        left += reversed(children(found[-1]))
    return found


def selectors(node: Node) -> list[Selector]:
    """The metrics that a node asks for, from the left."""
    return [each for each in walk(node) if isinstance(each, Selector)]
