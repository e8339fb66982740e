"""Writing a waiver into a file, without disturbing another byte of it."""

from __future__ import annotations

import re

from kerp_policy.sources.source import Source
from kerp_policy.waivers.grammar import MARKER
from kerp_policy.waivers.layouts import Layout, layout_of

_BOM = b"\xef\xbb\xbf"


def with_comment(source: Source, kind: str, line: int, said: str) -> bytes | None:
    """A file with a waiver above the innermost thing that a line is part of.

    Args:
        source: the file.
        kind: what it was read as.
        line: the line of the finding.
        said: what the waiver says: `allow … until=… reason="…"`.

    Returns:
        The new bytes, or None where no comment can stand there.
    """
    layout = layout_of(source, kind)
    first = _first_line(layout, line) if layout and source.path[-5:] != ".json" else None
    if first is None or (kind != "dockerfile" and _goes_on(source.lines, first)):
        return None
    rows = source.data.removeprefix(_BOM).split(b"\n")
    margin = re.match(rb"[ \t]*", rows[first - 1])
    end = b"\r" if rows[first - 1].endswith(b"\r") else b""
    comment = (margin[0] if margin else b"") + f"# {MARKER} {said}".encode() + end
    rows.insert(first - 1, comment)
    return (_BOM if source.data.startswith(_BOM) else b"") + b"\n".join(rows)


def _first_line(layout: Layout, line: int) -> int | None:
    """Where the innermost thing begins that a line is part of."""
    return max((first for first, last in layout.things if first <= line <= last), default=None)


def _goes_on(lines: list[str], first: int) -> bool:
    """Whether a line continues the one before, or is `#!`, so that none can stand above it.

    Docker takes comments out of what goes on over several lines; shells do not.
    """
    if first == 1:
        return lines[0].startswith("#!")
    return lines[first - 2].rstrip().endswith("\\")


def with_entry(text: str, entry: str) -> str | None:
    """A configuration with one waiver more, or None where its `waivers` are no block list.

    Args:
        text: the configuration.
        entry: the waiver, as the lines of a block mapping without indentation.
    """
    from kerp_policy.artifacts.yaml import read
    from kerp_policy.artifacts.yaml_nodes import Sequence

    item = "".join(
        f"  {'- ' if i == 0 else '  '}{row}\n" for i, row in enumerate(entry.splitlines())
    )
    documents = read(text).documents
    node = documents[0].node(("waivers",)) if documents else None
    if node is None:
        gap = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{gap}waivers:\n{item}"
    rows = text.splitlines(keepends=True)
    if not isinstance(node, Sequence) or rows[node.span.line - 1].lstrip()[:2] != "- ":
        return None
    margin = len(rows[node.span.line - 1]) - len(rows[node.span.line - 1].lstrip())
    last = max(item.span.end_line - (item.span.end_column == 1) for item in node.items)
    moved = "".join(" " * margin + row[2:] for row in item.splitlines(keepends=True))
    if rows[last - 1][-1:] != "\n":
        rows[last - 1] += "\n"
    return "".join([*rows[:last], moved, *rows[last:]])
