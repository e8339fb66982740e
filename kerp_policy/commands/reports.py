"""The reports that a command is asked for: each made, and written where it is to go."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from errno import ELOOP
from pathlib import Path
from typing import Any

from msgspec import Struct

from kerp_policy.commands.ending import drop_output
from kerp_policy.errors import UsageError
from kerp_policy.files import goes_through_link, write_whole
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.outcome import Run
from kerp_policy.policy.profiles import known
from kerp_policy.report import FORMATS
from kerp_policy.report.options import Options
from kerp_policy.timings import phase
from kerp_policy.visible import complaint

_WIDTH = 80


class Target(Struct, frozen=True):
    """A report to make: its format, and the file that it goes to; empty for standard output."""

    form: str
    file: str

    @property
    def width(self) -> int:
        """How wide its lines are: on a terminal as that is, within what is easy to read."""
        if self.file or not (sys.stdout.isatty() or "COLUMNS" in os.environ):
            return _WIDTH
        from shutil import get_terminal_size

        return max(40, min(get_terminal_size((_WIDTH, 24)).columns, 120))


def targets_of(asked: Sequence[str], formats: Collection[str]) -> list[Target]:
    """From `text` and `json=out.json` to formats and files.

    Args:
        asked: as the command line has it; nothing for text.
        formats: those that there are.

    Raises:
        UsageError: there is no such format, or two of them want standard output.
    """
    targets = []
    for text in asked or ("text",):
        name, _equals, file = text.partition("=")
        targets.append(Target(known(name, formats, "--format", noted("format")), file))
    if sum(not target.file for target in targets) > 1:
        message = _("only one --format can go to standard output; name a FILE for the others")
        raise UsageError(message)
    return targets


def write_reports(
    targets: Sequence[Target], make: Callable[[Target], str], roots: Sequence[Path]
) -> bool:
    """Write every report; one that fails does not keep the others from coming.

    Args:
        targets: what to write.
        make: makes one.
        roots: of the projects that were judged; no link of theirs is followed.

    Returns:
        Whether all of them were written.
    """
    written = True
    for target in targets:
        try:
            with phase(_("report {name}").format(name=target.form)):
                _deliver(make(target), target.file, roots)
        except OSError as error:
            place = target.file or _("standard output")
            print(complaint(f"{place}: {error.strerror or error}"), file=sys.stderr)
            drop_output()
            written = False
    return written


def report_of(result: Run, options: Mapping[str, Any], target: Target) -> str:
    """A report on a run, as the options of `check` have it."""
    color = options["color"]
    if color is None:
        color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    asked = Options(
        color=bool(color) and not target.file,
        width=target.width,
        quiet=options["quiet"],
        verbose=options["verbose"],
        strict=options["strict"],
    )
    return FORMATS[target.form](result, asked)


def _deliver(report: str, file: str, roots: Sequence[Path]) -> None:
    if not file:
        sys.stdout.write(report)
        sys.stdout.flush()
        return
    if any(goes_through_link(root, Path(file)) for root in roots):
        why = _("leads through a symbolic link of the project; it is not followed")
        raise OSError(ELOOP, why)
    write_whole(Path(file), report.encode("utf-8", "backslashreplace"))
