r"""Joins physical lines as BuildKit does, so that dockerfile-parse sees one instruction a line.

dockerfile-parse knows no heredocs, ends an instruction at a blank continuation line, takes `\\`
at the end of a line for a continuation, loses a last line without a newline, and is quadratic
in continuations. None of that can arise once every instruction stands on one line of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from functools import cached_property

from msgspec import Struct

from kerp_policy.artifacts.dockerfile.text import Line, Text
from kerp_policy.artifacts.dockerfile.words import (
    HeredocMark,
    cut_flags,
    heredoc_marks,
    json_words,
)
from kerp_policy.regex import regex
from kerp_policy.sources.source import Problem, Source, Span

POLICY = "dockerfile-syntax"
MAX_LINE = 65_535
"""Bytes that BuildKit reads of one line at most."""

_DIRECTIVE = regex(r"\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*?)\s*")
_KNOWN_DIRECTIVES = {"syntax", "escape", "check"}
_HEREDOC_KEYWORD = regex(r"\s*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s+", re.IGNORECASE)


class Directive(Struct, frozen=True):
    """A parser directive at the top of the file: `# syntax=…`, `# escape=…`, `# check=…`."""

    name: str
    value: Text


class Heredoc(Struct, frozen=True):
    """A heredoc and its body; `span` covers the body's lines, without the one that ends it."""

    name: str
    strip_tabs: bool
    quoted: bool
    body: str
    span: Span


class Block(Struct, frozen=True):
    """What belongs to one instruction: its line, its heredocs and its last line in the file."""

    line: Line
    heredocs: tuple[Heredoc, ...]
    last_line: int


class Blocks(Struct, frozen=True):
    """A file cut into its instructions, in order."""

    blocks: tuple[Block, ...]
    directives: tuple[Directive, ...]
    escape: str
    problems: tuple[Problem, ...]


def cut(source: Source) -> Blocks:
    """Cut a file into instructions, each joined to one line."""
    directives, problems = _directives(source.lines)
    escape = next((found.value.text for found in directives if found.name == "escape"), "\\")
    cutter = _Cutter(source.lines, escape)
    blocks = tuple(cutter.blocks())
    return Blocks(blocks, directives, escape, (*problems, *cutter.problems))


def _directives(lines: list[str]) -> tuple[tuple[Directive, ...], list[Problem]]:
    found: dict[str, Directive] = {}
    problems: list[Problem] = []
    for index, line in enumerate(lines):
        match = _DIRECTIVE.fullmatch(line)
        if not match:
            break
        whole = Line(line, (0,), ((index + 1, 1),)).whole
        name, value = match[1].lower(), whole.part(*match.span(2))
        if name not in _KNOWN_DIRECTIVES:
            break  # a comment to Docker, and what follows a comment is one as well
        if name in found:
            message = f"the directive {name} stands twice; Docker allows it once"
            problems.append(Problem(POLICY, value.span, message))
        elif name == "escape" and value.text not in ("\\", "`"):
            message = f"the escape character is {value.text}; expected a backslash or a backtick"
            problems.append(Problem(POLICY, value.span, message))
        else:
            found[name] = Directive(name, value)
    return tuple(found.values()), problems


class _Cutter:
    def __init__(self, lines: list[str], escape: str) -> None:
        self.lines = lines
        self.escape = escape
        self.problems: list[Problem] = []

    def blocks(self) -> list[Block]:
        found: list[Block] = []
        index = 0
        while index < len(self.lines):
            if _is_blank(self.lines[index]) or _is_comment(self.lines[index]):
                index += 1
                continue
            block = self._block(index)
            index = block.last_line
            if not _is_blank(block.line.text):
                found.append(block)
        return found

    def _block(self, first: int) -> Block:
        line, after = self._join(first)
        marks = _marks(line)
        if not marks:
            return Block(line, (), after)
        heredocs: list[Heredoc] = []
        end = after
        for mark in marks:
            start, end = end, self._terminator(mark, end)
            if end < 0:
                self.problems.append(_unterminated(mark))
                return Block(line, (), after)
            heredocs.append(self._heredoc(mark, start, end))
            end += 1
        return Block(line, tuple(heredocs), end)

    def _join(self, first: int) -> tuple[Line, int]:
        """The logical line that begins at an index, and the index of the line after it."""
        texts: list[str] = []
        offsets: list[int] = []
        starts: list[tuple[int, int]] = []
        size = 0
        after = first
        for index in range(first, len(self.lines)):
            text = self.lines[index]
            self._measure(index)
            if index > first and (_is_blank(text) or _is_comment(text)):
                continue
            text, goes_on = self._continuation(text)
            texts.append(text)
            offsets.append(size)
            starts.append((index + 1, 1))
            size += len(text)
            after = index + 1
            if not goes_on:
                break
        return Line("".join(texts), tuple(offsets), tuple(starts)), after

    def _continuation(self, text: str) -> tuple[str, bool]:
        stripped = text.rstrip(" \t")
        if not stripped.endswith(self.escape) or stripped.endswith(self.escape * 2):
            return text, False
        return stripped[:-1], True

    def _measure(self, index: int) -> None:
        text = self.lines[index]
        if len(text) * 4 > MAX_LINE and len(text.encode()) > MAX_LINE:
            message = (
                f"line {index + 1} has more than {MAX_LINE:,} bytes; Docker reads no longer line"
            )
            self.problems.append(Problem(POLICY, Span(index + 1, 1, index + 1, 2), message))

    @cached_property
    def _ends(self) -> dict[str, list[int]]:
        """Where each line's text stands: many open heredocs must not read the rest many times."""
        places: dict[str, list[int]] = defaultdict(list)
        for index, text in enumerate(self.lines):
            places[text].append(index)
        return places

    @cached_property
    def _indented_ends(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = defaultdict(list)
        for index, text in enumerate(self.lines):
            places[text.lstrip("\t")].append(index)
        return places

    def _terminator(self, mark: HeredocMark, start: int) -> int:
        places = (self._indented_ends if mark.strip_tabs else self._ends).get(mark.name, [])
        at = bisect_left(places, start)
        return places[at] if at < len(places) else -1

    def _heredoc(self, mark: HeredocMark, start: int, end: int) -> Heredoc:
        body = "".join(text + "\n" for text in self.lines[start:end])
        span = Span(start + 1, 1, end + 1, 1)
        return Heredoc(mark.name, mark.strip_tabs, mark.quoted, body, span)


def _is_blank(text: str) -> bool:
    return not text or text.isspace()


def _is_comment(text: str) -> bool:
    return text.lstrip().startswith("#")


def _marks(line: Line) -> tuple[HeredocMark, ...]:
    found = _HEREDOC_KEYWORD.match(line.text)
    if not found or "<<" not in line.text:
        return ()
    _, value = cut_flags(line.whole.part(found.end()).strip())
    return () if json_words(value) else heredoc_marks(value)


def _unterminated(mark: HeredocMark) -> Problem:
    message = f"the heredoc {mark.text.text} has no end: no later line is just {mark.name}"
    help_text = (
        f"write `{mark.name}` on a line of its own behind the text"
        if mark.name.isidentifier()
        else "Docker takes `<<` for a heredoc; quote it where the shell is meant to compute"
    )
    return Problem(POLICY, mark.text.span, message, help_text)
