"""What `kerp-policy waivers` does: all waivers, with their age, their owner and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from kerp_policy.cells import padded
from kerp_policy.cells import width as cells_of
from kerp_policy.commands.project import project_of
from kerp_policy.errors import UsageError
from kerp_policy.i18n import amount, noted
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.model import later
from kerp_policy.run import run
from kerp_policy.sources.git import Git
from kerp_policy.sources.history import written_on
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.visible import one_line
from kerp_policy.waivers.model import Waiver

_HEAD = (
    noted("until"),
    noted("left"),
    noted("age"),
    noted("policy"),
    noted("owner"),
    noted("where"),
    noted("reason"),
)


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
    limit = later(standard.today, _days(expiring)) if expiring else date.min
    ending = sum(waiver.allowed.until <= limit for waiver in waivers)
    lines = [*_table(_rows(waivers, project.root, standard.today))] if waivers else []
    lines.append(_counted(len(waivers), ending if expiring else None, limit))
    return "\n".join(lines) + "\n", not ending


def _days(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,5})d?", text)
    if not found:
        message = _("--expiring: {text!r} is no number of days; expected such as 30d")
        raise UsageError(message.format(text=text))
    return int(found[1])


def _counted(count: int, ending: int | None, limit: date) -> str:
    waivers = amount(count, "waiver", "waivers") if count else _("no waivers")
    if ending is None:
        return waivers
    return _("{waivers}, {count} end by {day}").format(waivers=waivers, count=ending, day=limit)


def _where(waiver: Waiver) -> str:
    return f"{waiver.place.address.rpartition('#')[0]}:{waiver.place.span.line}"


def _rows(waivers: Iterable[Waiver], root: Path, today: date) -> Iterator[tuple[str, ...]]:
    yield tuple(map(_, _HEAD))
    with ExitStack() as stack:
        git = _git(root, stack)
        for waiver in waivers:
            allowed = waiver.allowed
            left = (allowed.until - today).days
            yield (
                allowed.until.isoformat(),
                _("{days}d").format(days=left) if left >= 0 else _("over"),
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
    return _("{days}d").format(days=(today - written).days) if written else "-"


def _table(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    cells = [[one_line(" ".join(cell.split())) for cell in row] for row in rows]
    widths = [max(cells_of(row[column]) for row in cells) for column in range(len(_HEAD) - 1)]
    for row in cells:
        columns = (padded(cell, width) for cell, width in zip(row, widths, strict=False))
        yield "  ".join([*columns, row[-1]]).rstrip()
