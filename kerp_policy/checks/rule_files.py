"""Checks of rule files: will Prometheus load them?

The rules are those of Prometheus' own loader (its package rulefmt), which is also what
`promtool check rules` and the operator's admission webhook ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.go_templates import template_error
from kerp_policy.artifacts.prometheus.grammar import LABEL_NAME, METRIC_NAME, duration_seconds
from kerp_policy.artifacts.prometheus.model import Rule, text_of
from kerp_policy.artifacts.prometheus.nodes import Selector, Subquery, Text
from kerp_policy.artifacts.prometheus.promql import PromqlError, UnreadPromqlError
from kerp_policy.artifacts.prometheus.promql import parse_promql as parse
from kerp_policy.artifacts.prometheus.shape import RULE_FIELDS, RULE_FILE
from kerp_policy.findings import Remark, Verdict
from kerp_policy.paths import Path, format_path
from kerp_policy.schema import violations
from kerp_policy.scopes.prometheus import RulesSubject
from kerp_policy.views import View, lookup
from kerp_policy.wording import clipped, shown

_BRACES = frozenset("{}")
_NOT_WHEN_RECORDING = ("for", "keep_firing_for", "annotations")


def valid(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Prometheus accepts every group and rule."""
    subject: RulesSubject = view.subject
    for violation in violations(RULE_FILE, view.data):
        yield Remark(violation.path, violation.message)
    yield from _groups(subject)
    yield from _types(subject)
    for rule in subject.file.rules:
        yield from _whole(rule)
        yield from _rule(subject, rule)


def _groups(subject: RulesSubject) -> Iterator[Remark]:
    first: dict[str, Path] = {}
    for path, group in subject.file.groups:
        name = text_of(group.get("name"))
        if not name and isinstance(group.get("name"), str | None) and "name" in group:
            yield Remark((*path, "name"), "the group's name is empty")
        if name and name in first:
            line = subject.locate(first[name]).span.line
            message = f"a group named {shown(name)} stands on line {line} already"
            yield Remark((*path, "name"), message)
        first.setdefault(name, (*path, "name"))
        for key in ("interval", "query_offset"):
            yield from _duration(group, path, key)
        yield from _label_names(group, path, "labels")


def _types(subject: RulesSubject) -> Iterator[Remark]:
    """In an object, labels and annotations must be strings for the API server, too."""
    if subject.typed is None:
        return
    for rule in subject.file.rules:
        for key in ("labels", "annotations"):
            values = lookup(subject.typed, (*rule.path, key))
            for name, value in values.items() if isinstance(values, dict) else ():
                if isinstance(value, bool | int | float):
                    message = f"{key}.{clipped(name)} is {str(value).lower()}; expected a string"
                    yield Remark((*rule.path, key, name), f"{message}: put it in quotes")


def _whole(rule: Rule) -> Iterator[Remark]:
    """What is missing may be what is misspelled: a field that nobody knows has been told."""
    data, path = rule.data, rule.path
    if rule.alert and rule.record:
        yield Remark((*path, "record"), "a rule has either alert or record; this one has both")
    if data.keys() - RULE_FIELDS:
        return
    if not rule.alert and not rule.record:
        yield Remark(path, "a rule has either alert or record; this one has neither")
    if data.get("expr") is None or data["expr"] == "":
        yield Remark((*path, "expr"), "the rule asks nothing: expr is missing or empty")


def _rule(subject: RulesSubject, rule: Rule) -> Iterator[Remark]:
    data, path = rule.data, rule.path
    if rule.record:
        yield from _recording(rule)
    for key in ("for", "keep_firing_for"):
        yield from _duration(data, path, key)
    yield from _label_names(data, path, "labels")
    yield from _label_names(data, path, "annotations")
    yield from _expression(subject, rule)
    if rule.alert:
        yield from _templates(subject, rule)


