"""The records that are kept of a run."""

from __future__ import annotations

from msgspec import Struct


class Kept(Struct, frozen=True, array_like=True, gc=False):
    """A record of plain values and of other records, which is kept as a row of JSON.

    There are hundreds of thousands. None leads back to itself, so Python's search for circles that
    nobody needs any more leaves them out.
    """
