"""Where the time of a run goes: by phase as a clock has it, by policy as all processes spend it.

Nothing is measured unless somebody asks for it: all that is left then is to see that nobody did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

from msgspec import Struct, field

from kerp_policy.i18n import noted

PARSING = noted("reading and parsing")
TAKING = noted("results of an earlier run")
KEEPING = noted("results for the next run")
WORK = (PARSING, TAKING, KEEPING)
"""What time is spent on besides policies, whose names have no blanks."""


class Spent(Struct, frozen=True):
    """Seconds, and on how many things they were spent."""

    seconds: float = 0.0
    things: int = 0


class Timings(Struct):
    """Where the time went."""

    phases: dict[str, float] = field(default_factory=dict)
    """Seconds by phase, as they passed in this process; no phase lies within another."""
    spent: dict[str, Spent] = field(default_factory=dict)
    """By policy or one of `WORK`, over all processes: several may have spent the same second."""


class _State:
    timings: Timings | None = None


def is_measuring() -> bool:
    """Whether anybody has asked for it."""
    return _State.timings is not None


@contextmanager
def measuring() -> Iterator[Timings]:
    """Measure what happens until the end of the block."""
    before, _State.timings = _State.timings, Timings()
    try:
        yield _State.timings
    finally:
        _State.timings = before


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Count the seconds of the block, or of the function that this decorates.

    Args:
        name: of the phase; those of one name are added up.
    """
    begun = perf_counter()
    yield
    if _State.timings is not None:
        phases = _State.timings.phases
        phases[name] = phases.get(name, 0.0) + perf_counter() - begun


def spend(on: str, begun: float, things: int = 1) -> None:
    """Count the seconds since a moment.

    Args:
        on: a policy, or one of `WORK`.
        begun: the moment, as `perf_counter` tells it.
        things: how many things were looked at since.
    """
    if _State.timings is not None:
        _add(_State.timings.spent, on, Spent(perf_counter() - begun, things))


@contextmanager
def apart() -> Iterator[Mapping[str, Spent]]:
    """Gather what the block spends, which may run in another process, for `bring`."""
    if _State.timings is None:
        yield {}
        return
    with measuring() as timings:
        yield timings.spent


def bring(spent: Mapping[str, Spent]) -> None:
    """Count what was spent apart."""
    if _State.timings is not None:
        for on, more in spent.items():
            _add(_State.timings.spent, on, more)


def _add(spent: dict[str, Spent], on: str, more: Spent) -> None:
    before = spent.get(on, Spent())
    spent[on] = Spent(before.seconds + more.seconds, before.things + more.things)
