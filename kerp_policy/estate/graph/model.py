"""A graph of things: nodes, what leads from one to another, and where something was found."""

from __future__ import annotations

from collections.abc import Container, Iterable

from msgspec import Struct

from kerp_policy.findings import Finding, Place, Verdict
from kerp_policy.i18n import gettext as _

Key = tuple[str, ...]
"""What tells a node from all others."""


class Mark(Struct, frozen=True):
    """That a joint check has found something at a node or an edge."""

    policy: str
    fails: bool


class Node(Struct, frozen=True):
    """A thing of the estate; without a file it is named only, and lives elsewhere."""

    key: Key
    kind: str
    name: str
    file: str = ""
    line: int = 0


class Edge(Struct, frozen=True):
    """That one thing leads to another: `label` says how, seen from the first."""

    source: Key
    target: Key
    label: str


class Graph:
    """Nodes and edges, in the order in which they were added.

    Attributes:
        nodes: every node by its key.
        edges: every edge; those between the same two nodes are told apart by their labels.
        marks: what was found at a node or edge.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.nodes: dict[Key, Node] = {}
        self.edges: dict[Edge, None] = {}
        self.marks: dict[Key | Edge, dict[Mark, None]] = {}
        self._at: dict[tuple[str, str], Key] = {}
        self._between: dict[tuple[Key, Key], list[Edge]] = {}

    def add(self, node: Node, *places: Place) -> Key:
        """Add a node, if it is not there, and what is written of it: `places` of its file."""
        self.nodes.setdefault(node.key, node)
        for place in places:
            self._at.setdefault((node.file, place.address), node.key)
            self._at.setdefault((node.file, place.thing), node.key)
        return node.key

    def link(self, source: Key, target: Key, label: str) -> None:
        """Add an edge, if it is not there."""
        edge = Edge(source, target, label)
        if source != target and edge not in self.edges:
            self.edges[edge] = None
            self._between.setdefault((source, target), []).append(edge)

    def mark(self, finding: Finding) -> None:
        """Mark what a finding is about: the edge between its places, else the node."""
        mark = Mark(finding.policy, finding.verdict is Verdict.FAIL)
        own = self._node_at(finding.file, finding.place)
        if own is None:
            own = self.add(_unknown(finding), finding.place)
        others = {self._node_at(related.file, related.place) for related in finding.related}
        pairs = [pair for other in others if other for pair in ((own, other), (other, own))]
        between = [edge for pair in pairs for edge in self._between.get(pair, ())]
        places: list[Key | Edge] = [*between] or [own]
        for each in places:
            self.marks.setdefault(each, {})[mark] = None

    def _node_at(self, file: str, place: Place) -> Key | None:
        """The node that is written at a place, or that the place lies in."""
        address = place.address
        for _step in range(_DEEPEST):
            if (file, address) in self._at:
                return self._at[file, address]
            end = max(address.rfind(sign) for sign in ":./[#")
            if end < 0:
                return None
            address = address[:end]
        return None

    def roots(self) -> list[Key]:
        """Where to begin: what nothing leads to, and one node of each circle."""
        led_to = {edge.target for edge in self.edges}
        begin = [key for key in self.nodes if key not in led_to]
        below = self.below()
        seen = _reach(begin, below, set())
        for key in self.nodes:
            if key not in seen:
                begin.append(key)
                _reach([key], below, seen)
        return begin

    def below(self) -> dict[Key, list[Edge]]:
        """The edges that begin at each node."""
        found: dict[Key, list[Edge]] = {}
        for edge in self.edges:
            found.setdefault(edge.source, []).append(edge)
        return found

    def around(self, files: Container[str]) -> Graph:
        """The part that is about some files: the trees that have a node in one of them."""
        below, part, kept = self.below(), Graph(), set[Key]()
        for root in self.roots():
            reached = _reach([root], below, set())
            if any(self.nodes[key].file in files for key in reached):
                kept |= reached
        part.nodes = {key: node for key, node in self.nodes.items() if key in kept}
        part.edges = {edge: None for edge in self.edges if edge.source in part.nodes}
        part.marks = {each: marks for each, marks in self.marks.items() if part.has(each)}
        return part

    def has(self, each: Key | Edge) -> bool:
        """Whether a node or an edge is in the graph."""
        return each in self.edges if isinstance(each, Edge) else each in self.nodes


_DEEPEST = 60
"""Steps of an address that are gone up."""


def _unknown(finding: Finding) -> Node:
    kind, _slash, name = finding.place.thing.partition("/")
    line = finding.place.span.line
    if name and "#" not in finding.place.address:
        return Node((kind, finding.file, name), kind.partition(".")[0], name, finding.file, line)
    return Node(("file", finding.file), _("file"), finding.file, finding.file, line)


def _reach(start: Iterable[Key], below: dict[Key, list[Edge]], seen: set[Key]) -> set[Key]:
    """Add to `seen` what can be reached without coming through it."""
    todo = list(start)
    seen.update(todo)
    while todo:
        for edge in below.get(todo.pop(), ()):
            if edge.target not in seen:
                seen.add(edge.target)
                todo.append(edge.target)
    return seen
