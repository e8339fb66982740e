"""Where the text of a scalar stands in the file, run by run: folded lines and escapes part it."""

from __future__ import annotations

from bisect import bisect_right

from msgspec import Struct

from kerp_policy.artifacts.yaml_nodes import Scalar
from kerp_policy.regex import regex

_PARTS = {
    "'": regex(r"''|[^']++"),
    '"': regex(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|[^\\]++"),
}
_ESCAPES = ("''", "\\")


class Run(Struct, frozen=True):
    """A stretch of a text that stands in the file as it is: `text[start:end]`."""

    start: int
    end: int
    line: int
    column: int


def runs(node: Scalar, lines: list[str]) -> list[Run]:
    """The runs of a folded or quoted scalar in order, as far as they are certain."""
    if node.style in _PARTS:
        return _quoted(node, lines) if node.span.line == node.span.end_line else []
    return _folded(node, lines)


def position(found: list[Run], index: int) -> tuple[int, int] | None:
    """The line and column of a character, where it stands in one of these runs."""
    at = bisect_right(found, index, key=lambda run: run.start) - 1
    if at < 0 or index > found[at].end:
        return None
    return found[at].line, found[at].column + index - found[at].start


def _folded(node: Scalar, lines: list[str]) -> list[Run]:
    """Of `>` and of plain values on several lines: each line without the blanks around it."""
    found: list[Run] = []
    is_block = node.style == ">"
    number, at = node.span.line + is_block, 0
    while at < len(node.text) and number <= len(lines):
        skipped = 0 if is_block or found else node.span.column - 1
        written = lines[number - 1][skipped:]
        piece = written.strip()
        start = node.text.find(piece, at) if piece else at
        if start < 0 or node.text[at:start].strip():
            break
        if piece:
            column = skipped + len(written) - len(written.lstrip()) + 1
            found.append(Run(start, start + len(piece), number, column))
        at, number = start + len(piece), number + 1
    return found


def _quoted(node: Scalar, lines: list[str]) -> list[Run]:
    line, at, found = node.span.line, 0, list[Run]()
    first, last = node.span.column, node.span.end_column - 2
    for part in _PARTS[node.style].finditer(lines[line - 1], first, last):
        if part[0].startswith(_ESCAPES):
            at += 1
            continue
        if not node.text.startswith(part[0], at):
            return []
        found.append(Run(at, at + len(part[0]), line, part.start() + 1))
        at += len(part[0])
    return found if at == len(node.text) else []
