"""The graph of an estate as a tree to read, as Mermaid and as JSON.

Names come from files of others: each format has its own way to keep them from meaning anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kerp_policy.estate.graph.model import Edge, Graph, Key, Node
from kerp_policy.i18n import gettext as _
from kerp_policy.regex import regex
from kerp_policy.secrets.redact import redact
from kerp_policy.visible import dumped, inert, one_line, printable

_LONGEST = 100
"""Characters of a name that are shown."""

_DEEPEST = 50
"""Levels of the tree that are shown."""


def as_tree(graph: Graph) -> str:
    """Every node below what leads to it; what is shown already is only named again."""
    below, seen = graph.below(), set[Key]()
    blocks = ["\n".join(_tree(graph, root, below, seen)) for root in graph.roots()]
    broken = sum(any(mark.fails for mark in marks) for marks in graph.marks.values())
    total = _("{count} things: {broken} broken (✗), {unverified} unverified (?)").format(
        count=len(graph.nodes), broken=broken, unverified=len(graph.marks) - broken
    )
    return inert("\n\n".join([*blocks, total]) + "\n")


class _Branch(NamedTuple):
    """A node that is to be shown: what stands before it, and before what is below it."""

    key: Key
    lead: str
    indent: str
    depth: int


def _tree(
    graph: Graph, root: Key, below: Mapping[Key, Sequence[Edge]], seen: set[Key]
) -> Iterator[str]:
    todo = [_Branch(root, "", "", 0)]
    while todo:
        key, lead, indent, depth = todo.pop()
        if key in seen and depth:
            yield f"{lead}{_name(graph.nodes[key])}  ({_('above')})"
            continue
        seen.add(key)
        yield f"{lead}{_line(graph, key)}"
        edges = below.get(key, ()) if depth < _DEEPEST else ()
        for edge in reversed(edges):
            sign, bar = ("└─ ", "   ") if edge is edges[-1] else ("├─ ", "│  ")
            how = _("{link} {marks}").format(link=edge.label, marks=_between(graph, edge))
            todo.append(_Branch(edge.target, f"{indent}{sign}{how}", indent + bar, depth + 1))


def _line(graph: Graph, key: Key) -> str:
    node = graph.nodes[key]
    marks = "".join(f"  {mark}" for mark in _marks(graph, key))
    if node.file == node.name:
        return f"{_name(node)}{marks}"
    where = one_line(f"{node.file}:{node.line}") if node.file else f"({_('not in the project')})"
    return f"{_name(node)}  {where}{marks}"


def _name(node: Node) -> str:
    return f"{node.kind} {_short(node.name)}"


def _between(graph: Graph, edge: Edge) -> str:
    marks = _marks(graph, edge)
    return f"({', '.join(marks)}) " if marks else ""


def _short(name: str) -> str:
    text = " ".join(printable(redact(name)).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _marks(graph: Graph, each: Key | Edge) -> list[str]:
    marks = graph.marks.get(each, {})
    return [f"{'✗' if mark.fails else '?'} {mark.policy}" for mark in marks]


def as_mermaid(graph: Graph) -> str:
    """A flowchart; what is broken is red, what lives elsewhere is dashed."""
    ids = {key: f"n{i}" for i, key in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for key, node in graph.nodes.items():
        text = " ".join([_name(node), *_marks(graph, key)])
        lines.append(f'  {ids[key]}["{_quoted(text)}"]{_class(graph, key)}')
    for i, edge in enumerate(graph.edges):
        text = _quoted(" ".join([edge.label, *_marks(graph, edge)]))
        lines.append(f'  {ids[edge.source]} -- "{text}" --> {ids[edge.target]}')
        if any(mark.fails for mark in graph.marks.get(edge, {})):
            lines.append(f"  linkStyle {i} stroke:#c00")
    lines.append("  classDef broken stroke:#c00,stroke-width:2px")
    lines.append("  classDef elsewhere stroke-dasharray:4")
    return "\n".join(lines) + "\n"


_UNSAFE = regex(r"[^\w ./:,()$={}*@+-]")


def _quoted(text: str) -> str:
    """As text of a node: everything that may be markup is written by its number.

    Source: Mermaid's documentation, Flowcharts, "Entity codes to escape characters".
    """
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", text)


def _class(graph: Graph, key: Key) -> str:
    if any(mark.fails for mark in graph.marks.get(key, {})):
        return ":::broken"
    return "" if graph.nodes[key].file else ":::elsewhere"


def as_json(graph: Graph) -> str:
    """Nodes and edges, each with what was found there."""
    ids = {key: f"n{i}" for i, key in enumerate(graph.nodes)}
    nodes = [
        {
            "id": ids[key],
            "kind": node.kind,
            "name": redact(node.name),
            **({"file": node.file, "line": node.line} if node.file else {}),
            "findings": _findings(graph, key),
        }
        for key, node in graph.nodes.items()
    ]
    edges = [
        {
            "from": ids[edge.source],
            "to": ids[edge.target],
            "label": edge.label,
            "findings": _findings(graph, edge),
        }
        for edge in graph.edges
    ]
    return dumped({"nodes": nodes, "edges": edges}, indent=2) + "\n"


def _findings(graph: Graph, each: Key | Edge) -> list[dict[str, str]]:
    return [
        {"policy": mark.policy, "verdict": "fail" if mark.fails else "unverified"}
        for mark in graph.marks.get(each, {})
    ]


FORMATS: dict[str, Callable[[Graph], str]] = {
    "text": as_tree,
    "mermaid": as_mermaid,
    "json": as_json,
}
"""By name, what makes text of a graph."""
