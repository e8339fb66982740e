"""A place in a text that patterns move, and how far what is read may nest."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from kerp_policy.artifacts.shell.model import Unread
from kerp_policy.sources.source import Span

Locate = Callable[[int], tuple[int, int]]
"""From the index of a character, or of the end, to its line and column, both from 1."""

DEPTH = 40
"""Real scripts nest some ten deep; what nests deeper is not read, so recursion is bounded."""


class TooDeepError(Exception):
    """The text nests deeper than `DEPTH`."""


def locator(text: str, line: int, column: int) -> Locate:
    """Places in a text whose first character stands at this line and column."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def locate(offset: int) -> tuple[int, int]:
        row = bisect_right(starts, offset) - 1
        return line + row, offset - starts[row] + (column if row == 0 else 1)

    return locate


def mapped(locate: Locate, origins: Sequence[int]) -> Locate:
    """Places in a derived text, each of whose characters comes from one of the text around it.

    There is at least one character.
    """
    behind = origins[-1] + 1
    return lambda offset: locate(origins[offset] if offset < len(origins) else behind)


class Cursor:
    """Where the reader stands in a text; it never looks at or past `end`."""

    def __init__(self, text: str, locate: Locate, errors: list[Unread], depth: int) -> None:
        self.text = text
        self.locate = locate
        self.errors = errors
        self.depth = depth
        self.at = 0
        self.end = len(text)

    def take(self, pattern: re.Pattern[str]) -> str:
        """Step over what the pattern matches here; the empty string if it does not."""
        found = pattern.match(self.text, self.at, self.end)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What the pattern matches here, without a step."""
        return pattern.match(self.text, self.at, self.end)

    def starts(self, text: str) -> bool:
        """Whether this text comes next."""
        return self.text.startswith(text, self.at, self.end)

    def span(self, start: int, end: int) -> Span:
        """The place of the characters from `start` up to, not including, `end`."""
        line, column = self.locate(start)
        if end <= start:
            return Span(line, column, line, column)
        end_line, end_column = self.locate(end - 1)
        return Span(line, column, end_line, end_column + (self.text[end - 1] != "\n"))

    def fail(self, start: int, end: int, message: str, *, certain: bool = True) -> None:
        """Note a stretch that could not be read; neighbours of one kind become one."""
        span = self.span(start, end)
        if self.errors and self.errors[-1].message == message:
            last = self.errors[-1].span
            if (last.end_line, last.end_column) == (span.line, span.column):
                span = Span(last.line, last.column, span.end_line, span.end_column)
                self.errors.pop()
        self.errors.append(Unread(span, message, certain))

    def enter(self) -> None:
        """Go one level deeper.

        Raises:
            TooDeepError: there are too many levels.
        """
        self.depth += 1
        if self.depth > DEPTH:
            raise TooDeepError
