"""Text of an instruction that remembers where each of its characters stands in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct

from kerp_policy.sources.source import Span


class Line(Struct, frozen=True):
    """One logical line: the physical lines of an instruction, joined as Docker joins them.

    `offsets[i]` is where the i-th physical line begins in `text`, and `starts[i]` the line and
    column that it has in the file.
    """

    text: str
    offsets: tuple[int, ...]
    starts: tuple[tuple[int, int], ...]

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of the character at `offset`."""
        piece = max(bisect_right(self.offsets, offset) - 1, 0)
        line, column = self.starts[piece]
        return line, column + offset - self.offsets[piece]

    @property
    def whole(self) -> Text:
        """All of the line."""
        return Text(self, 0, len(self.text))


class Text(Struct, frozen=True):
    """A stretch of a logical line."""

    line: Line
    start: int
    end: int

    @property
    def text(self) -> str:
        """What it says: quotes and variables as written, continuations and comments gone."""
        return self.line.text[self.start : self.end]

    @property
    def span(self) -> Span:
        """Where it stands; the end is behind its last character."""
        first = self.line.place(self.start)
        if self.start == self.end:
            return Span(*first, *first)
        line, column = self.line.place(self.end - 1)
        return Span(*first, line, column + 1)

    def part(self, start: int, end: int | None = None) -> Text:
        """The stretch between two offsets into this one."""
        stop = self.end if end is None or self.start + end > self.end else self.start + end
        return Text(self.line, self.start + start if self.start + start < stop else stop, stop)

    def strip(self) -> Text:
        """The same without blanks on either side."""
        text = self.text
        kept = text.strip()
        start = self.start + (text.index(kept) if kept else 0)
        return Text(self.line, start, start + len(kept))

    def find(self, pattern: re.Pattern[str]) -> Iterator[Text]:
        """Every stretch that the pattern matches, in order."""
        for found in pattern.finditer(self.line.text, self.start, self.end):
            yield Text(self.line, *found.span())
