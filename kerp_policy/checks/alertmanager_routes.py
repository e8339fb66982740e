"""Checks of single routes: grouping, waits, and where their alerts go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.alertmanager.matchers import Matcher
from kerp_policy.artifacts.alertmanager.matching import (
    accepts,
    by_label,
    contradiction,
    covers,
    is_template,
    values,
)
from kerp_policy.artifacts.alertmanager.routing import DEFAULTS, Route
from kerp_policy.artifacts.alertmanager.texts import milliseconds
from kerp_policy.findings import NOT_APPLICABLE, Related, Remark
from kerp_policy.parameters import DURATION, WORD, WORDS, takes
from kerp_policy.scopes.alertmanager import Alertmanager
from kerp_policy.views import View
from kerp_policy.wording import clipped, listed, missing

_WAITS = tuple(DEFAULTS)
_PATTERN = {"=": "=~", "!=": "!~"}
_EXACT = {pattern: exact for exact, pattern in _PATTERN.items()}
_MOST_SIBLINGS = 150
"""Routes of one parent that are compared with one: more are a list that a program made."""


@takes(labels=WORDS)
def grouping(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Alerts are grouped by the labels of the standard, where a route says how."""
    route = _route(view)
    if route.parent and route.own.get("group_by") is None:
        yield NOT_APPLICABLE
        return
    if not route.own.get("group_by") and view.facts["form"] == "AlertmanagerConfig":
        yield NOT_APPLICABLE  # it inherits from the configuration that it is put into
        return
    labels = route.group_by
    wanted = listed(params["labels"])
    if "..." in labels:
        message = "group_by is [...], so every alert is a group of its own"
        yield Remark(("group_by",), f"{message}; expected {wanted}")
        return
    fixed = {m.name for m in route.chain if m.op == "=" and m.value}
    absent = [label for label in params["labels"] if label not in {*labels, *fixed}]
    if not labels and absent:
        message = "group_by is not set, so all alerts come as one group"
        yield Remark(("group_by",), f"{message}; expected {wanted}")
    elif absent:
        yield Remark(("group_by",), missing("label", absent, "group_by"))


