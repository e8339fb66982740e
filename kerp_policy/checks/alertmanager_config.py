"""Checks of a configuration of Alertmanager as a whole: inhibition, old fields, time zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.alertmanager.inhibition import Conditions, Inhibition, inhibitions
from kerp_policy.artifacts.alertmanager.matchers import (
    Matcher,
    MatcherError,
    read_matchers,
)
from kerp_policy.artifacts.alertmanager.matching import (
    accepts,
    by_label,
    contradiction,
    covers,
    is_template,
    values,
)
from kerp_policy.artifacts.alertmanager.table import Version
from kerp_policy.findings import Remark
from kerp_policy.parameters import WORD, any_of, takes
from kerp_policy.paths import Path
from kerp_policy.scopes.alertmanager import Alertmanager
from kerp_policy.views import View
from kerp_policy.wording import clipped

_OLD = {
    "match": ("matchers", "="),
    "match_re": ("matchers", "=~"),
    "source_match": ("source_matchers", "="),
    "source_match_re": ("source_matchers", "=~"),
    "target_match": ("target_matchers", "="),
    "target_match_re": ("target_matchers", "=~"),
}
_LISTS = ("matchers", "source_matchers", "target_matchers")
_MOST_SHOWN = 120


def deprecated(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No field is used that has had a successor for years (Alertmanager 0.22 and 0.24)."""
    for path, holder in _holders(view):
        for key, (successor, op) in _OLD.items():
            if holder.get(key):
                yield Remark((*path, key), _rewritten(key, successor, op, holder[key]))
    if view.data.get("mute_time_intervals") is not None:
        message = "mute_time_intervals at the top level is deprecated; write time_intervals"
        yield Remark(("mute_time_intervals",), message)


def _rewritten(key: str, successor: str, op: str, given: Mapping[str, Any]) -> str:
    new = ", ".join(f"'{Matcher(name, op, value or '')}'" for name, value in given.items())
    shown = f"{successor}: [{new}]" if len(new) <= _MOST_SHOWN else successor
    return f"{key} is deprecated; write {shown}"


def _holders(view: View) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The routes and inhibition rules."""
    found: Alertmanager = view.subject
    for path, route in found.routes.items():
        yield path, route.own
    for i, rule in enumerate(view.data.get("inhibit_rules") or []):
        yield ("inhibit_rules", i), rule or {}


def matcher_syntax(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Matchers mean the same in both grammars, so that they outlive the older one."""
    found: Alertmanager = view.subject
    for path, holder in _holders(view):
        for key in _LISTS:
            for i, text in enumerate(holder.get(key) or []):
                if said := _differs(text or "", found.configuration.version):
                    yield Remark((*path, key, i), said)


def _differs(text: str, version: Version) -> str | None:
    try:
        reading = read_matchers(text, version)
    except MatcherError:
        return None
    new = ", ".join(map(str, reading.matchers))
    if reading.classic_only:
        wanted = clipped(new, _MOST_SHOWN)
        return f"the matcher {clipped(text)} is not in the newer grammar; write {wanted}"
    if reading.disagrees:
        return f"the matcher {clipped(text)} means something else in the newer grammar; write {new}"
    return None


@takes(always_firing=any_of(WORD))
def inhibition(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """An inhibition rule mutes some alerts for the sake of others that are about the same thing."""
    found: Alertmanager = view.subject
    seen: dict[tuple[frozenset[Any], ...], Inhibition] = {}
    for rule in inhibitions(view.data, found.configuration.version):
        yield from _judged(rule, params["always_firing"])
        source, target, equal = map(frozenset, (rule.source, rule.target, rule.equal))
        if source != target and (other := seen.get((target, source, equal))):
            line = view.locate(other.path).span.line
            message = f"this rule and that on line {line} mute each other's alerts"
            yield Remark(rule.path, f"{message}, so where both fire nobody is told of either")
        seen[source, target, equal] = rule


def _judged(rule: Inhibition, always: Sequence[str]) -> Iterator[Remark]:
    at, source, target = rule.path, rule.source, rule.target
    for side, conditions in (("source", source), ("target", target)):
        if pair := contradiction(conditions):
            message = f"the rule never applies: {pair[0]} and {pair[1]} never hold together"
            yield Remark((*at, f"{side}_matchers"), message)
        if raw := next((one for one in conditions if is_template(one)), None):
            message = f"the rule never applies: {raw} is compared as it stands, not filled in"
            yield Remark((*at, f"{side}_matchers"), message)
    if not target:
        yield Remark(at, "the rule has no target, so it mutes every other alert")
    if not source:
        yield Remark(at, "the rule has no source, so any alert mutes its targets")
    if source and target and not rule.equal:
        message = "the rule has no equal, so one source anywhere mutes its targets everywhere"
        yield Remark((*at, "equal"), message)
    if source and target and covers(source, by_label(target)) and covers(target, by_label(source)):
        message = "source and target are the same alerts, which never mute each other"
        yield Remark((*at, "target_matchers"), message)
    for name in always:
        if _names(source, name):
            yield Remark(at, f"{name} always fires, so the targets of the rule are muted for good")


def _names(conditions: Conditions, alert: str) -> bool:
    return any(
        matcher.name == "alertname" and alert in (values(matcher) or ()) and accepts(matcher, alert)
        for matcher in conditions
    )


def time_zones(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Time intervals with times of day say in which time zone."""
    for key in ("time_intervals", "mute_time_intervals"):
        for i, named in enumerate(view.data.get(key) or []):
            for j, interval in enumerate((named or {}).get("time_intervals") or []):
                if interval and interval.get("times") and not interval.get("location"):
                    path = (key, i, "time_intervals", j, "location")
                    message = "location is not set, so the times are in UTC"
                    yield Remark(path, f"{message}; expected a name such as Asia/Seoul")
