"""The graph of the estate as trees that the page shows as nested lists."""

from __future__ import annotations

from msgspec import Struct, field

from kerp_policy.estate.graph import graph_of
from kerp_policy.estate.graph.model import Edge, Graph, Key, Mark
from kerp_policy.outcome import Run
from kerp_policy.secrets import redact

MOST = 2_000
"""Things that are shown; a browser would take long over more, and nobody would read them."""

_DEEPEST = 40
_LONGEST = 120


class Branch(Struct):
    """A thing, how what is above leads to it, and what it leads to."""

    kind: str
    name: str
    where: str
    label: str
    on_edge: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    is_repeated: bool = False
    below: list[Branch] = field(default_factory=list)


class Trees(Struct):
    """The trees of an estate, and how many things there was no room for."""

    roots: list[Branch]
    left_out: int


def trees(run: Run) -> Trees:
    """What the files that were asked for lead to, with what joint policies have found there."""
    joint = {policy.id for policy in run.profile.policies if policy.each == "estate"}
    graph = graph_of(run.estate, (f for f in run.findings if f.policy in joint))
    files = run.sources.keys() - run.beside
    if not all(node.file in files for node in graph.nodes.values() if node.file):
        graph = graph.around(files)
    return _Grower(graph).trees()


class _Grower:
    """Makes trees of a graph, as long as there is room."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._below = graph.below()
        self._seen = set[Key]()
        self._room = MOST

    def trees(self) -> Trees:
        roots = [self._tree(key) for key in self._graph.roots() if self._room > 0]
        return Trees(roots, len(self._graph.nodes) - len(self._seen))

    def _tree(self, root: Key) -> Branch:
        """The tree below a thing; what is shown already is only named again."""
        top = self._branch(root)
        todo = [(top, root, 0)]
        while todo:
            branch, key, depth = todo.pop()
            room = self._room if depth < _DEEPEST else 0
            for edge in self._below.get(key, ())[:room]:
                child = self._branch(edge.target, edge)
                branch.below.append(child)
                if not child.is_repeated:
                    todo.append((child, edge.target, depth + 1))
        return top

    def _branch(self, key: Key, edge: Edge | None = None) -> Branch:
        node, marks = self._graph.nodes[key], self._graph.marks
        where = node.file if node.file == node.name else f"{node.file}:{node.line}"
        label, on_edge = (edge.label, tuple(marks.get(edge, ()))) if edge else ("", ())
        is_repeated = key in self._seen
        self._seen.add(key)
        self._room -= 1
        return Branch(
            node.kind,
            _short(node.name),
            where if node.file else "",
            label,
            on_edge,
            tuple(marks.get(key, ())),
            is_repeated,
        )


def _short(name: str) -> str:
    text = " ".join(redact(name).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
