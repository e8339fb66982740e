"""Durations as Go writes them (`1h30m`, `250ms`), which `@every` and some fields use.

Source: the grammar of `ParseDuration` in the documentation of Go's package `time`.
"""

from __future__ import annotations

from fractions import Fraction

from kerp_policy.regex import regex

_SECONDS = {
    "h": Fraction(3600),
    "m": Fraction(60),
    "s": Fraction(1),
    "ms": Fraction(1, 1000),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),  # U+00B5, the micro sign
    "μs": Fraction(1, 10**6),  # U+03BC, the Greek letter
    "ns": Fraction(1, 10**9),
}
_PART = regex(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ms|us|µs|μs|ns|h|m|s)")
_MAX_LENGTH = 64


def parse_duration(text: str) -> Fraction | None:
    """Read a Go duration as exact seconds; None when it is none.

    Args:
        text: one or more numbers, each with its unit (h, m, s, ms, us, ns), after an
            optional sign; a bare `0` needs no unit.
    """
    if len(text) > _MAX_LENGTH:
        return None
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return Fraction(0)
    parts = [(found[1], found[2]) for found in _PART.finditer(rest)]
    if not parts or "".join(number + unit for number, unit in parts) != rest:
        return None
    return sign * sum((Fraction(number) * _SECONDS[unit] for number, unit in parts), Fraction(0))
