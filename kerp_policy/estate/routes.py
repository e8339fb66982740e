"""Which routes take an alert.

Source: Alertmanager's documentation, Configuration, `<route>`: an alert goes down the tree, to the
first route of each level that it fulfils and to the later ones while those continue; a route that
none below it takes an alert from notifies its own receiver.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from kerp_policy.artifacts.alertmanager.matchers import Matcher
from kerp_policy.artifacts.alertmanager.matching import accepts, always
from kerp_policy.estate.alerting import Alert, Route, Routing
from kerp_policy.estate.estate import Estate
from kerp_policy.secrets import is_placeholder

MOST_ROUTES = 500
"""Routes of one configuration that are walked: more are a list that a program made."""

MOST_TREES = 20
"""Different configurations of a folder that an alert is compared with."""


class Taken(Struct, frozen=True):
    """A route that notifies of an alert; `sure` is False where a label that is unknown decides."""

    route: Route
    sure: bool


def labels_of(alert: Alert) -> dict[str, str]:
    """The labels that are known: not those of a template or a placeholder."""
    own = {k: v for k, v in alert.labels.items() if "{{" not in v and not is_placeholder(v)}
    return {**own, "alertname": alert.name}


def fulfils(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool | None:
    """Whether an alert fulfils conditions; None where a label that is not known decides.

    Labels that a rule does not set may come from its query or from Prometheus (`external_labels`).
    """
    unknown = False
    for matcher in matchers:
        value = labels.get(matcher.name)
        is_open = value is None or is_placeholder(matcher.value)
        answer = None if is_open else accepts(matcher, value or "")
        if answer is False:
            return False
        unknown |= answer is None and not always(matcher)
    return None if unknown else True


class Tree:
    """The routes of one configuration, to be walked many times."""

    def __init__(self, routing: Routing) -> None:
        """Sort the routes by the one above."""
        self.routing = routing
        self._below: dict[int, list[int]] = {}
        for i, route in enumerate(routing.routes):
            if route.parent is not None:
                self._below.setdefault(route.parent, []).append(i)
        self._names = frozenset(m.name for route in routing.routes for m in route.matchers)
        self._kept: dict[frozenset[tuple[str, str]], tuple[Taken, ...]] = {}

    def take(self, labels: Mapping[str, str]) -> tuple[Taken, ...]:
        """The routes that notify of an alert with these labels, or may."""
        key = frozenset((k, v) for k, v in labels.items() if k in self._names)
        if key not in self._kept:
            routes = self.routing.routes
            if len(routes) > MOST_ROUTES:
                self._kept[key] = tuple(Taken(route, sure=False) for route in routes[:MOST_ROUTES])
            else:
                self._kept[key] = tuple(self._taken(0, dict(key), sure=True)[1])
        return self._kept[key]

    def _taken(
        self, at: int, labels: Mapping[str, str], *, sure: bool
    ) -> tuple[bool | None, list[Taken]]:
        """Whether a route takes an alert that comes to it, and which notify then.

        It recurses as deep as routes are nested, which the YAML reader bounds.
        """
        route = self.routing.routes[at]
        own = fulfils(route.matchers, labels)
        if own is False:
            return False, []
        sure, found, hit, comes = sure and bool(own), list[Taken](), False, True
        for child in self._below.get(at, ()):
            answer, below = self._taken(child, labels, sure=sure and comes)
            found += below
            hit |= bool(answer)
            if answer is not False and not self.routing.routes[child].continues:
                comes = False
                if answer:
                    break
        if not hit:
            found.append(Taken(route, sure and not found))
        return own, found


def chain(routing: Routing, route: Route) -> Iterator[Matcher]:
    """The conditions of a route and of those above it."""
    at: Route | None = route
    while at is not None:
        yield from at.matchers
        at = None if at.parent is None else routing.routes[at.parent]


class Trees:
    """The configurations of an estate; copies of one count as one.

    Attributes:
        complete: whether all are looked at.
    """

    def __init__(self, estate: Estate) -> None:
        """Take them in, by every folder that they lie in or below."""
        different: dict[object, Routing] = {}
        for routing in estate.all(Routing):
            different.setdefault(_meaning(routing), routing)
        self.complete = len(different) <= MOST_TREES
        self._below: dict[str, list[Tree]] = {}
        for routing in different.values():
            tree = Tree(routing)
            for folder in _folders(routing.file):
                self._below.setdefault(folder, []).append(tree)

    def of(self, alert: Alert) -> Iterator[Tree]:
        """Those that may take an alert, the nearest first; none of another environment."""
        seen: set[int] = set()
        for near in self._by_distance(alert):
            yield from (tree for tree in near if id(tree) not in seen)
            seen.update(map(id, near))

    def nearest(self, alert: Alert) -> Sequence[Tree]:
        """Of these, the ones in the nearest folder that has any."""
        return next(filter(None, self._by_distance(alert)), ())

    def _by_distance(self, alert: Alert) -> Iterator[list[Tree]]:
        for folder in _folders(alert.file):
            below = self._below.get(folder, ())[:MOST_TREES]
            yield [tree for tree in below if _may_share(tree.routing, alert)]


def _folders(file: str) -> Iterator[str]:
    """The folders that a file lies in, the nearest first."""
    while file:
        file = posixpath.dirname(file)
        yield file


def _may_share(routing: Routing, alert: Alert) -> bool:
    """Whether both may belong to one environment."""
    return None in (routing.environment, alert.environment) or (
        routing.environment == alert.environment
    )


def _meaning(routing: Routing) -> object:
    """What two copies of a configuration have in common: everything but their places."""
    routes = tuple(
        (one.parent, one.matchers, one.continues, one.receiver, one.wait, one.interval)
        for one in routing.routes
    )
    return routing.environment, routing.is_part, routes
