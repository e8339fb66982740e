"""How alerts get to people: from the rules of a file and level to routes and receivers."""

from __future__ import annotations

from kerp_policy.estate.alerting import Alert, Route, Routing
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.graph import Graph, Key, Node
from kerp_policy.estate.routes import Trees, labels_of
from kerp_policy.findings import Place


def add_to(graph: Graph, estate: Estate) -> None:
    """Add alerts, routes and receivers."""
    trees = Trees(estate)
    by_level: dict[tuple[str, str], list[Alert]] = {}
    for alert in estate.all(Alert):
        by_level.setdefault((alert.file, alert.severity), []).append(alert)
    for (file, level), alerts in by_level.items():
        count = f"{len(alerts)} alert{'s' if len(alerts) > 1 else ''}"
        shown = f"{count} of level {level}" if level else f"{count} without a level"
        node = Node(("alerts", file, level), "rules", shown, file, alerts[0].place.span.line)
        own = graph.add(node, *(alert.place for alert in alerts))
        for alert in alerts:
            for tree in trees.nearest(alert):
                for taken in tree.take(labels_of(alert)):
                    label = "go to" if taken.sure else "may go to"
                    graph.link(own, _route(graph, tree.routing, taken.route), label)
    for routing in estate.all(Routing):
        _routing(graph, routing)


def _routing(graph: Graph, routing: Routing) -> None:
    receivers = {receiver.name: receiver for receiver in routing.receivers}
    for route in routing.routes:
        own = _route(graph, routing, route)
        if route.parent is not None:
            graph.link(_route(graph, routing, routing.routes[route.parent]), own, "has")
        name = route.receiver
        known = receivers.get(name)
        key: Key = "receiver", routing.file, name
        if known:
            kinds = ", ".join(known.kinds) or "nobody"
            node = Node(key, "receiver", f"{name} ({kinds})", routing.file, known.place.span.line)
            graph.link(own, graph.add(node, known.place), "notifies")
        elif name:
            graph.link(own, graph.add(Node(key, "receiver", name)), "notifies")


def _route(graph: Graph, routing: Routing, route: Route) -> Key:
    conditions = ", ".join(map(str, route.matchers))
    shown = conditions if route.parent is not None else conditions or "default"
    key = "route", routing.file, route.place.address
    node = Node(key, "route", shown or "any", routing.file, route.place.span.line)
    return graph.add(node, route.place, *_file(routing, route))


def _file(routing: Routing, route: Route) -> tuple[Place, ...]:
    """The root stands for the whole configuration."""
    if route.parent is not None:
        return ()
    return (Place(route.place.span, routing.file),)
