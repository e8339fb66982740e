"""Waivers in comments: which lines are comments, and what starts there or next.

A comment at the end of a line covers what starts on that line; a comment of its own what starts
next, and no more. What starts on a line is the outermost thing that does: above `apiVersion` an
object, above `- name: api` a container, above FROM a stage, above a command the command.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from kerp_policy.findings import Place
from kerp_policy.regex import regex
from kerp_policy.sources.source import Source, Span
from kerp_policy.waivers.grammar import MARKER, Wrong, parse
from kerp_policy.waivers.layouts import Layout, layout_of
from kerp_policy.waivers.model import Mistake, Waiver

_COMMENT = regex(rf"(?:^|(?<=[\s;]))#\s*{MARKER}\s*")
_TRAILING = (
    "Docker knows no comment at the end of a line, so this waiver is none; "
    "put it on a line of its own above"
)


def waivers_in(source: Source, kind: str) -> Iterator[Waiver | Mistake]:
    """The waivers in the comments of a file, and what is wrong with some.

    Args:
        source: the file.
        kind: what it was read as.
    """
    layout = layout_of(source, kind) if MARKER.encode() in source.data else None
    if layout is None:
        return
    index = _Index(layout)
    for number, line in enumerate(source.lines, 1):
        found = _COMMENT.search(line) if MARKER in line else None
        if found and not index.is_text(number, found.start() + 1):
            yield from _read(source, layout, index, number, found)


def _read(
    source: Source, layout: Layout, index: _Index, line: int, found: re.Match[str]
) -> Iterator[Waiver | Mistake]:
    own_line = not found.string[: found.start()].strip()
    whole = Span(line, found.start() + 1, line, len(found.string.rstrip()) + 1)
    if not own_line and not layout.trailing:
        yield Mistake(_place(source, whole), _TRAILING)
        return
    lines = index.thing_from(line + 1) if own_line else index.thing_on(line)
    text, column = found.string[found.end() :], found.end() + 1
    for said in parse(text, line, column):
        if isinstance(said, Wrong):
            span = Span(line, column + said.start, line, column + said.end)
            yield Mistake(_place(source, span), said.message)
        else:
            yield Waiver(said, source.path, _place(source, whole), "comment", lines)


def _place(source: Source, span: Span) -> Place:
    return Place(span, f"{source.path}#waiver")


class _Index:
    """Finding what starts on a line, or where text stands, without asking everything."""

    def __init__(self, layout: Layout) -> None:
        outermost: dict[int, int] = {}
        for first, last in layout.things:
            outermost[first] = max(last, outermost.get(first, 0))
        self._last = outermost
        self._firsts = sorted(outermost)
        self._texts = sorted(layout.texts)

    def thing_on(self, line: int) -> tuple[int, int]:
        """The lines of what starts on a line; none at all where nothing does."""
        return (line, self._last[line]) if line in self._last else (0, 0)

    def thing_from(self, line: int) -> tuple[int, int]:
        """The lines of what starts first, from a line on."""
        at = bisect_left(self._firsts, line)
        return self.thing_on(self._firsts[at]) if at < len(self._firsts) else (0, 0)

    def is_text(self, line: int, column: int) -> bool:
        """Whether a place is inside of a text. Texts do not overlap."""
        at = bisect_right(self._texts, (line, column), key=lambda text: text.start) - 1
        if at < 0:
            return False
        text = self._texts[at]
        return (line, column) < (text.end_line, text.end_column)
