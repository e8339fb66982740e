"""Checks of what the templates of an alert say (Prometheus, Template reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.prometheus.labels import Labels, labels_of
from kerp_policy.artifacts.prometheus.model import Rule
from kerp_policy.findings import NOT_APPLICABLE, Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.prometheus import RulesSubject
from kerp_policy.views import View
from kerp_policy.wording import clipped, counted

_ACTION = regex(r"\{\{-?\s*+(?P<asks>(?:if|else|with|range)\b)?[^{}]*+\}\}")
_LABEL = regex(r"\$labels\.([A-Za-z_]\w*)")
_VALUE = regex(r"\$value\b|(?<![\w)])\.Value\b")
_ELSEWHERE = regex(r"\b(?:query|define)\b")
"""Where dot may be something else."""


def changing(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No label holds the value that is measured: labels are what an alert is known by."""
    subject: RulesSubject = view.subject
    for key, name, text in _texts(subject.rule):
        if key != "labels" or _ELSEWHERE.search(text):
            continue
        for action in _ACTION.finditer(text):
            if not action["asks"] and _VALUE.search(action[0]):
                place = subject.inside(_path(subject, key, name), *action.span())
                message = (
                    f"labels.{clipped(name)} holds the value, so each other value is another alert"
                )
                yield Remark(place, f"{message}; expected it in annotations", subject=name)
                break


def lost(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Templates name labels that the query gives."""
    subject: RulesSubject = view.subject
    query = subject.rule.expression if subject.rule else None
    labels = labels_of(query) if query else None
    if labels is None or (labels.only is None and not labels.gone):
        yield NOT_APPLICABLE
        return
    for key, name, text in _texts(subject.rule):
        for label, (start, end) in _named(text).items():
            if labels.lacks(label):
                place = subject.inside(_path(subject, key, name), start, end)
                message = f"{key}.{clipped(name)} names the label {label}, which is blank"
                yield Remark(place, f"{message}: {_given(labels, label)}", subject=label)


def _given(labels: Labels, label: str) -> str:
    if labels.only is None:
        return f"the query takes {label} away"
    names = sorted(labels.only)
    if len(names) > 8:
        names = [*names[:8], "…"]
    return f"the query gives {counted('the label', names)}" if names else "the query gives none"


def _named(text: str) -> dict[str, tuple[int, int]]:
    """The labels that a template prints, with their first places; not those that it asks for."""
    asked, printed = set[str](), dict[str, tuple[int, int]]()
    for action in _ACTION.finditer(text):
        for found in _LABEL.finditer(action[0]):
            at = action.start() + found.start()
            printed.setdefault(found[1], (at, at + len(found[0])))
            if action["asks"]:
                asked.add(found[1])
    return {label: place for label, place in printed.items() if label not in asked}


def _texts(rule: Rule | None) -> Iterator[tuple[str, str, str]]:
    for key in ("labels", "annotations"):
        values = rule.data.get(key) if rule else None
        for name, text in values.items() if isinstance(values, dict) else ():
            if isinstance(text, str) and "{{" in text:
                yield key, name, text


def _path(subject: RulesSubject, key: str, name: str) -> tuple[str | int, ...]:
    assert subject.rule
    return (*subject.rule.path, key, name)
