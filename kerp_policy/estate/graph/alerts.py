"""How alerts get to people: from the rules of a file and level to routes and receivers."""

from __future__ import annotations

from kerp_policy.estate.alerting import Alert, Route, Routing
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.graph.model import Graph, Key, Node
from kerp_policy.estate.routes import Trees, labels_of
from kerp_policy.findings import Place
from kerp_policy.i18n import amount
from kerp_policy.i18n import gettext as _


def add_to(graph: Graph, estate: Estate) -> None:
    """Add alerts, routes and receivers."""
    trees = estate.made(Trees)
    by_level: dict[tuple[str, str], list[Alert]] = {}
    for alert in estate.all(Alert):
        by_level.setdefault((alert.file, alert.severity), []).append(alert)
    for (file, level), alerts in by_level.items():
        line = alerts[0].place.span.line
        node = Node(("alerts", file, level), _("rules"), _shown(len(alerts), level), file, line)
        own = graph.add(node, *(alert.place for alert in alerts))
        for alert in alerts:
            for tree in trees.nearest(alert):
                for taken in tree.take(labels_of(alert)):
                    label = _("go to") if taken.sure else _("may go to")
                    graph.link(own, _route(graph, tree.routing, taken.route), label)
    for routing in estate.all(Routing):
        _routing(graph, routing)


def _shown(count: int, level: str) -> str:
    alerts = amount(count, "alert", "alerts")
    text = _("{alerts} of level {level}") if level else _("{alerts} without a level")
    return text.format(alerts=alerts, level=level)


def _routing(graph: Graph, routing: Routing) -> None:
    receivers = {receiver.name: receiver for receiver in routing.receivers}
    for route in routing.routes:
        own = _route(graph, routing, route)
        if route.parent is not None:
            graph.link(_route(graph, routing, routing.routes[route.parent]), own, _("has"))
        name = route.receiver
        known = receivers.get(name)
        key: Key = "receiver", routing.file, name
        if known:
            kinds = ", ".join(known.kinds) or _("nobody")
            shown, line = f"{name} ({kinds})", known.place.span.line
            node = Node(key, _("receiver"), shown, routing.file, line)
            graph.link(own, graph.add(node, known.place), _("notifies"))
        elif name:
            graph.link(own, graph.add(Node(key, _("receiver"), name)), _("notifies"))


def _route(graph: Graph, routing: Routing, route: Route) -> Key:
    conditions = ", ".join(map(str, route.matchers))
    shown = conditions if route.parent is not None else conditions or _("default")
    key = "route", routing.file, route.place.address
    node = Node(key, _("route"), shown or _("any"), routing.file, route.place.span.line)
    return graph.add(node, route.place, *_file(routing, route))


def _file(routing: Routing, route: Route) -> tuple[Place, ...]:
    """The root stands for the whole configuration."""
    if route.parent is not None:
        return ()
    return (Place(route.place.span, routing.file),)
