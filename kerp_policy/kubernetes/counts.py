"""Numbers of pods: an integer, or a percentage as text, as the API server takes them.

Source: `IntOrString` in the Kubernetes API reference, and "Specifying a Disruption Budget for your
Application" (a value is an integer or a percentage from 0% to 100%).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kerp_policy.regex import regex

_PERCENT = regex(r"([0-9]{1,9})%")


class Count(NamedTuple):
    """A number of pods, or a percentage of them."""

    number: int
    is_share: bool


def count(value: Any) -> Count | None:
    """What a value means, None for one that is neither a whole number nor a percentage."""
    if type(value) is int:
        return Count(value, is_share=False)
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    return Count(int(found[1]), is_share=True) if found else None


def refused(value: Any) -> str:
    """Why the API server refuses a number of pods, as words that follow "is"; else nothing."""
    known = count(value)
    if known is None:
        hint = f"; write the number {value}" if str(value).isdecimal() else ""
        shown = f'the string "{value}"' if isinstance(value, str) else "no whole number"
        return f"{shown}, which the API server refuses{hint}"
    return f"{value}, which the API server refuses" if known.number < 0 else ""
