"""What a reader asks of a report besides its format."""

from __future__ import annotations

from msgspec import Struct


class Options(Struct, frozen=True):
    """How a report is to look."""

    color: bool = False
    width: int = 80
    quiet: bool = False
    verbose: bool = False
    strict: bool = False
