"""The results as a table on the terminal and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.results import Mark, Results, Row

_BEGIN, _END = "<!-- measured -->", "<!-- /measured -->"
_HEAD = ("on", "files", "against", "theirs", "ours", "ratio")
_MARKS = ("mark", "at most", "measured", "")


def text(results: Results) -> str:
    """For a terminal."""
    parts = [_columns([_HEAD, *map(_cells, results.rows)])]
    parts += [_columns([_MARKS, *map(_mark, results.marks)])]
    parts += [f"missing, so not measured: {', '.join(results.missing)}"] * bool(results.missing)
    parts += [f"could not run: {what}" for what in results.failed]
    return "\n\n".join(parts)


def markdown(results: Results) -> str:
    """For a page."""
    facts = [(name, value) for name, value in results.machine.items()]
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    parts = [_table([("machine", ""), *facts])]
    parts += [f"Measured: {versions}."]
    parts += [f"Missing, so not measured: {', '.join(results.missing)}."] * bool(results.missing)
    parts += ["### Marks", _table([_MARKS, *map(_mark, results.marks)])]
    for tree in dict.fromkeys(row.tree for row in results.rows):
        rows = [_cells(row)[0:] for row in results.rows if row.tree == tree]
        parts += [f"### {tree}", _table([_HEAD, *rows])]
    return "\n\n".join(parts)


def write_markdown(page: Path, results: Results) -> None:
    """Put the results between the two marks of a page, or make a page of them."""
    block = f"{_BEGIN}\n\n{markdown(results)}\n\n{_END}"
    old = page.read_text("utf-8") if page.exists() else ""
    pattern = re.compile(f"{_BEGIN}.*?{_END}", re.DOTALL)
    new = pattern.sub(lambda _match: block, old, count=1) if pattern.search(old) else f"{block}\n"
    page.write_text(new, "utf-8")


def _cells(row: Row) -> tuple[str, ...]:
    ratio = f"{row.ratio:.2f}" if row.ran else "could not run"
    return (
        f"{row.tree}: {row.what}",
        f"{row.files:,}",
        row.peer,
        seconds(row.theirs),
        seconds(row.ours),
        ratio,
    )


def _mark(mark: Mark) -> tuple[str, ...]:
    measured = "" if mark.value is None else f"{_plain(mark.value)} {mark.unit}".strip()
    return mark.text, f"{mark.limit:g} {mark.unit}".strip(), measured, mark.outcome


def _plain(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.2f}"


def seconds(value: float) -> str:
    """A time, with the digits that mean something."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def _columns(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Iterable[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *rest = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + " --- |" * len(rows[0]), *rest])