@takes(group_wait=DURATION, group_interval=DURATION, repeat_interval=DURATION)
def waits(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The root waits as long as the standard says, and no route below longer."""
    route = _route(view)
    for key in _WAITS:
        expected, is_own = params[key], route.own.get(key) is not None
        actual, limit = route.duration(key), milliseconds(expected) or 0
        if route.parent is None and actual != limit:
            said = route.effective[key] if is_own else f"not set, which means {DEFAULTS[key]}"
            yield Remark((key,), f"{key} is {said}; expected {expected}")
        elif route.parent and is_own and actual > limit:
            message = f"{key} is {route.effective[key]}; expected {expected} or less"
            yield Remark((key,), message)


@takes(severity=WORD, limit=DURATION)
def response_time(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A critical alert reaches its receiver within the time, group_wait and group_interval in."""
    route = _route(view)
    takes = _takes(route, params["severity"]) if route.parent else _left(view, params["severity"])
    if not takes:
        yield NOT_APPLICABLE
        return
    sets = [key for key in ("group_wait", "group_interval") if route.set_at(key)]
    spent = route.duration("group_wait") + route.duration("group_interval")
    if spent > (milliseconds(params["limit"]) or 0):
        waits = [f"{route.effective[key]} ({key})" for key in ("group_wait", "group_interval")]
        message = f"a new alert may wait {listed(waits)}"
        at = (sets[-1],) if sets else ()
        yield Remark(at, f"{message}; expected {params['limit']} or less together")


@takes(retention=DURATION)
def repeats(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """repeat_interval is a multiple of group_interval, and no longer than anything is kept."""
    route = _route(view)
    if all(route.own.get(key) is None for key in ("group_interval", "repeat_interval")):
        yield NOT_APPLICABLE
        return
    interval, repeat = (route.duration(key) for key in ("group_interval", "repeat_interval"))
    at = ("repeat_interval",) if route.own.get("repeat_interval") is not None else ()
    given = f"repeat_interval is {route.effective['repeat_interval']}"
    between = route.effective["group_interval"]
    if repeat > (milliseconds(params["retention"]) or 0):
        kept = params["retention"]
        yield Remark(at, f"{given}, longer than the {kept} that Alertmanager remembers it for")
    elif interval and repeat < interval:
        yield Remark(at, f"{given}, shorter than group_interval {between}, so that counts instead")
    elif interval and repeat % interval:
        message = f"{given}, no multiple of group_interval {between}; it is rounded up to one"
        yield Remark(at, message)


@takes(severity=WORD)
def muted(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No time interval mutes a route that critical alerts take."""
    route = _route(view)
    if not _takes(route, params["severity"]) or _taken_before(route, params["severity"]):
        yield NOT_APPLICABLE
        return
    for key, when in (("mute_time_intervals", "in"), ("active_time_intervals", "outside")):
        names = [str(name) for name in route.own.get(key) or [] if name]
        if names:
            message = f"alerts of severity {params['severity']} are muted {when} {listed(names)}"
            yield Remark((key,), message)


def _takes(route: Route, severity: str) -> bool:
    """Whether a route asks for a severity by name."""
    return any(
        matcher.name == "severity" and severity in (values(matcher) or ())
        for matcher in route.chain
    )


def _taken_before(route: Route, severity: str) -> bool:
    """Whether routes before this one, or before one above it, leave it no alert of a severity."""
    each: Route | None = route
    while each and each.parent:
        wanted = by_label((*each.chain, Matcher("severity", "=", severity)))
        earlier = each.family[: min(each.position, _MOST_SIBLINGS)]
        if any(not one.continues and covers(one.conditions, wanted) for one in earlier):
            return True
        each = each.parent
    return False


def _left(view: View, severity: str) -> bool:
    """Whether alerts of a severity may be left to the root: no route below takes all of them."""
    found: Alertmanager = view.subject[0]
    below = (route for route in found.routes.values() if route.parent)
    wanted = by_label([Matcher("severity", "=", severity)])
    return not any(
        route.parent.parent is None and covers(route.conditions, wanted)
        for route in below
        if route.parent
    )


def reachable(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Some alert can get to the route."""
    found, route = view.subject
    above = route.parent.chain if route.parent else ()
    if contradiction(above):
        return  # told of the route above
    if pair := contradiction(route.chain):
        place = ("routes",) if not route.matchers else route.matchers[-1][1]
        yield Remark(place, f"no alert gets here: {pair[0]} and {pair[1]} never hold together")
        return
    given = by_label(route.chain)
    for earlier in route.family[: min(route.position, _MOST_SIBLINGS)]:
        if not earlier.continues and covers(earlier.conditions, given):
            yield _shadowed(found, earlier)
            return


def _shadowed(found: Alertmanager, earlier: Route) -> Remark:
    place = found.place(earlier.path)
    which = f"the route {_described(earlier)} on line {place.span.line}"
    message = f"no alert gets here: {which} takes them all and does not continue"
    related = Related(place.address.partition("#")[0], place, "takes the alerts first")
    return Remark((), message, related=(related,))


def _described(route: Route) -> str:
    return clipped(route.name)


def continues(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """`continue` has an effect, and not that of notifying twice."""
    _, route = view.subject
    if not route.continues or not route.parent:
        yield NOT_APPLICABLE
        return
    later = route.family[route.position + 1 : route.position + 1 + _MOST_SIBLINGS]
    if len(later) == _MOST_SIBLINGS:
        return
    if not later:
        yield Remark(("continue",), "continue has no effect: no route comes after this one")
        return
    possible = [one for one in later if not contradiction((*route.chain, *one.conditions))]
    if not possible:
        message = "continue has no effect: no route after this one takes any of its alerts"
        yield Remark(("continue",), message)
        return
    receiver, given = route.effective.get("receiver"), by_label(route.chain)
    for one in possible:
        if covers(one.conditions, given) and one.effective.get("receiver") == receiver:
            message = f"alerts reach {receiver} twice: the route {_described(one)} sends them there"
            yield Remark(("continue",), f"{message} again")
            return


@takes(severities=WORDS)
def matches(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No matcher compares with a text that a label will hardly ever be."""
    for matcher, path in _route(view).matchers:
        if reason := _never(matcher, params["severities"]):
            yield Remark(path, f"{matcher} {reason}", subject=str(matcher))


def _never(matcher: Matcher, severities: list[str]) -> str | None:
    if matcher.op in ("=", "!="):
        separators = "|," if matcher.name in ("alertname", "severity") else "|"
        if any(one in matcher.value for one in separators):
            several = "|".join(part.strip() for part in matcher.value.replace(",", "|").split("|"))
            right = Matcher(matcher.name, _PATTERN[matcher.op], several)
            return f"compares with one text, not with several; write {right}"
        if matcher.value != matcher.value.strip():
            return "has a space at an end of its value, which a label never has"
    if is_template(matcher):
        return "is compared as it stands, since no matcher is filled in"
    if matcher.name != "severity":
        return None
    for value in values(matcher) or ():
        if value not in severities and value.lower() in severities:
            return f'is not "{value.lower()}": case counts'
    return None


def literal_patterns(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A regular expression has something in it that a comparison has not."""
    for matcher, path in _route(view).matchers:
        plain = matcher.value.replace("_", "").replace("-", "").isalnum()
        if matcher.op in ("=~", "!~") and plain and accepts(matcher, matcher.value) is not None:
            exact = Matcher(matcher.name, _EXACT[matcher.op], matcher.value)
            wider = Matcher(matcher.name, matcher.op, f"{matcher.value}.*")
            message = f"{matcher} is anchored, so it means {exact}; write that, or {wider}"
            yield Remark(path, message, subject=str(matcher))


def _route(view: View) -> Route:
    route: Route = view.subject[1]
    return route
