"""Joint checks of alerts and the routes that take them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from kerp_policy.artifacts.alertmanager.matching import accepts, values
from kerp_policy.artifacts.alertmanager.texts import milliseconds
from kerp_policy.estate.alerting import Alert, Route, Routing
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.routes import Taken, Tree, Trees, chain, labels_of
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, unverified
from kerp_policy.parameters import DURATION, WORD, WORDS, takes
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import listed


@takes(levels={**WORDS, "minItems": 2, "maxItems": 2})
def levels_apart(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The two levels of `params["levels"]` reach receivers and channels of their own."""
    for routing in estate.all(Routing):
        if routing.is_part:
            yield Judged(routing, (NOT_APPLICABLE,))  # its root belongs to another configuration
        else:
            yield Judged(routing, tuple(_apart(routing, params["levels"])))


def _apart(routing: Routing, levels: Sequence[str]) -> Iterator[Remark]:
    tree = Tree(routing)
    taken = [tree.take({"severity": level}) for level in levels]
    names = [{one.route.receiver for one in routes} for routes in taken]
    channels = [_channels(routing, receivers) for receivers in names]
    if names[0] != names[1] and (channels[0] != channels[1] or not channels[0]):
        return
    at, other = (_mainly(routes) for routes in taken)
    there = Related(routing.file, other.place, f"goes to {other.receiver}")
    first, second = (listed(sorted(receivers)) for receivers in names)
    if names[0] == names[1]:
        what = f"{listed(levels)} alerts reach the same receiver, {first}"
    else:
        what = f"{levels[0]} alerts reach {first} and {levels[1]} ones {second}, the same channel"
    related = (there,) if at != other else ()
    if taken[0] == taken[1] or all(one.sure for routes in taken for one in routes):
        yield Remark(at.place, f"{what}; expected one each", related=related)
    else:
        message = f"as far as the level decides, {what}; other labels may tell them apart"
        yield replace(unverified(at.place, message), related=related)


def _mainly(taken: Sequence[Taken]) -> Route:
    """The route that is sure to take an alert, else the last that may."""
    return next((one.route for one in taken if one.sure), taken[-1].route)


def _channels(routing: Routing, names: Iterable[str]) -> frozenset[str]:
    by_name = {receiver.name: receiver for receiver in routing.receivers}
    return frozenset(one for name in names if name in by_name for one in by_name[name].channels)


