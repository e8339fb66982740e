"""Joint checks of what leads to Services: Ingresses and routes of a Gateway."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import (
    Candidate,
    answer,
    is_changed,
    is_part_changed,
    named,
    pods_behind,
    shown,
)
from kerp_policy.estate.running import Images
from kerp_policy.estate.services import Backend, HealthCheck, Service
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import Judged, Related, Remark, Verdict, unverified
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import filled_in, listed, undeclared


def backends(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What an Ingress or a route leads to is a port of a Service that exists.

    It is looked for in the Ingress's own namespace, or in the one that the route names (Kubernetes
    API, IngressServiceBackend; Gateway API, BackendObjectReference).
    """
    for backend in estate.all(Backend):
        yield Judged(backend, tuple(_backend(estate, backend)))


def _service_name(service: Service) -> str:
    return service.name


def _behind(estate: Estate, backend: Backend) -> list[Candidate[Service]]:
    return named(estate, Service, _service_name, backend.service, backend)


def _backend(estate: Estate, backend: Backend) -> Iterator[Remark]:
    if is_placeholder(backend.service):
        yield unverified(backend.place, filled_in("the name of the Service", backend.service))
        return
    if backend.port is None:
        message = f"{backend.owner} names no port of Service {backend.service}"
        yield Remark(backend.port_place, f"{message}, which the API server refuses")
        return
    services = _behind(estate, backend)
    if not services:
        asked = f"Service/{backend.namespace or '-'}/{backend.service}"
        message = undeclared(f"Service {backend.service}", f"to which {backend.owner} leads")
        yield unverified(backend.place, message, settled_by=asked)
        return
    found = [(sure, _has_port(estate, service, backend.port)) for service, sure in services]
    said = answer(found)
    if not said:
        unless = "files do not show whether it has one"
        if all(has is False for _, has in found):
            unless = "files do not show whether that is the one elsewhere, which has none"
        yield _no_port(backend, shown(services), "" if said is False else unless)


def _has_port(estate: Estate, service: Service, port: Any) -> bool | None:
    """Whether a Service has a port by number or name; an alias needs to declare none."""
    if service.is_alias and not service.ports:
        return True
    known = [value for own in service.ports for value in (own.number, own.name)]
    if port in known:
        return True
    changed = is_part_changed(estate, service, "spec.ports")
    unknown = any(is_placeholder(str(value)) for value in (port, *known))
    return None if unknown or changed else False


def _no_port(backend: Backend, services: Sequence[Service], unless: str) -> Remark:
    related = tuple(
        Related(
            service.file, service.ports_place, f"Service {service.name} has {_port_list(service)}"
        )
        for service in services
    )
    message = f"{backend.owner} leads to port {backend.port} of Service {backend.service}"
    message += f"; {unless}" if unless else ", which has no such port"
    verdict = Verdict.UNVERIFIED if unless else Verdict.FAIL
    return Remark(backend.port_place, message, verdict, related=related)


def _port_list(service: Service) -> str:
    ports = [f"{p.number}" + (f" ({p.name})" if p.name else "") for p in service.ports[:5]]
    return f"port {listed(ports)}" if ports else "no port"


def health_path(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The load balancer asks the pods for a path that a probe of theirs asks as well.

    So it sends nothing to a pod that is not ready, and the path is one that is served. Where no
    probe speaks HTTP, the path of the image's own HEALTHCHECK is served as well.
    """
    for asked in estate.all(HealthCheck):
        yield Judged(asked, tuple(_health_path(estate, asked)))


def _health_path(estate: Estate, asked: HealthCheck) -> Iterator[Remark]:
    if is_placeholder(asked.path):
        yield unverified(asked.place, filled_in("the health check path", asked.path))
        return
    for name in asked.services:
        services = named(estate, Service, _service_name, name, asked)
        pods = [
            (workload, sure and also)
            for service, sure in services
            for workload, also in pods_behind(estate, service)
        ]
        said = answer((sure, _asks(estate, workload, asked.path)) for workload, sure in pods)
        if not said:
            yield _unasked(estate, asked, name, pods, sure=said is False)


def _paths(workload: Workload) -> list[tuple[str, Related]]:
    """The paths that the probes of a workload ask, each once."""
    probes = [probe for container in workload.serving for probe in container.probes]
    found = {
        str(p.path or "/"): Related(workload.file, p.place, f"{p.which} asks for {p.path or '/'}")
        for p in probes
        if p.handler == "httpGet"
    }
    return list(found.items())


def _asks(estate: Estate, workload: Workload, path: str) -> bool | None:
    paths = [own for own, _ in _paths(workload)]
    if path.partition("?")[0] in (own.partition("?")[0] for own in paths):
        return True
    if not paths:
        return True if any(_own_checks(estate, workload, path)) else None
    if any(map(is_placeholder, paths)):
        return None
    addresses = [container.place.address.rpartition(".")[0] for container in workload.serving]
    changed = any(
        is_changed(estate, workload.file, f"{address}.{probe}")
        for address in addresses
        for probe in ("readinessProbe", "livenessProbe", "startupProbe")
    )
    return None if changed else False


def _own_checks(estate: Estate, workload: Workload, path: str) -> Iterator[Related]:
    """The HEALTHCHECKs that ask for a path, of the images that a workload runs."""
    for container in workload.serving:
        for image in estate.made(Images).run_by(workload, container):
            check = image.target.healthcheck
            if check and check.path == path:
                message = f"the image's check asks for {path}, which is no sign of being ready"
                yield Related(check.file, check.place, message)


def _unasked(
    estate: Estate,
    asked: HealthCheck,
    service: str,
    pods: Sequence[Candidate[Workload]],
    *,
    sure: bool,
) -> Remark:
    known = list(_all_paths(shown(pods)))
    message = f"the load balancer asks Service {service} for {asked.path}"
    if not sure:
        message = f"{message}; files do not show that it is served: no probe asks for it"
        return unverified(asked.place, message)
    paths = listed([path for path, _ in known[:4]], "or")
    message = f"{message}, which no probe asks for; expected {paths}"
    own = [r for workload in shown(pods) for r in _own_checks(estate, workload, asked.path)]
    related = (*(related for _, related in known[:3]), *own[:1])
    return Remark(asked.place, message, subject=service, related=related)


def _all_paths(workloads: Iterable[Workload]) -> Iterator[tuple[str, Related]]:
    for workload in workloads:
        yield from _paths(workload)
