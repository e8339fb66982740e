"""A bar on the terminal that tells how far a run is; imported where one has to wait."""

from __future__ import annotations

import sys
from contextlib import suppress

import click

_GONE = "\r\x1b[K\x1b[?25h"
"""Empties the line and shows the cursor, which click hides (ECMA-48: EL; DEC: DECTCEM)."""


class Bar:
    """A bar on standard error.

    Args:
        label: what is done.
        total: how many there are.
        waited: seconds since the first one, which tell how long the rest will take.
    """

    def __init__(self, label: str, total: int, waited: float) -> None:
        self._bar = click.progressbar(length=total, label=label, show_pos=True, file=sys.stderr)
        self._bar.start -= waited

    def show(self, done: int) -> None:
        """Show that so many are done; what the terminal does not take is not shown."""
        with suppress(OSError):
            self._bar.update(done - self._bar.pos)

    def clear(self) -> None:
        """Leave no trace."""
        with suppress(OSError):
            click.echo(_GONE, file=sys.stderr, nl=False)
