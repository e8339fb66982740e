"""What `--timings` says on standard error: the phases, and the policies that took longest."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, process_time

from kerp_policy.i18n import amount
from kerp_policy.i18n import gettext as _
from kerp_policy.timings import WORK, Spent, Timings, measuring

_LONGEST = 10
"""How many policies are named."""


@contextmanager
def telling(*, wanted: bool) -> Iterator[None]:
    """Measure the block if that is wanted, and tell at its end where the time went.

    The time of the start is counted, too.
    """
    if not wanted:
        yield
        return
    started, begun = process_time(), perf_counter()
    with measuring() as timings:
        yield
    text = told(timings, started, perf_counter() - begun)
    print(text, end="", file=sys.stderr, flush=True)


def told(timings: Timings, started: float, passed: float) -> str:
    """Timings as lines.

    Args:
        timings: what was measured.
        started: seconds of processor time until the command began.
        passed: seconds that passed since.
    """
    other = max(0.0, passed - sum(timings.phases.values()))
    phases = {_("start-up"): started}
    phases |= {_(name): seconds for name, seconds in timings.phases.items()}
    phases |= {_("other"): other, _("in all"): started + passed}
    lines = [_line(seconds, name) for name, seconds in phases.items()]
    rows = [_row(on, spent) for on, spent in _chief(timings.spent)]
    heading = [_("in all processes together:")] if rows else []
    return "".join(f"{line}\n" for line in (_("time by phase:"), *lines, *heading, *rows))


def _chief(spent: dict[str, Spent]) -> Iterator[tuple[str, Spent]]:
    """What is no policy, and then the policies that took longest."""
    yield from ((on, spent[on]) for on in WORK if on in spent)
    policies = ((on, time) for on, time in spent.items() if on not in WORK)
    yield from sorted(policies, key=lambda row: (-row[1].seconds, row[0]))[:_LONGEST]


def _row(on: str, spent: Spent) -> str:
    if on in WORK:
        return _line(spent.seconds, f"{_(on)}: {amount(spent.things, 'file', 'files')}")
    return _line(spent.seconds, f"{on}: {amount(spent.things, 'thing', 'things')}")


def _line(seconds: float, name: str) -> str:
    return f"{seconds:9.3f} s  {name}"
