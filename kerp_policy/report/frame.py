"""A line of source with a caret under the place, fit for a terminal."""

from __future__ import annotations

from itertools import accumulate, takewhile
from typing import NamedTuple

from kerp_policy.cells import cells, width
from kerp_policy.regex import regex
from kerp_policy.report.hidden import hidden
from kerp_policy.secrets import BLOT, on_lines
from kerp_policy.secrets.redact import Stretch, blots, blotted, moved
from kerp_policy.sources.source import Source, Span
from kerp_policy.visible import printable


class Marked(NamedTuple):
    """A line in three parts: what a place covers, and what stands before and after it."""

    before: str
    marked: str
    after: str


def frame(source: Source, span: Span, columns: int, secret_from: int | None = None) -> list[str]:
    """The line that a span starts on, numbered, and the carets.

    Args:
        source: the file.
        span: the place.
        columns: how wide a line may be, in terminal cells.
        secret_from: the column from which on the line is a secret, where that is known.
    """
    line = marked_line(source, span, columns - 9, secret_from)
    if line is None:
        return []
    before, marked, after = line
    carets = " " * width(before) + "^" * max(1, width(marked.rstrip() or marked[:1]))
    number = f"{span.line:>5}"
    return [f"{number} | {before}{marked}{after}".rstrip(), f"{' ' * 5} | {carets}"]


def marked_line(
    source: Source, span: Span, room: int, secret_from: int | None = None
) -> Marked | None:
    """The line that a span starts on, if the file has it, with the span marked.

    What looks like a secret is blotted out, and what steers a terminal made visible.

    Args:
        source: the file.
        span: the place.
        room: how wide the line may be, in terminal cells.
        secret_from: the column from which on the line is a secret, where that is known.
    """
    if not 1 <= span.line <= len(source.lines):
        return None
    written, hidden_parts = _public(source, span.line, secret_from)
    line = blotted(written, hidden_parts)
    start = moved(span.column - 1, hidden_parts)
    end = len(line.rstrip())
    if span.end_line == span.line:
        end = moved(span.end_column - 1, hidden_parts, is_end=True)
    end = max(end, start + 1)
    parts = _in_reach(line[:start], line[start:end], line[end:], room + 1)
    before, marked, after = map(printable, parts)
    return Marked(*_cropped(before, marked, after, room))


_SEPARATOR = regex(r"""["']?[ \t]*[:=]?[ \t]*["']?""")


def _public(
    source: Source, number: int, secret_from: int | None
) -> tuple[str, tuple[Stretch, ...]]:
    """A line up to where it is known to be secret, and what else of it is blotted out."""
    line = source.lines[number - 1]
    within = on_lines(source.text).get(number, ()) + hidden(source).get(number, ())
    if secret_from is not None:
        before, rest = line[: secret_from - 1], line[secret_from - 1 :]
        separator = _SEPARATOR.match(rest)
        line = before + (separator[0] if separator else "") + BLOT
        within = tuple(
            (start, min(stop, secret_from - 1), shown)
            for start, stop, shown in within
            if start < secret_from - 1
        )
    below = source.lines[number] if number < len(source.lines) else ""
    return line, blots(line, _line_above(source, number), within, below=below)


def _line_above(source: Source, line: int) -> str:
    return source.lines[line - 2] if line > 1 else ""


def _in_reach(before: str, marked: str, after: str, room: int) -> tuple[str, str, str]:
    """What of each part could be shown if it had all the room: lines may be of any length."""
    kept = before[-_filling(before, room, from_end=True) :]
    return kept, marked[: _filling(marked, room)], after[: _filling(after, room)]


def _cropped(before: str, marked: str, after: str, room: int) -> tuple[str, str, str]:
    """Keep the marked part in sight: cut behind it, then before it, then of itself."""
    if width(before + marked + after) <= room:
        return before, marked, after
    marked = _head(marked, room)
    after = _head(after, max(0, room - width(before) - width(marked)))
    excess = width(before) + width(marked) + width(after) - room
    if excess > 0:
        before = "…" + before[_filling(before, min(excess + 1, width(before))) :]
    return before, _head(marked, room - width(before)), after


def _head(text: str, room: int) -> str:
    if width(text) <= room:
        return text
    return text[: _filling(text, room) - 1] + "…" if room > 0 else ""


def _filling(text: str, columns: int, *, from_end: bool = False) -> int:
    """How many characters of a text fill so many cells; more than it has if all of it does not."""
    if text.isascii():
        return columns
    characters = reversed(text) if from_end else text
    filled = accumulate(map(cells, characters), initial=0)
    return sum(1 for _ in takewhile(lambda so_far: so_far < columns, filled))
