"""The tree of a YAML document: plain values, and the exact place of every key and item."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from kerp_policy.artifacts.yaml_scalars import Resolver, core
from kerp_policy.paths import Path
from kerp_policy.sources.source import Problem, Span


class Scalar(Struct, gc=False):
    """A value without parts. `style` is the quote or block character, empty for a plain one."""

    text: str
    span: Span
    style: str = ""
    tag: str | None = None
    size: int = 1


class Entry(Struct, gc=False):
    """One key of a mapping with its value; `merged` when it came by a `<<` key."""

    key: Span
    node: Node
    merged: bool = False


class Mapping(Struct, gc=False):
    """Keys, always as text, in the order of the file."""

    span: Span
    entries: dict[str, Entry] = field(default_factory=dict)
    size: int = 1


class Sequence(Struct, gc=False):
    """The items of a list."""

    span: Span
    items: list[Node] = field(default_factory=list)
    size: int = 1


Node = Scalar | Mapping | Sequence


class Document(Struct):
    """One document of a stream: its tree, what is wrong with it, and where it has a `<<` key."""

    root: Node
    problems: list[Problem] = field(default_factory=list)
    merges: list[Span] = field(default_factory=list)

    def data(self, resolve: Resolver = core) -> Any:
        """The document as plain dict, list, str, int, float, bool and None."""
        return to_data(self.root, resolve)

    def node(self, path: Path) -> Node | None:
        """The node at a path, or None."""
        node: Node | None = self.root
        for step in path:
            node = _child(node, step)
        return node

    def span(self, path: Path) -> Span:
        """Where a path is written; of what is missing, the nearest parent that exists."""
        nodes = [self.root]
        for step in path:
            found = _child(nodes[-1], step)
            if found is None:
                break
            nodes.append(found)
        reached = len(nodes) - 1
        if not reached:
            return _own_place(self.root)
        return _place(nodes[-2], path[reached - 1], nodes[-1])

    def beginning(self, path: Path) -> Span:
        """Where a path begins, without a character of its value: its key, else an empty span."""
        parent = self.node(path[:-1]) if path else None
        entry = parent.entries.get(str(path[-1])) if isinstance(parent, Mapping) else None
        if entry:
            return entry.key
        line, column = self.span(path).start
        return Span(line, column, line, column)


def _child(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, Mapping) and isinstance(step, str):
        entry = node.entries.get(step)
        return entry.node if entry else None
    if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def _place(parent: Node, step: str | int, child: Node) -> Span:
    """A key with its value where the value ends on the key's line, else the key alone."""
    if not isinstance(parent, Mapping):
        return _own_place(child)
    key = parent.entries[str(step)].key
    if child.span.line == key.line == child.span.end_line and child.span.column >= key.column:
        return Span(key.line, key.column, child.span.end_line, child.span.end_column)
    return key


def _own_place(node: Node) -> Span:
    """Of a block mapping the first entry, of anything else its first line."""
    if isinstance(node, Mapping) and node.span.line != node.span.end_line and node.entries:
        key, entry = next(iter(node.entries.items()))
        return _place(node, key, entry.node) if not entry.merged else entry.key
    if node.span.line == node.span.end_line:
        return node.span
    return Span(node.span.line, node.span.column, node.span.line, node.span.column + 1)


def span_inside(node: Scalar, lines: list[str], start: int, end: int) -> Span | None:
    """Where the characters from `start` to `end` of a scalar's text stand in the file.

    Args:
        node: the scalar.
        lines: the lines of the file.
        start: index of the first character.
        end: index after the last one.

    Returns:
        None where folding or escapes keep the text from standing in the file as it is.
    """
    first, last = _position(node, lines, start), _position(node, lines, end)
    return Span(*first, *last) if first and last else None


def _position(node: Scalar, lines: list[str], index: int) -> tuple[int, int] | None:
    """Line and column of one character, where the source line shows that it stands there."""
    starts = _line_starts(node.text)
    number = bisect_right(starts, index) - 1
    end = starts[number + 1] - 1 if number + 1 < len(starts) else len(node.text)
    text = node.text[starts[number] : end]
    line = node.span.line + (1 + number if node.style == "|" else 0)
    written = lines[line - 1] if line <= len(lines) else ""
    if node.style == "|":
        indent = len(written) - len(text)
        exact = written.endswith(text) and not written[:indent].strip(" ")
    else:
        indent = node.span.column - 1 + len(node.style)
        exact = len(starts) == 1 and written.startswith(text, indent)
    return (line, indent + 1 + index - starts[number]) if exact else None


@lru_cache(maxsize=4)
def _line_starts(text: str) -> list[int]:
    """The index of each line's first character; kept, as many places of one text are asked."""
    return [0, *(i + 1 for i, character in enumerate(text) if character == "\n")]


def to_data(root: Node, resolve: Resolver) -> Any:
    """The plain value of a node; parts that an alias shares are built once."""
    return _built(root, resolve, {})


def _built(node: Node, resolve: Resolver, built: dict[int, Any]) -> Any:
    if isinstance(node, Scalar):
        return resolve(node.text, not node.style, node.tag)
    if id(node) not in built:
        built[id(node)] = _collection(node, resolve, built)
    return built[id(node)]


def _collection(node: Mapping | Sequence, resolve: Resolver, built: dict[int, Any]) -> Any:
    if isinstance(node, Sequence):
        return [_built(item, resolve, built) for item in node.items]
    return {key: _built(entry.node, resolve, built) for key, entry in node.entries.items()}
