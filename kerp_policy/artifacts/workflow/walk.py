"""Every expression of a workflow, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.workflow.conditions import condition
from kerp_policy.artifacts.workflow.expressions import Expression, find_expressions
from kerp_policy.artifacts.yaml_nodes import Document, Mapping, Node, Scalar
from kerp_policy.artifacts.yaml_scalars import core
from kerp_policy.paths import Path


def scalars(document: Document) -> Iterator[tuple[Path, Scalar]]:
    """Every value of a document with its path; what aliases share is visited once."""
    waiting: list[tuple[Path, Node]] = [((), document.root)]
    seen: set[int] = set()
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, Scalar):
            yield path, node
        elif id(node) not in seen:
            seen.add(id(node))
            children = list(_children(path, node))
            waiting += reversed(children)


def _children(path: Path, node: Node) -> Iterator[tuple[Path, Node]]:
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield (*path, key), entry.node
    elif not isinstance(node, Scalar):
        for i, item in enumerate(node.items):
            yield (*path, i), item


def is_condition(path: Path) -> bool:
    """Whether the value at a path is an expression without braces: the `if` of a job or step."""
    return path[-1:] == ("if",) and (
        (len(path) == 3 and path[0] == "jobs")
        or (len(path) == 5 and path[0] == "jobs" and path[2] == "steps")
        or (len(path) == 4 and path[:2] == ("runs", "steps"))
    )


def expressions_in(document: Document) -> Iterator[tuple[Path, Expression]]:
    """Every expression, with the path of its value."""
    for path, node in scalars(document):
        if is_condition(path):
            found = condition(core(node.text, not node.style, node.tag))
            if found:
                yield path, found
        elif "${{" in node.text:
            for expression in find_expressions(node.text):
                yield path, expression
