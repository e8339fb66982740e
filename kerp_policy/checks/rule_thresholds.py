"""Checks of the thresholds that alerts compare with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.prometheus.documented import asked, meets, readings, said, thresholds
from kerp_policy.artifacts.prometheus.model import text_of
from kerp_policy.artifacts.prometheus.signals import Reading
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.parameters import SIGNALS, THRESHOLDS, takes
from kerp_policy.scopes.prometheus import RulesSubject
from kerp_policy.views import View

_EXPR = ("expr",)


@takes(thresholds=THRESHOLDS, signals=SIGNALS)
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
    alert = asked(query, subject.file.recorded)
    spoken = False
    for name, signal in params["signals"].items():
        wanted = [each for each in params["thresholds"] if each["signal"] == name]
        for reading in readings(signal, alert):
            spoken = True
            yield from _judged(signal, reading, level, wanted)
    if not spoken:
        yield NOT_APPLICABLE


def _judged(
    signal: Mapping[str, Any], reading: Reading, level: str, wanted: Sequence[Mapping[str, Any]]
) -> Iterator[Remark]:
    title = signal["title"]
    if "{{" in level:
        yield unverified(("labels", "severity"), f"the level of {title} is filled in by a template")
        return
    mine = [each for each in wanted if each["level"] == level]
    if reading.value is None:
        if mine or not level:
            yield unverified(_EXPR, f"files do not show the threshold of {title}: {reading.untold}")
        return
    fits = [each for each in wanted if meets(reading, each)]
    if (fits and not level) or any(each in mine for each in fits):
        return
    if mine or not level:
        expected = thresholds(signal, mine or wanted)
        message = f"the threshold of {title} is {said(signal, reading)}; expected {expected}"
        yield Remark(_EXPR, message)
    elif fits:
        message = f"the level of {title} {said(signal, reading)} is {level}"
        yield Remark(("labels", "severity"), f"{message}; expected {fits[0]['level']}")
