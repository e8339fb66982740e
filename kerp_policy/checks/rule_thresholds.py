"""Checks of the thresholds that alerts compare with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.prometheus.algebra import comparisons, linear, threshold
from kerp_policy.artifacts.prometheus.grammar import duration_seconds
from kerp_policy.artifacts.prometheus.model import text_of
from kerp_policy.artifacts.prometheus.nodes import Binary, Node
from kerp_policy.artifacts.prometheus.recordings import inlined
from kerp_policy.artifacts.prometheus.signals import Reading, mentions, read_signal
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.scopes.prometheus import RulesSubject
from kerp_policy.views import View

_EXPR = ("expr",)
_PER = {"seconds": 1, "ratio": 100, "count": 1}
_SHOWN = {"seconds": " s", "ratio": " %", "count": ""}


def documented(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """An alert on a documented signal has a documented threshold at its level.

    `params["signals"]` describes the signals (see `read_signal`), `params["thresholds"]` lists for
    each `above`, in the signal's unit, the `level`, and of counts the `window`.
    """
    subject: RulesSubject = view.subject
    assert subject.rule
    query = subject.rule.expression
    if query is None:
        yield NOT_APPLICABLE
        return
    labels = view.data.get("labels")
    level = text_of(labels.get("severity")) if isinstance(labels, dict) else ""
    said = False
    for name, signal in params["signals"].items():
        wanted = [each for each in params["thresholds"] if each["signal"] == name]
        readings = _readings(signal, query, subject)
        for reading in readings:
            said = True
            yield from _judged(signal, reading, level, wanted)
    if not said:
        yield NOT_APPLICABLE


def _readings(signal: Mapping[str, Any], query: Node, subject: RulesSubject) -> list[Reading]:
    query = inlined(query, subject.file.recorded)
    found = [threshold(each, {}) for each in comparisons(query)]
    readings = [reading for each in found if (reading := read_signal(signal, each))]
    told = bool(readings) or "quantile" in signal or not mentions(signal, query)
    if not told and any(_undecided(signal, each) for each in comparisons(query)):
        return [Reading("", None, untold="it is not compared with a number")]
    return readings


def _undecided(signal: Mapping[str, Any], comparison: Binary) -> bool:
    """Whether the signal is compared with what another metric says."""
    sides = (comparison.left, comparison.right)
    return all(linear(side).core for side in sides) and mentions(signal, comparison)


def _judged(
    signal: Mapping[str, Any], reading: Reading, level: str, wanted: Sequence[Mapping[str, Any]]
) -> Iterator[Remark]:
    title = signal["title"]
    if "{{" in level:
        yield unverified(("labels", "severity"), f"{title}: the level is decided by a template")
        return
    mine = [each for each in wanted if each["level"] == level]
    if reading.value is None:
        if mine or not level:
            yield unverified(_EXPR, f"{title}: the threshold cannot be told: {reading.untold}")
        return
    fits = [each for each in wanted if _fits(reading, each)]
    if (fits and not level) or any(each in mine for each in fits):
        return
    if mine or not level:
        expected = _listed(signal, mine or wanted, levels=not mine)
        yield Remark(_EXPR, f"{title}: {_said(signal, reading)}; expected {expected}")
    elif fits:
        message = f"{title}: {_said(signal, reading)} is {level}"
        yield Remark(("labels", "severity"), f"{message}; expected {fits[0]['level']}")


def _fits(reading: Reading, wanted: Mapping[str, Any]) -> bool:
    """`>=` is as good as `>`, except where whole things are counted."""
    window = duration_seconds(wanted["window"]) if "window" in wanted else None
    is_above = reading.operator == ">" or (reading.operator == ">=" and window is None)
    return is_above and reading.value == wanted["above"] and reading.window == window


def _listed(signal: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]], *, levels: bool) -> str:
    return " or ".join(
        f"> {_number(signal, each['above'])}"
        + (f" in {each['window']}" if "window" in each else "")
        + (f" ({each['level']})" if levels else f" at level {each['level']}")
        for each in wanted
    )


def _said(signal: Mapping[str, Any], reading: Reading) -> str:
    assert reading.value is not None
    said = f"{reading.operator} {_number(signal, reading.value)}"
    if reading.window is None:
        return said
    if not reading.window:
        return f"{said} since the start"
    whole, unit = (reading.window / 60, "m") if reading.window >= 60 else (reading.window, "s")
    return f"{said} in {whole:g}{unit}"


def _number(signal: Mapping[str, Any], value: float) -> str:
    unit = signal["unit"]
    return f"{value * _PER[unit]:.6g}{_SHOWN[unit]}"
