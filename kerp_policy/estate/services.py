"""Services, and what leads to them from outside: Ingresses and routes of a Gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.records import Kept
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup

if TYPE_CHECKING:
    from kerp_policy.estate.objects import Extract

_HEALTH_PATH: Path = ("metadata", "annotations", "alb.ingress.kubernetes.io/healthcheck-path")


class ServicePort(Kept, frozen=True):
    """A port of a Service; `target` is the port of the pods, by number or name."""

    place: Place
    name: str
    number: Any
    target: Any
    protocol: str


class Service(Kept, frozen=True):
    """A Service; `selector` is None where it has none, `is_alias` tells an ExternalName.

    `is_headless` tells one without an address of its own, None where that is filled in elsewhere.
    """

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    name: str
    labels: Mapping[str, Any]
    selector: Mapping[str, Any] | None
    ports: tuple[ServicePort, ...]
    ports_place: Place
    is_alias: bool = False
    is_headless: bool | None = False


class Governed(Kept, frozen=True):
    """That a StatefulSet names the Service that names its pods; `labels` are those of the pods."""

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    name: str
    service: str
    labels: Mapping[str, Any]


class Backend(Kept, frozen=True):
    """That an Ingress or route leads to a port of a Service; `owner` is its kind and name."""

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    owner: str
    service: str
    port: Any
    port_place: Place


class HealthCheck(Kept, frozen=True):
    """That a load balancer asks a path of the pods behind Services (their names)."""

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    path: str
    services: tuple[str, ...]


def _service(view: View, thing: KubernetesObject) -> Iterator[Service]:
    spec = as_dict(thing.data.get("spec"))
    yield Service(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        thing.namespace,
        thing.name,
        as_dict(thing.metadata.get("labels")),
        as_dict(spec.get("selector")) or None,
        tuple(_ports(thing, spec)),
        thing.place(("spec", "ports")),
        spec.get("type") == "ExternalName",
        None if is_placeholder(str(spec.get("clusterIP"))) else spec.get("clusterIP") == "None",
    )


def _governed(view: View, thing: KubernetesObject) -> Iterator[Governed]:
    yield Governed(
        view.facts["file"],
        thing.place(("spec", "serviceName")),
        view.environment,
        thing.namespace,
        thing.name,
        str(lookup(thing.data, ("spec", "serviceName"), "")),
        as_dict(lookup(thing.data, ("spec", "template", "metadata", "labels"))),
    )


def _ports(thing: KubernetesObject, spec: dict[str, Any]) -> Iterator[ServicePort]:
    """Without `targetPort`, or with 0 or an empty text, it is the Service's own (Service API)."""
    for i, port in enumerate(map(as_dict, as_list(spec.get("ports")))):
        number, target = port.get("port"), port.get("targetPort")
        where = thing.place(("spec", "ports", i, "targetPort" if target else "port"))
        protocol = str(port.get("protocol") or "TCP")
        yield ServicePort(where, str(port.get("name") or ""), number, target or number, protocol)


def _ingress(view: View, thing: KubernetesObject) -> Iterator[Backend | HealthCheck]:
    spec, named = as_dict(thing.data.get("spec")), list[str]()
    paths: list[Path] = [("defaultBackend",), ("backend",)]
    for i, rule in enumerate(map(as_dict, as_list(spec.get("rules")))):
        for j in range(len(as_list(lookup(rule, ("http", "paths"))))):
            paths.append(("rules", i, "http", "paths", j, "backend"))
    for path in paths:
        if backend := _backend(view, thing, ("spec", *path)):
            named.append(backend.service)
            yield backend
    if (asked := lookup(thing.data, _HEALTH_PATH)) is not None:
        where, services = thing.place(_HEALTH_PATH), tuple(dict.fromkeys(named))
        file, environment = view.facts["file"], view.environment
        yield HealthCheck(file, where, environment, thing.namespace, str(asked), services)


def _backend(view: View, thing: KubernetesObject, path: Path) -> Backend | None:
    """A backend of networking.k8s.io/v1, or of the versions before it."""
    data = as_dict(lookup(thing.data, path))
    service = as_dict(data.get("service"))
    port = as_dict(service.get("port"))
    key = "name" if port.get("name") else "number"
    name_path, port_path = (*path, "service", "name"), (*path, "service", "port", key)
    if "serviceName" in data:
        name_path, port_path = (*path, "serviceName"), (*path, "servicePort")
    if lookup(thing.data, name_path) is None or lookup(thing.data, port_path) == _ACTION:
        return None
    return _leads(view, thing, name_path, port_path)


def _leads(view: View, thing: KubernetesObject, name_path: Path, port_path: Path) -> Backend:
    return Backend(
        view.facts["file"],
        thing.place(name_path),
        view.environment,
        thing.namespace,
        f"{thing.kind} {thing.name}".rstrip(),
        str(lookup(thing.data, name_path)),
        lookup(thing.data, port_path),
        thing.place(port_path),
    )


def _route(view: View, thing: KubernetesObject) -> Iterator[Backend]:
    """Every `backendRef` whose kind is a Service, which is the default (Gateway API)."""
    for path in _references(thing):
        reference = as_dict(lookup(thing.data, path))
        is_service = reference.get("kind", "Service") == "Service" and not reference.get("group")
        if is_service and reference.get("name"):
            backend = _leads(view, thing, (*path, "name"), (*path, "port"))
            own = reference.get("namespace")
            yield replace(backend, namespace=str(own)) if own else backend


def _references(thing: KubernetesObject) -> Iterator[Path]:
    for i, rule in enumerate(map(as_dict, as_list(lookup(thing.data, ("spec", "rules"))))):
        base = ("spec", "rules", i)
        for j in range(len(as_list(rule.get("backendRefs")))):
            yield (*base, "backendRefs", j)
        for j in range(len(as_list(rule.get("filters")))):
            yield (*base, "filters", j, "requestMirror", "backendRef")


_ACTION = "use-annotation"
"""The port by which the AWS controller knows an action of its own, which is no Service."""

_GATEWAY = "gateway.networking.k8s.io"
OF_KIND: dict[tuple[str, str], Extract] = {
    ("", "Service"): _service,
    ("apps", "StatefulSet"): _governed,
    ("networking.k8s.io", "Ingress"): _ingress,
    ("extensions", "Ingress"): _ingress,
    **{
        (_GATEWAY, kind): _route
        for kind in ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
    },
}
