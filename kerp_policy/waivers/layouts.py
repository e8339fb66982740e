"""Where things begin and end in a file, and where a `#` is part of a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence
from kerp_policy.sources.source import Source, Span


class Layout(Struct, frozen=True):
    """What a scanner has to know about a file.

    Attributes:
        things: the first and last line of everything that can be waived.
        texts: places in which a `#` begins no comment, sorted.
        trailing: whether comments can stand at the end of a line.
    """

    things: list[tuple[int, int]]
    texts: list[Span]
    trailing: bool = True


def layout_of(source: Source, kind: str) -> Layout | None:
    """Where things begin and end in a file; None for a kind that knows no waivers."""
    return _LAYOUTS[kind](source) if kind in _LAYOUTS else None


def _yaml(source: Source) -> Layout:
    """Documents, keys with their values and items of lists; every scalar is a text."""
    layout, blocks = Layout([], []), dict[int, int]()
    for document in read(source.text).documents:
        layout.things.append(_lines(document.root))
        for node in _nodes(document.root):
            if isinstance(node, Scalar):
                layout.texts.append(_text(source.lines, node, blocks))
            elif isinstance(node, Sequence):
                layout.things.extend(map(_lines, node.items))
            else:
                entries = [entry for entry in node.entries.values() if not entry.merged]
                layout.texts.extend(entry.key for entry in entries)
                layout.things.extend((e.key.line, _last_line(e)) for e in entries)
    things = [(first, blocks.get(last, last)) for first, last in layout.things]
    return replace(layout, things=things)


def _lines(node: Node) -> tuple[int, int]:
    """The first and last line; an end at a line's beginning belongs to the line before."""
    span = node.span
    overshoots = span.end_column == 1 and span.end_line > span.line
    return span.line, span.end_line - overshoots


def _last_line(entry: Entry) -> int:
    """The last line of a key with its value, which may stand elsewhere (an alias)."""
    first, last = _lines(entry.node)
    return last if first >= entry.key.line else entry.key.line


def _text(lines: list[str], scalar: Scalar, blocks: dict[int, int]) -> Span:
    """The place of a scalar; of a block its lines too, which its own place leaves out.

    Args:
        lines: the lines of the file.
        scalar: the scalar.
        blocks: by the line that a block begins on, its last line; what is found is added.
    """
    span = scalar.span
    if scalar.style not in ("|", ">"):
        return span
    last = _last_of_block(lines, span.line)
    blocks[span.line] = last
    return Span(span.line, span.column, last + 1, 1)


def _last_of_block(lines: list[str], first: int) -> int:
    """The last line that is indented at least as the block's first one is."""
    last, indent = first, 0
    for number, line in enumerate(lines[first:], first + 1):
        margin = len(line) - len(line.lstrip(" "))
        if not line.strip():
            continue
        indent = indent or max(1, margin)
        if margin < indent:
            break
        last = number
    return last


def _nodes(root: Node) -> Iterator[Node]:
    """Every node once, also those that several aliases share."""
    todo, seen = [root], set[int]()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, Mapping):
            todo += [entry.node for entry in node.entries.values()]
        elif isinstance(node, Sequence):
            todo += node.items


def _shell(source: Source) -> Layout:
    """Commands; words and here-documents are texts."""
    from kerp_policy.artifacts.shell import parse_shell

    shell = parse_shell(source.text)
    words = [word.span for command in shell.commands for word in command.words]
    words += [each.value.span for command in shell.commands for each in command.assignments]
    bodies = [heredoc.body.span for heredoc in shell.heredocs]
    things = [(command.span.line, command.span.end_line) for command in shell.commands]
    return Layout(things, _apart([*words, *bodies]))


def _apart(spans: list[Span]) -> list[Span]:
    """Spans without those that lie inside another, as a word of a substitution does."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, [-part for part in span.end])):
        if not found or span.end > found[-1].end:
            found.append(span)
    return found


def _dockerfile(source: Source) -> Layout:
    """Stages, instructions, and what is left of one from each of its lines on.

    Here-documents are texts.
    """
    from kerp_policy.artifacts.dockerfile.prepass import cut

    layout, stages = Layout([], [], trailing=False), list[int]()
    for block in cut(source).blocks:
        layout.things.extend((line, block.last_line) for line, _ in block.line.starts)
        layout.texts.extend(heredoc.span for heredoc in block.heredocs)
        if block.line.text.lstrip()[:5].upper().rstrip() == "FROM":
            stages.append(block.line.starts[0][0])
    layout.things.extend((a, b - 1) for a, b in pairwise([*stages, len(source.lines) + 1]))
    return layout


_LAYOUTS: dict[str, Callable[[Source], Layout]] = {
    **dict.fromkeys(("kubernetes", "workflow", "action", "alertmanager", "prometheus"), _yaml),
    "script": _shell,
    "dockerfile": _dockerfile,
}
