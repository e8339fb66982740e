"""A bar on the terminal that tells how many files are judged; imported where one has to wait."""

from __future__ import annotations

import sys
from contextlib import suppress

import click

from kerp_policy.i18n import gettext as _

_GONE = "\r\x1b[K\x1b[?25h"
"""Empties the line and shows the cursor, which click hides (ECMA-48: EL; DEC: DECTCEM)."""


class Bar:
    """A bar on standard error.

    Args:
        files: how many there are.
        waited: seconds since the first one, which tell how long the rest will take.
    """

    def __init__(self, files: int, waited: float) -> None:
        self._bar = click.progressbar(
            length=files, label=_("judging files"), show_pos=True, file=sys.stderr
        )
        self._bar.start -= waited

    def show(self, files: int) -> None:
        """Show that so many are judged; what the terminal does not take is not shown."""
        with suppress(OSError):
            self._bar.update(files - self._bar.pos)

    def clear(self) -> None:
        """Leave no trace."""
        with suppress(OSError):
            click.echo(_GONE, file=sys.stderr, nl=False)
