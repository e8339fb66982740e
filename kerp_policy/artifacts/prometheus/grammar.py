"""The small grammars of rule files: names and durations (Prometheus, Defining recording rules)."""

from __future__ import annotations

import re

from kerp_policy.regex import regex

METRIC_NAME = regex(r"[A-Za-z_:][A-Za-z0-9_:]*", re.ASCII)
LABEL_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

_UNITS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3600, "m": 60, "s": 1, "ms": 0.001}
_DURATION = regex("".join(rf"(?:([0-9]{{1,20}}){unit})?" for unit in _UNITS), re.ASCII)
_LONGEST = (2**63 - 1) // 10**9
"""Seconds that fit into the 64 bits of nanoseconds which Prometheus counts in."""


def duration_seconds(text: str) -> float:
    """The length of a duration such as `5m` or `1h30m`, in seconds.

    Raises:
        ValueError: it is no duration; the message says why.
    """
    if text == "0":
        return 0
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise ValueError("expected a duration such as 30s, 5m or 1h30m")
    seconds = sum(
        int(number or 0) * unit
        for number, unit in zip(found.groups(), _UNITS.values(), strict=True)
    )
    if seconds > _LONGEST:
        raise ValueError("is longer than Prometheus can count")
    return seconds
