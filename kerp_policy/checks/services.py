"""Joint checks of Services: what they lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import (
    Candidate,
    answer,
    beside,
    is_changed,
    pods_behind,
    shown,
)
from kerp_policy.estate.services import Service, ServicePort
from kerp_policy.estate.workloads import Port, Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Place, Related, Remark, Verdict
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import listed

_PROTOCOLS = ("TCP", "UDP", "SCTP")


def target_port(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A pod that the Service selects declares the `targetPort`, with the same protocol.

    A number that no container declares works all the same (Kubernetes API, ContainerPort); the
    standard asks for it to be declared. A name that none has leads nowhere.
    """
    for service in estate.all(Service):
        pods = pods_behind(estate, service)
        remarks = [r for port in service.ports for r in _target(estate, service, port, pods)]
        yield Judged(service, tuple(remarks) if pods else (NOT_APPLICABLE,))


def _target(
    estate: Estate, service: Service, port: ServicePort, pods: list[Candidate[Workload]]
) -> Iterator[Remark]:
    if port.protocol not in _PROTOCOLS:
        return  # nothing declares such a one: the API server refuses it, as the schema tells
    if answer((sure, _declares(estate, workload, port)) for workload, sure in pods):
        return
    pods = beside(service, pods)
    declared = [_declares(estate, workload, port) for workload, _ in pods]
    said = answer((sure, one) for (_, sure), one in zip(pods, declared, strict=True))
    what = "port" if port.target == port.number else "targetPort"
    what = f"{what} {port.target}" + ("" if port.protocol == "TCP" else f"/{port.protocol}")
    message = f"{what} of Service {service.name} is declared by no container of {_names(pods)}"
    related = tuple(_declared_ports(workload) for workload in shown(pods))
    if None in declared:
        message = f"files do not show whether {_names(pods)} declares {what} of {service.name}"
    elif said is None:
        message = f"no container of {_names(pods)} declares {what}; files do not show whether"
        message = f"{message} Service {service.name} leads there"
    verdict = Verdict.UNVERIFIED if said is None else Verdict.FAIL
    if said is False and isinstance(port.target, str) and port.target.isdecimal():
        message = f"{message}: it is a string, which means a name"
    yield Remark(port.place, message, verdict, subject=port.name, related=related)


def _names(pods: Sequence[Candidate[Workload]]) -> str:
    names = list(dict.fromkeys(f"{pod.kind} {pod.name}" for pod in shown(pods)))
    return listed([*names, "others"] if len(pods) > len(names) + 1 else names)


def _declares(estate: Estate, workload: Workload, port: ServicePort) -> bool | None:
    if is_placeholder(str(port.target)):
        return None
    declared = [own for container in workload.serving for own in container.ports]
    if any(_is(own, port) for own in declared):
        return True
    unknown = any(is_placeholder(f"{own.number} {own.name}".replace(" ", "")) for own in declared)
    return None if unknown or _ports_changed(estate, workload) else False


def _is(own: Port, port: ServicePort) -> bool:
    by_name = isinstance(port.target, str)
    return (own.name if by_name else own.number) == port.target and own.protocol == port.protocol


def _ports_changed(estate: Estate, workload: Workload) -> bool:
    """Whether an overlay adds or changes ports, or labels by which it is selected at all."""
    addresses = [
        container.place.address.rpartition(".")[0] + ".ports" for container in workload.serving
    ]
    return any(is_changed(estate, workload.file, address) for address in addresses)


def _declared_ports(workload: Workload) -> Related:
    containers = workload.serving
    ports = [port for container in containers for port in container.ports]
    shown = [f"{p.number}/{p.protocol}" + (f" ({p.name})" if p.name else "") for p in ports[:5]]
    place = ports[0].place if ports else (containers[0].place if containers else workload.place)
    message = f"{workload.kind} {workload.name} declares {listed(shown) if shown else 'no port'}"
    return Related(workload.file, place, message)


_REPLACED = ("Deployment", "ReplicaSet", "Rollout")
"""What makes pods that are as good as any other, so that requests move on to the next."""


def drained(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A container that a Service leads to has a preStop hook, which lets requests end.

    That a pod is to end is told to it and to those who send it requests at the same time
    ("Pod Lifecycle", Termination of Pods), so some arrive later.
    """
    leading = _leading(estate)
    for workload in estate.all(Workload):
        services = leading.get((workload.file, workload.place), [])
        services.sort(key=lambda service: service.file == workload.file)  # of two the last counts
        found = {r.subject: r for service in services for r in _undrained(workload, service)}
        yield Judged(workload, tuple(found.values()) if services else (NOT_APPLICABLE,))


def _leading(estate: Estate) -> dict[tuple[str, Place], list[Service]]:
    """By workload, the Services that surely lead to it; of Recreate all pods end at once."""
    found: dict[tuple[str, Place], list[Service]] = {}
    for service in estate.all(Service):
        for workload, sure in pods_behind(estate, service):
            if sure and workload.kind in _REPLACED and workload.strategy != "Recreate":
                found.setdefault((workload.file, workload.place), []).append(service)
    return found


def _undrained(workload: Workload, service: Service) -> Iterator[Remark]:
    for container in workload.serving:
        reached = any(_is(own, port) for own in container.ports for port in service.ports)
        if reached and not container.has_pre_stop:
            message = f"container {container.name} has no preStop hook, so Service {service.name}"
            yield Remark(
                container.places["lifecycle.preStop"],
                f"{message} may still send it requests when it ends; expected one that waits",
                subject=container.name,
                related=(Related(service.file, service.place, f"Service {service.name}"),),
            )
