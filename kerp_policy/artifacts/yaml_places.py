"""From the marks and errors of libyaml to places in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

import yaml as pyyaml

from kerp_policy.regex import regex
from kerp_policy.sources.source import Span

_ODD_BREAK = regex("[\r\x85\u2028\u2029]")
"""What ends a line for libyaml alone: editors, and all other readers here, count none."""
_MARK = regex(
    r"(?<!\$)\{\{|\{%"  # ${{ is GitHub's
    r"|^[ \t]*(?:__[A-Z]\w*__|\$\{[A-Za-z_]\w*\}|@[A-Z]\w*@)[ \t]*$"
    r"|[:-] +(?:%[dqsv]|\{[A-Z][A-Z0-9_]*\}[^\s,}\]])",
    re.MULTILINE,
)
"""What programs put other text in the place of, and YAML refuses: whole lines as `__MOUNTS__`,
values as `%s` and `{PREFIX}.16`."""


class YamlError(Exception):
    """A document cannot be read on from `span`."""

    def __init__(self, span: Span, message: str, *, template: bool = False) -> None:
        super().__init__(message)
        self.span, self.message, self.template = span, message, template


class Places:
    """From libyaml's marks to places in the file that a text is the end of."""

    def __init__(self, text: str, offset: int) -> None:
        self._first = offset + 1
        self._starts: list[int] = []
        if "\r" in text or (not text.isascii() and _ODD_BREAK.search(text)):
            self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def of(self, mark: Any) -> tuple[int, int]:
        """The line and column, from 1."""
        if not self._starts:
            return mark.line + self._first, mark.column + 1
        line = bisect_right(self._starts, mark.index) - 1
        return line + self._first, mark.index - self._starts[line] + 1

    def span(self, event: pyyaml.Event) -> Span:
        """What an event covers; libyaml always sets both ends."""
        start: Any = event.start_mark
        end: Any = event.end_mark
        if self._starts:
            return Span(*self.of(start), *self.of(end))
        first = self._first
        return Span(start.line + first, start.column + 1, end.line + first, end.column + 1)


def syntax_error(
    error: pyyaml.MarkedYAMLError, text: str, places: Places, offset: int
) -> YamlError:
    """What is wrong with the syntax of a text that begins after so many lines of the file."""
    mark = error.problem_mark or error.context_mark
    line, column = places.of(mark) if mark else (offset + 1, 1)
    line, column = line - offset - 1, column - 1
    what = error.problem or error.context or "not YAML"
    lines = text.split("\n")
    if "found character that cannot start any token" in what and _at(lines, line, column) == "\t":
        what = "a tab is used for indentation; YAML allows only spaces there"
    context = "\n".join(lines[max(0, line - 1) : line + 1])
    template = _MARK.search(context) is not None
    return YamlError(
        _character(lines, line, column, offset), f"not YAML: {what}", template=template
    )


def _character(lines: list[str], line: int, column: int, offset: int) -> Span:
    """One character, none at the end of a line, by the zero-based places of libyaml."""
    line = min(line, len(lines) - 1)
    column = min(column, len(lines[line]))
    end = min(column + 1, len(lines[line]))
    return Span(line + offset + 1, column + 1, line + offset + 1, end + 1)


def _at(lines: list[str], line: int, column: int) -> str:
    return lines[line][column : column + 1] if line < len(lines) else ""


def character_error(text: str, offset: int) -> YamlError:
    """That a text holds a character which YAML refuses, at the first."""
    bad = next((i for i, c in enumerate(text) if (c < " " and c not in "\t\n\r") or c == "\x7f"), 0)
    line = text.count("\n", 0, bad)
    column = bad - (text.rfind("\n", 0, bad) + 1)
    span = Span(line + offset + 1, column + 1, line + offset + 1, column + 2)
    return YamlError(span, "not YAML: a control character stands here, which YAML does not allow")
