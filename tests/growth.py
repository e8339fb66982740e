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
        do: what is measured, in seconds of this process, the least of three.
        size: the small input, which takes some milliseconds.
        times: how much larger the large one is.
    """
    do(make(size))  # what is loaded and compiled once
    small, large = (_seconds(do, make(count)) for count in (size, size * times))
    return large < 4 * times * max(small, NOISE)  # were it the square, times * times


def _seconds(do: Callable[[T], object], given: T) -> float:
    least = float("inf")
    for _ in range(3):
        begun = time.process_time()
        do(given)
        least = min(least, time.process_time() - begun)
    return least