def _recording(rule: Rule) -> Iterator[Remark]:
    for key in _NOT_WHEN_RECORDING:
        if rule.data.get(key) not in (None, "0", "0s", "0m", {}):
            yield Remark((*rule.path, key), f"{key} has no meaning in a recording rule")
    if not METRIC_NAME.fullmatch(rule.record):
        at, ever = (*rule.path, "record"), _BRACES.isdisjoint(rule.record)
        yield _misnamed(at, rule.record, "of a metric", "digits, _ and :", ever=ever)


def _duration(data: Mapping[str, Any], path: Path, key: str) -> Iterator[Remark]:
    value = data.get(key)
    if not isinstance(value, str):
        return
    try:
        duration_seconds(value)
    except ValueError as error:
        yield Remark((*path, key), f"{key} is {shown(value)}; {error}")


def _label_names(data: Mapping[str, Any], path: Path, key: str) -> Iterator[Remark]:
    names = data.get(key)
    for name in names if isinstance(names, dict) else ():
        if not LABEL_NAME.fullmatch(name) or (key == "labels" and name == "__name__"):
            at, ever = (*path, key, name), name not in ("", "__name__")
            yield _misnamed(at, name, f"for one of the {key}", "digits and _", ever=ever)


def _misnamed(at: Path, name: str, of: str, signs: str, *, ever: bool) -> Remark:
    """What Prometheus 3 may take (its guide "UTF-8"): no file tells which version is run."""
    since = " before Prometheus 3" if ever else ""
    message = f'"{clipped(name)}" is no name {of}{since}; expected letters, {signs}'
    verdict = Verdict.UNVERIFIED if ever else Verdict.FAIL
    return Remark(at, f"{message}, and no digit in front", verdict)


def _expression(subject: RulesSubject, rule: Rule) -> Iterator[Remark]:
    text = text_of(rule.data.get("expr"))
    at = (*rule.path, "expr")
    if not text:
        return
    try:
        query = parse(text)
    except UnreadPromqlError as error:
        message = f"expr is {error}, so it is not judged; record parts of it as rules of their own"
        yield Remark(at, message)
        return
    except PromqlError as error:
        if error.certain:
            yield Remark(at, f"expr is no PromQL: {error}")
        else:
            message = f"expr is no PromQL of Prometheus 2.45: {error}"
            yield Remark(at, message, Verdict.UNVERIFIED)
        return
    is_range = isinstance(query, Subquery) or (isinstance(query, Selector) and query.window)
    if is_range or isinstance(query, Text):
        what = "a string" if isinstance(query, Text) else "a range of values over time"
        yield Remark(at, f"expr gives {what}; a rule needs one value for each series")


def _templates(subject: RulesSubject, rule: Rule) -> Iterator[Remark]:
    for key in ("labels", "annotations"):
        values = rule.data.get(key)
        for name, value in values.items() if isinstance(values, dict) else ():
            error = template_error(value) if isinstance(value, str) else None
            if error:
                path = (*rule.path, key, name)
                place = subject.inside(path, error.start, error.end)
                where = format_path((key, name))
                yield Remark(place, f"the template in {clipped(where)}: {error.message}")


def duplicates(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No rule of a file stands in it twice: the same name, labels and query.

    Recording rules of one name with other queries may be meant: each gives series of its own.
    """
    subject: RulesSubject = view.subject
    first: dict[tuple[Any, ...], Rule] = {}
    for rule in subject.file.rules:
        labels = tuple(sorted((name, text_of(value)) for name, value in rule.labels.items()))
        query = " ".join(text_of(rule.data.get("expr")).split())
        name = rule.alert or rule.record
        earlier = first.setdefault((bool(rule.alert), name, labels, query), rule)
        if name and earlier is not rule:
            line = subject.locate(earlier.path).span.line
            key = "alert" if rule.alert else "record"
            what = f"{'alert' if rule.alert else 'the rule of'} {clipped(name)}"
            message = f"{what} with the same labels and query stands on line {line} already"
            yield Remark((*rule.path, key), message)