def levels_routed(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """Some route takes each alert for its level or by its name, not only the default one.

    What the alerts of one level in one folder have in common is told at the first of them.
    """
    told: set[tuple[str, str]] = set()
    trees = estate.made(Trees)
    for alert in estate.all(Alert):
        remarks = tuple(_routed(alert, trees))
        if remarks:
            cause = posixpath.dirname(alert.file), alert.severity
            remarks = (NOT_APPLICABLE,) if cause in told else remarks
            told.add(cause)
        yield Judged(alert, remarks)


def _routed(alert: Alert, trees: Trees) -> Iterator[Remark]:
    level, place = alert.severity, alert.severity_place
    if not level or "{{" in level or is_placeholder(level):
        yield NOT_APPLICABLE  # whether it has one is asked by another policy
        return
    labels, settled, sure = labels_of(alert), f"routes/{level}", trees.complete
    for tree in trees.of(alert):
        answer = _is_routed(tree, tree.take(labels), level)
        if answer:
            return
        sure &= answer is False
    related = tuple(_default(tree.routing) for tree in trees.nearest(alert)[:1])
    if not related:
        message = f"no Alertmanager configuration of the project shows who gets {level} alerts"
        yield unverified(place, message, settled_by=settled)
    elif sure:
        message = f"no route takes alerts of severity {level}, so only the default one does"
        yield Remark(place, message, related=related)
    else:
        message = f"files do not show who gets {level} alerts: no route asks for that severity"
        yield replace(unverified(place, message, settled_by=settled), related=related)


def _is_routed(tree: Tree, taken: Iterable[Taken], level: str) -> bool | None:
    """Whether routes below the root are meant for an alert; None where they may be."""
    below = [one for one in taken if one.route.parent is not None]
    asked = any(
        matcher.name == "severity" and accepts(matcher, level)
        for one in below
        for matcher in chain(tree.routing, one.route)
    )
    if asked or any(one.sure for one in below):
        return True
    return None if below or tree.routing.is_part else False


def _default(routing: Routing) -> Related:
    root = routing.routes[0]
    return Related(routing.file, root.place, f"the default route goes to {root.receiver or 'none'}")


@takes(severity=WORD, limit=DURATION)
def in_time(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A critical alert's `for`, group_wait and group_interval are within `params["limit"]`."""
    trees = estate.made(Trees)
    for alert in estate.all(Alert):
        if alert.severity == params["severity"]:
            yield Judged(alert, tuple(_in_time(alert, trees, params["limit"])))


def _in_time(alert: Alert, trees: Trees, limit: str) -> Iterator[Remark]:
    most, waits = milliseconds(limit) or 0, milliseconds(alert.waits or "0")
    if waits is None:
        yield NOT_APPLICABLE  # no duration, as another policy tells
        return
    if waits > most:
        message = f"alert {alert.name} fires only after {alert.waits} (for)"
        yield Remark(
            alert.waits_place, f"{message}; expected {limit} or less, the route's waits included"
        )
        return
    late, perhaps = list[tuple[Tree, Taken]](), False
    for tree in trees.of(alert):
        for one in tree.take(labels_of(alert)):
            if waits + _waits(one) > most:
                late.append((tree, one))
            elif one.sure:
                return
            else:
                perhaps = True
    if late:
        yield _late(alert, *late[0], limit, sure=not perhaps and trees.complete)
    elif not perhaps:
        yield NOT_APPLICABLE  # who gets it, and when, is elsewhere


def _waits(taken: Taken) -> int:
    return taken.route.wait + taken.route.interval


def _late(alert: Alert, tree: Tree, taken: Taken, limit: str, *, sure: bool) -> Remark:
    route = taken.route
    times = [alert.waits or "0s", _words(route.wait), _words(route.interval)]
    names = ("for", "group_wait", "group_interval")
    waits = listed([f"{time} ({name})" for time, name in zip(times, names, strict=True)])
    where = "where this route takes it" if not sure else "its route waits here"
    related = Related(tree.routing.file, route.waits_place, where)
    message = f"alert {alert.name} may wait {waits} before anybody knows"
    told = f"{message}; expected {limit} or less together"
    if not sure:
        return replace(unverified(alert.waits_place, told), related=(related,))
    cause = ("alert-response-time",)
    return Remark(alert.waits_place, told, related=(related,), consequence_of=cause)


def _words(spent: int) -> str:
    """Milliseconds as Prometheus writes durations."""
    text = ""
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        text += f"{spent // size}{unit}" if spent >= size else ""
        spent %= size
    return text or "0s"


def routes_used(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """Some alert has the level or the name that a route asks for."""
    alerts = [labels_of(alert) for alert in estate.all(Alert)]
    names = ["alertname"] + ["severity"] * all("severity" in labels for labels in alerts)
    known = {name: {labels[name] for labels in alerts} for name in names}
    for routing in estate.all(Routing) if alerts else ():
        yield Judged(routing, tuple(_unused(routing, known)))


def _unused(routing: Routing, known: Mapping[str, set[str]]) -> Iterator[Remark]:
    for route in routing.routes:
        for matcher in route.matchers:
            asked = values(matcher)
            if not asked or matcher.name not in known or any(map(_is_open, asked)):
                continue
            if asked.isdisjoint(known[matcher.name]):
                settled = f"rules/{matcher.name}={'|'.join(sorted(asked))}"
                message = f"no alert of the project has {matcher}, so none of them takes this route"
                yield unverified(route.place, message, settled_by=settled)
                break


def _is_open(value: str) -> bool:
    return not value or is_placeholder(value)
