"""What `kerp-policy waivers` does: all waivers, with their age, their owner and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from kerp_policy.commands.project import project_of
from kerp_policy.errors import UsageError
from kerp_policy.report.frame import printable
from kerp_policy.run import run
from kerp_policy.sources.git import Git
from kerp_policy.sources.history import written_on
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.waivers.model import Waiver

_HEAD = ("until", "left", "age", "policy", "owner", "where", "reason")


def waivers_command(folder: Path, expiring: str | None) -> tuple[str, bool]:
    """List the waivers of a project.

    Args:
        folder: the project, or a folder of it.
        expiring: how far ahead to look for ends, as `30d`.

    Returns:
        What to print, and whether no waiver ends before that; the end of one that is over counts.

    Raises:
        UsageError: the configuration, the standard or `expiring` is not valid.
    """
    project = project_of([folder])
    standard = project.standard()
    result = run(WorkingTree(project.root, project.config.exclude), [folder], standard)
    waivers = [one for one in result.waivers if isinstance(one, Waiver)]
    waivers.sort(key=lambda waiver: (waiver.allowed.until, _where(waiver)))
    limit = standard.today + timedelta(days=_days(expiring)) if expiring else date.min
    ending = sum(waiver.allowed.until <= limit for waiver in waivers)
    lines = [*_table(_rows(waivers, project.root, standard.today))] if waivers else []
    lines.append(_amount(len(waivers)) + (f", {ending} end by {limit}" if expiring else ""))
    return "\n".join(lines) + "\n", not ending


def _days(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,5})d?", text)
    if not found:
        raise UsageError(f"--expiring: {text!r} is no number of days; expected such as 30d")
    return int(found[1])


def _amount(count: int) -> str:
    return f"{count} waiver" if count == 1 else f"{count or 'no'} waivers"


def _where(waiver: Waiver) -> str:
    return f"{waiver.place.address.rpartition('#')[0]}:{waiver.place.span.line}"


def _rows(waivers: Iterable[Waiver], root: Path, today: date) -> Iterator[tuple[str, ...]]:
    yield _HEAD
    with ExitStack() as stack:
        git = _git(root, stack)
        for waiver in waivers:
            allowed = waiver.allowed
            left = (allowed.until - today).days
            yield (
                allowed.until.isoformat(),
                f"{left}d" if left >= 0 else "over",
                _age(git, root, waiver, today),
                allowed.policy,
                allowed.owner or "-",
                _where(waiver),
                allowed.reason,
            )


def _git(root: Path, stack: ExitStack) -> Git | None:
    try:
        return stack.enter_context(Git(root))
    except UsageError:
        return None


def _age(git: Git | None, root: Path, waiver: Waiver, today: date) -> str:
    file, line = waiver.place.address.rpartition("#")[0], waiver.place.span.line
    written = written_on(git, root, file, line) if git else None
    return f"{(today - written).days}d" if written else "-"


def _table(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    cells = [[printable(" ".join(cell.split())) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD) - 1)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield "  ".join([*padded, row[-1]]).rstrip()
