"""What alerts, how alerts are labelled, and the routes and receivers that Alertmanager has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kerp_policy.artifacts.alertmanager.inhibition import inhibitions
from kerp_policy.artifacts.alertmanager.matchers import Matcher
from kerp_policy.findings import Place
from kerp_policy.records import Kept
from kerp_policy.views import View, lookup

if TYPE_CHECKING:
    from kerp_policy.artifacts.alertmanager.routing import Route as FullRoute
    from kerp_policy.scopes.alertmanager import Alertmanager


class Alert(Kept, frozen=True):
    """An alerting rule.

    Attributes:
        name: the alert's.
        query: what it asks, as written.
        query_place: where that stands.
        labels: those that the rule or its group sets, templates included.
        severity_place: where its label severity stands, or would.
        waits: its `for`, as written; empty where it has none.
        waits_place: where that stands, or would.
        annotations: the names of what it says.
    """

    file: str
    place: Place
    environment: str | None
    name: str
    query: str
    query_place: Place
    labels: Mapping[str, str]
    severity_place: Place
    waits: str
    waits_place: Place
    annotations: frozenset[str] = frozenset()

    @property
    def severity(self) -> str:
        """Its level; empty where it has none of its own."""
        return self.labels.get("severity", "")


class Recording(Kept, frozen=True):
    """A recording rule: what a name stands for."""

    file: str
    place: Place
    environment: str | None
    name: str
    query: str


class Rules(Kept, frozen=True):
    """The groups of a rule file or object; `place` is where they begin."""

    file: str
    place: Place
    environment: str | None


class Route(Kept, frozen=True):
    """A route of Alertmanager.

    Attributes:
        place: where it stands.
        parent: the position of the route above among all; None for the root.
        matchers: its own conditions.
        continues: whether the routes after it are tried, too.
        receiver: the one in effect, empty where none is.
        wait: group_wait, and
        interval: group_interval in effect, in milliseconds.
        waits_place: where the waits that are in effect stand, else the route.
    """

    place: Place
    parent: int | None
    matchers: tuple[Matcher, ...]
    continues: bool
    receiver: str
    wait: int
    interval: int
    waits_place: Place


class Receiver(Kept, frozen=True):
    """A receiver.

    Attributes:
        place: where its name stands.
        name: its name.
        channels: hashes of where its integrations send to.
        kinds: its integrations, as `slack`.
        shown: the annotations of alerts that its texts show without asking for them.
    """

    place: Place
    name: str
    channels: frozenset[str]
    kinds: tuple[str, ...]
    shown: frozenset[str] = frozenset()


class Routing(Kept, frozen=True):
    """A configuration of Alertmanager: its routes, the root first, and its receivers.

    `is_part` tells an AlertmanagerConfig, which stands below the root of another configuration.
    """

    file: str
    place: Place
    environment: str | None
    routes: tuple[Route, ...]
    receivers: tuple[Receiver, ...]
    is_part: bool = False


class Inhibiting(Kept, frozen=True):
    """A rule by which alerts mute others.

    Attributes:
        source: conditions of the alerts that mute.
        target: conditions of those that are muted.
        equal: the labels in which both agree.
    """

    file: str
    place: Place
    environment: str | None
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]


def rules_facts(view: View) -> Iterator[Rules]:
    """That rules stand somewhere."""
    yield Rules(view.facts["file"], view.locate(("groups",)), view.environment)


def rule_facts(view: View) -> Iterator[Alert | Recording]:
    """An alert, or what a name stands for."""
    from kerp_policy.artifacts.prometheus.model import text_of

    rule, file = view.subject.rule, view.facts["file"]
    query = text_of(rule.data.get("expr"))
    if rule.record:
        place = view.locate(("record",))
        yield Recording(file, place, view.environment, rule.record, query)
    if not rule.alert:
        return
    labels, said = view.data.get("labels"), rule.data.get("annotations")
    yield Alert(
        file,
        view.locate(("alert",)),
        view.environment,
        rule.alert,
        query,
        view.locate(("expr",)),
        {k: text_of(v) for k, v in labels.items()} if isinstance(labels, dict) else {},
        view.locate(("labels", "severity")),
        text_of(rule.data.get("for")),
        view.locate(("for",)),
        frozenset(map(str, said)) if isinstance(said, dict) else frozenset(),
    )


def routing_facts(view: View) -> Iterator[Routing]:
    """The routes and receivers of a configuration; nothing where it has no route."""
    found: Alertmanager = view.subject
    full = list(found.routes.values())
    if not full:
        return
    positions = {route.path: i for i, route in enumerate(full)}
    is_part = view.facts["form"] == "AlertmanagerConfig"
    routes = [_route(found, route, positions) for route in full]
    if is_part:
        routes[0] = replace(routes[0], matchers=(*routes[0].matchers, _namespace(view)))
    yield Routing(
        view.facts["file"],
        routes[0].place,
        view.environment,
        tuple(routes),
        tuple(_receivers(found)),
        is_part,
    )


def inhibition_facts(view: View) -> Iterator[Inhibiting]:
    """The rules of a configuration that ask both sides for something and say what is equal."""
    found: Alertmanager = view.subject
    for rule in inhibitions(view.data, found.configuration.version):
        if rule.source and rule.target and rule.equal:
            place = found.place((*rule.path, "equal"))
            sides = (rule.source, rule.target, rule.equal)
            yield Inhibiting(view.facts["file"], place, view.environment, *sides)


def _namespace(view: View) -> Matcher:
    """The condition that the operator adds (Prometheus operator, AlertmanagerConfig)."""
    return Matcher("namespace", "=", str(lookup(view.facts, ("namespace",), "${NAMESPACE}")))


def _route(found: Alertmanager, route: FullRoute, positions: Mapping[Any, int]) -> Route:
    setting = [key for key in ("group_wait", "group_interval") if route.set_at(key)]
    above = route.set_at(setting[-1]) if setting else None
    return Route(
        found.place((*route.path, "receiver")) if route.parent is None else found.place(route.path),
        positions[route.parent.path] if route.parent else None,
        route.conditions,
        route.continues,
        str(route.effective.get("receiver") or ""),
        route.duration("group_wait"),
        route.duration("group_interval"),
        found.place((*above.path, setting[-1]) if above else route.path),
    )


def _receivers(found: Alertmanager) -> Iterator[Receiver]:
    from kerp_policy.artifacts.alertmanager.fields import integrations
    from kerp_policy.artifacts.alertmanager.sending import channel_of, shown_annotations

    for i, receiver in enumerate(found.configuration.data.get("receivers") or []):
        name = str((receiver or {}).get("name") or "")
        if name:
            sent = list(integrations(receiver))
            channels = frozenset(channel_of(one.kind, one.fields) for one in sent)
            kinds = tuple(dict.fromkeys(one.kind for one in sent))
            place, shown = found.place(("receivers", i, "name")), shown_annotations(receiver)
            yield Receiver(place, name, channels, kinds, frozenset(shown))
