"""Joint checks of what is selected by labels: that there is something, with the ports asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import Candidate, answer, beside, is_part_changed, selected, shown
from kerp_policy.estate.overlay_labels import may_be_selected
from kerp_policy.estate.selections import Endpoint, Selection
from kerp_policy.estate.services import Service
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, Verdict, unverified
from kerp_policy.kubernetes.labels import selects
from kerp_policy.parameters import one_of, some, takes
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import counted_few, listed

Thing = Workload | Service


@takes(
    kinds=some(
        one_of(
            "Service",
            "NetworkPolicy",
            "NetworkPolicyPeer",
            "PodDisruptionBudget",
            "ServiceMonitor",
            "PodMonitor",
        )
    )
)
def found(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What selects by labels may select something of the project.

    What it selects may well be elsewhere, so this is never sure.
    """
    for selection in estate.all(Selection):
        if selection.kind in params["kinds"]:
            remarks = () if _may_find(estate, selection) else (_nothing(estate, selection),)
            yield Judged(selection, remarks)


def _may_find(estate: Estate, selection: Selection) -> bool:
    namespaces = (None,) if selection.namespaces is None else selection.namespaces
    kind = _kind(selection)
    return any(
        any(True for _ in estate.selected(kind, selection.selector, namespace))
        or may_be_selected(estate, kind, selection.selector, namespace)
        for namespace in namespaces
    )


def _kind(selection: Selection) -> type[Any]:
    return Workload if selection.of == "pods" else Service


def _nothing(estate: Estate, selection: Selection) -> Remark:
    what = "pods" if selection.of == "pods" else "Services"
    labels = _described(selection.selector)
    by = "a peer of NetworkPolicy" if selection.kind == "NetworkPolicyPeer" else selection.kind
    by = f"{by} {selection.name}".rstrip()
    message = f"no {what} of the project have {labels}, which {by}"
    asked = f"{selection.kind}/{selection.namespace or '-'}/{selection.name}: matched"
    remark = unverified(selection.place, f"{message} selects", settled_by=asked)
    return replace(remark, related=tuple(_elsewhere(estate, selection)))


def _described(selector: Mapping[str, Any]) -> str:
    asked = [f"{key}={value}" for key, value in as_dict(selector.get("matchLabels")).items()]
    for expression in map(as_dict, as_list(selector.get("matchExpressions"))):
        values = ", ".join(map(str, as_list(expression.get("values"))))
        operator = _OPERATORS.get(str(expression.get("operator")), "{key}")
        asked.append(operator.format(key=expression.get("key"), values=values))
    return listed(asked[:4]) if asked else "any label"


_OPERATORS = {
    "In": "{key} in ({values})",
    "NotIn": "{key} not in ({values})",
    "Exists": "the label {key}",
    "DoesNotExist": "no label {key}",
}


def _elsewhere(estate: Estate, selection: Selection) -> Iterator[Related]:
    """The same labels in another namespace: often that is the mistake."""
    other = estate.selected(_kind(selection), selection.selector, None)
    thing = next((thing for thing, _ in other), None)
    if thing is not None:
        message = f"{_named(thing)} has them, in namespace {thing.namespace}"
        yield Related(thing.file, thing.place, message)


def scraped_ports(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A monitor scrapes ports that what it selects has, by their names.

    A ServiceMonitor names ports of Services, a PodMonitor those of containers (Prometheus
    Operator API, Endpoint and PodMetricsEndpoint).
    """
    for selection in estate.all(Selection):
        if selection.endpoints:
            things = _monitored(estate, selection)
            remarks = (
                r for e in selection.endpoints for r in _scraped(estate, selection, e, things)
            )
            yield Judged(selection, tuple(remarks) if things else (NOT_APPLICABLE,))


def _monitored(estate: Estate, selection: Selection) -> list[Candidate[Thing]]:
    kind: type[Thing] = _kind(selection)
    if selection.namespaces is not None:
        return [
            candidate
            for namespace in selection.namespaces
            for candidate in selected(
                estate, kind, selection.selector, replace(selection, namespace=namespace)
            )
        ]
    return [  # of any namespace, so the labels alone decide
        (thing, selects(selection.selector, thing.labels) is True)
        for thing, _ in selected(
            estate, kind, selection.selector, replace(selection, namespace=None)
        )
    ]


def _scraped(
    estate: Estate, selection: Selection, endpoint: Endpoint, things: list[Candidate[Thing]]
) -> Iterator[Remark]:
    if answer((sure, _has_port(estate, thing, endpoint.port)) for thing, sure in things):
        return
    things = beside(selection, things)
    said = answer((sure, _has_port(estate, thing, endpoint.port)) for thing, sure in things)
    names = listed([_named(thing) for thing in shown(things)])
    message = f"port {endpoint.port} is scraped, and there is none of that name in {names}"
    if said is None:
        message = f"files do not show whether port {endpoint.port}, which is scraped, is in {names}"
    related = tuple(_related(thing) for thing in shown(things))
    verdict = Verdict.UNVERIFIED if said is None else Verdict.FAIL
    yield Remark(endpoint.place, message, verdict, subject=endpoint.port, related=related)


def _named(thing: Thing) -> str:
    return f"{'Service' if isinstance(thing, Service) else thing.kind} {thing.name}"


def _port_names(thing: Thing) -> list[str]:
    if isinstance(thing, Service):
        return [port.name for port in thing.ports if port.name]
    ports = [port for container in thing.serving for port in container.ports]
    return [port.name for port in ports if port.name]


def _has_port(estate: Estate, thing: Thing, name: str) -> bool | None:
    names = _port_names(thing)
    if name in names:
        return True
    path = "spec.ports" if isinstance(thing, Service) else "spec.template.spec.containers"
    changed = is_part_changed(estate, thing, path)
    return None if changed or any(map(is_placeholder, (name, *names))) else False


def _related(thing: Thing) -> Related:
    names = _port_names(thing)
    ports = counted_few("port", names) if names else "no port with a name"
    place = thing.ports_place if isinstance(thing, Service) else thing.place
    return Related(thing.file, place, f"{_named(thing)} has {ports}")
