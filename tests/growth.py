"""Time that grows with the input and no faster, on whatever machine it is measured."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

NOISE = 0.01
"""Seconds that say nothing: clocks, caches and the garbage collector take as much now and then."""


def grows_no_faster(
    make: Callable[[int], T], do: Callable[[T], object], size: int, times: int = 8
) -> bool:
    """Whether so many times the input take that many times as long, and not the square of it.

    Args:
        make: the input of a size; making it is not timed.
        do: what is measured, in seconds of this process; the best of three where one says no.
        size: the small input, which takes some milliseconds.
        times: how much larger the large one is.
    """
    do(make(size))  # what is loaded and compiled once
    bound, large = 4 * times, make(size * times)  # were it the square, times * times
    if _seconds(do, large) < bound * NOISE:
        return True  # whatever the small one takes
    small = min(_seconds(do, make(size)) for _ in range(3))
    return any(_seconds(do, large) < bound * max(small, NOISE) for _ in range(3))


def _seconds(do: Callable[[T], object], given: T) -> float:
    begun = time.process_time()
    do(given)
    return time.process_time() - begun
