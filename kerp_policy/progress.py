"""How far a long run is, for people who wait before a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerp_policy.bar import Bar

_PATIENCE = 1.0
"""Seconds that people wait without a word."""


class _State:
    bar_from = inf
    """The moment, as `perf_counter` tells it, from which on a bar shows how far the run is."""


@contextmanager
def watched(*, quiet: bool = False) -> Iterator[None]:
    """Show on standard error how far the block is, if it lasts longer than a second.

    Nothing is shown where that is no terminal that can take a line back, in CI, or if `quiet`.
    """
    before, is_dumb = _State.bar_from, os.environ.get("TERM") == "dumb"
    if sys.stderr.isatty() and not (quiet or is_dumb or os.environ.get("CI")):
        _State.bar_from = perf_counter() + _PATIENCE
    try:
        yield
    finally:
        _State.bar_from = before


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give what is to see how many are done, as often as that changes.

    Args:
        label: what is done.
        total: how many there are.
    """
    begun = perf_counter()
    bars: list[Bar] = []

    def see(done: int) -> None:
        if perf_counter() < _State.bar_from:
            return
        if not bars:
            from kerp_policy.bar import Bar  # which brings all that draws it

            bars.append(Bar(label, total, perf_counter() - begun))
        bars[0].show(done)

    try:
        yield see
    finally:
        for bar in bars:
            bar.clear()
