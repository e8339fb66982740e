"""The reports that `check` is asked for: each made, and written where it is to go."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from errno import ELOOP
from pathlib import Path
from typing import Any

from kerp_policy.commands.ending import drop_output
from kerp_policy.errors import UsageError
from kerp_policy.files import goes_through_link, write_whole
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.policy.profiles import known
from kerp_policy.report import FORMATS, Options
from kerp_policy.run import Run
from kerp_policy.timings import phase
from kerp_policy.visible import complaint


def targets_of(formats: Sequence[str]) -> list[tuple[str, str]]:
    """From `text` and `json=out.json` to formats and files; an empty file is standard output.

    Raises:
        UsageError: there is no such format, or two of them want standard output.
    """
    targets = []
    for text in formats or ("text",):
        name, _equals, file = text.partition("=")
        targets.append((known(name, FORMATS, "--format", noted("format")), file))
    if sum(not file for _name, file in targets) > 1:
        message = _("only one --format can go to standard output; name a FILE for the others")
        raise UsageError(message)
    return targets


def write_reports(
    result: Run, root: Path, targets: Sequence[tuple[str, str]], options: Mapping[str, Any]
) -> bool:
    """Write every report; one that fails does not keep the others from coming.

    Args:
        result: what came of a run.
        root: the project root; no link of it is followed.
        targets: formats and files.
        options: of the command line.

    Returns:
        Whether all of them were written.
    """
    written = True
    for crash in result.crashes:
        print(complaint(crash), file=sys.stderr)
    for name, file in targets:
        try:
            with phase(_("report {name}").format(name=name)):
                report = FORMATS[name](result, _report_options(options, to_file=bool(file)))
                _deliver(report, file, root)
        except OSError as error:
            place = file or _("standard output")
            print(complaint(f"{place}: {error.strerror or error}"), file=sys.stderr)
            drop_output()
            written = False
    return written


def _deliver(report: str, file: str, root: Path) -> None:
    if not file:
        sys.stdout.write(report)
        sys.stdout.flush()
        return
    if goes_through_link(root, Path(file)):
        why = _("leads through a symbolic link of the project; it is not followed")
        raise OSError(ELOOP, why)
    write_whole(Path(file), report.encode("utf-8", "backslashreplace"))


def _report_options(options: Mapping[str, Any], *, to_file: bool) -> Options:
    color = options["color"]
    if color is None:
        color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return Options(
        color=bool(color) and not to_file,
        width=80 if to_file else _columns(),
        quiet=options["quiet"],
        verbose=options["verbose"],
        strict=options["strict"],
    )


def _columns() -> int:
    """How wide lines are: as the terminal, if one is there, within what is easy to read."""
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return 80
    from shutil import get_terminal_size

    return max(40, min(get_terminal_size((80, 24)).columns, 120))
