"""When something was written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from kerp_policy.sources.git import Git
from kerp_policy.sources.read import read_source
from kerp_policy.sources.source import Source


def written_on(git: Git, root: Path, path: str, line: int) -> date | None:
    """The day on which a line of a file in the folder was committed; None if it is not yet.

    A line that stands there more than once is as old as the nearest one that was committed.
    """
    source = read_source(root, path)
    if not isinstance(source, Source) or line > len(source.lines):
        return None
    written = _days(git.blame(path))
    same = [(abs(number - line), day) for number, text, day in written
            if text == source.lines[line - 1]]  # fmt: skip
    return min(same)[1] if same else None


def _days(blame: str) -> list[tuple[int, str, date]]:
    """Each line's number, text and day; a commit's time is told where it is first named."""
    days: dict[str, date] = {}
    lines: list[tuple[int, str, date]] = []
    commit, number = "", 0
    for row in blame.split("\n"):
        word, _, rest = row.partition(" ")
        if row.startswith("\t"):
            lines.append((number, row[1:].removesuffix("\r"), days[commit]))
        elif word == "committer-time":
            days[commit] = datetime.fromtimestamp(int(rest), UTC).date()
        elif len(word) >= 40 and rest[:1].isdigit():
            commit, number = word, int(rest.split()[1])
    return lines
