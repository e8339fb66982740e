"""Documented thresholds: which an alert means, and how they are told.

A signal is described as `signals.read_signal` takes it; a threshold names its `signal`, what it is
`above` in the signal's unit, its `level`, and of counts the `window`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.prometheus.algebra import Threshold, comparisons, linear, threshold
from kerp_policy.artifacts.prometheus.grammar import duration_seconds
from kerp_policy.artifacts.prometheus.nodes import Binary, Node, Selector, selectors
from kerp_policy.artifacts.prometheus.recordings import inlined
from kerp_policy.artifacts.prometheus.signals import Reading, mentions, read_signal

_PER = {"seconds": 1, "ratio": 100, "count": 1}
_SHOWN = {"seconds": " s", "ratio": " %", "count": ""}


class Asked(Struct, frozen=True):
    """What an alert asks, recording rules put in: of which metrics, and what comparisons mean."""

    selectors: tuple[Selector, ...]
    comparisons: tuple[Binary, ...]
    meant: tuple[Threshold, ...]


def asked(query: Node, recorded: Mapping[str, Node]) -> Asked:
    """What a query asks.

    Args:
        query: as it is written.
        recorded: what the names of recording rules stand for.
    """
    query = inlined(query, recorded)
    found = tuple(comparisons(query))
    return Asked(tuple(selectors(query)), found, tuple(threshold(each, {}) for each in found))


def readings(signal: Mapping[str, Any], alert: Asked) -> list[Reading]:
    """What an alert compares a signal with; nothing where it is about something else.

    Args:
        signal: its description.
        alert: what it asks.
    """
    if not mentions(signal, alert.selectors):
        return []
    read = [reading for each in alert.meant if (reading := read_signal(signal, each))]
    told = bool(read) or "quantile" in signal
    if not told and any(_undecided(signal, each) for each in alert.comparisons):
        return [Reading("", None, untold="it is not compared with a number")]
    return read


def _undecided(signal: Mapping[str, Any], comparison: Binary) -> bool:
    """Whether the signal is compared with what another metric says."""
    sides = (comparison.left, comparison.right)
    return all(linear(side).core for side in sides) and mentions(signal, selectors(comparison))


def meets(reading: Reading, wanted: Mapping[str, Any]) -> bool:
    """Whether a reading is a threshold; `>=` is as good as `>`, except of whole things."""
    window = duration_seconds(wanted["window"]) if "window" in wanted else None
    is_above = reading.operator == ">" or (reading.operator == ">=" and window is None)
    return is_above and reading.value == wanted["above"] and reading.window == window


def thresholds(signal: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]]) -> str:
    """Thresholds of a signal in words, each with its level."""
    return " or ".join(
        f"> {_number(signal, each['above'])}"
        + (f" in {each['window']}" if "window" in each else "")
        + f" at level {each['level']}"
        for each in wanted
    )


def said(signal: Mapping[str, Any], reading: Reading) -> str:
    """A reading whose value is known, in words."""
    assert reading.value is not None
    text = f"{reading.operator} {_number(signal, reading.value)}"
    if reading.window is None:
        return text
    if not reading.window:
        return f"{text} since the start"
    whole, unit = (reading.window / 60, "m") if reading.window >= 60 else (reading.window, "s")
    return f"{text} in {whole:g}{unit}"


def _number(signal: Mapping[str, Any], value: float) -> str:
    unit = signal["unit"]
    return f"{value * _PER[unit]:.6g}{_SHOWN[unit]}"
