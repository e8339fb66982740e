"""Joint checks of autoscalers and what they scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from kerp_policy.checks.scale_targets import UNSCALABLE, of_another_group
from kerp_policy.estate.autoscalers import Autoscaler, Metric
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import namespace_of
from kerp_policy.estate.joins import (
    Candidate,
    answer,
    is_changed,
    kind_and_name,
    lie_together,
    named,
    nearest,
    pods_behind,
    scalers,
    shown,
    target_name,
    targets,
)
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.quotas import Defaults
from kerp_policy.estate.services import Service
from kerp_policy.estate.workloads import Container, Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, Verdict, unverified
from kerp_policy.parameters import WORKLOADS, takes
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import lookup
from kerp_policy.wording import counted, filled_in, undeclared

_SCALED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout")


def target(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What an autoscaler names is declared, in its own namespace, and can be scaled.

    It fails where the project has the name as another kind, of another API group, or only in
    another namespace that has no autoscaler for it. Kinds without replicas have nothing to scale
    ("Horizontal Pod Autoscaling": it does not apply to what cannot be scaled, a DaemonSet).
    """
    for autoscaler in estate.all(Autoscaler):
        yield Judged(autoscaler, tuple(_target(estate, autoscaler)))


def _by_name(thing: Declared) -> str:
    return thing.name


def _target(estate: Estate, autoscaler: Autoscaler) -> Iterator[Remark]:
    kind, name = autoscaler.target_name
    place = autoscaler.target_place or autoscaler.place
    if is_placeholder(name):
        yield unverified(place, filled_in("the name of the target", name))
        return
    if not name:
        message = f"{autoscaler.title} names nothing to scale"
        yield Remark(place, f"{message}; expected the name of a workload in spec.scaleTargetRef")
        return
    scaler, thing = autoscaler.title, f"{kind} {name}"
    if kind in UNSCALABLE:
        at, message = autoscaler.target_kind_place or place, f"{scaler} scales {thing}"
        yield Remark(at, f"{message}, and a {kind} has no replicas to scale")
        return
    if found := named(estate, Declared, kind_and_name, (kind, name), autoscaler):
        yield from of_another_group(autoscaler, found)
        return
    wrong = _of_another_kind(estate, autoscaler) or _of_another_namespace(estate, autoscaler)
    if wrong:
        yield Remark(
            place, f"{scaler} scales {thing}, which is not there: {wrong.message}", related=(wrong,)
        )
    else:
        asked = f"{kind}/{autoscaler.namespace or '-'}/{name}"
        message = undeclared(thing, f"which {scaler} scales")
        yield unverified(place, message, settled_by=asked)


def _of_another_kind(estate: Estate, autoscaler: Autoscaler) -> Related | None:
    same_name = named(estate, Declared, _by_name, autoscaler.target, autoscaler)
    for thing in nearest(estate, autoscaler, same_name):
        if thing.kind in _SCALED:
            return Related(thing.file, thing.place, f"{thing.name} is a {thing.kind}")
    return None


def _of_another_namespace(estate: Estate, autoscaler: Autoscaler) -> Related | None:
    """The one of that name that nothing scales; of several, as samples have them, none is meant."""
    scalers = estate.by(Autoscaler, target_name)[autoscaler.target_name]
    scaled = {other.namespace for other in scalers}
    same_name = estate.by(Declared, kind_and_name).get(autoscaler.target_name, ())
    found = {thing.namespace: thing for thing in same_name if thing.namespace not in scaled}
    thing = next(iter(found.values())) if len(found) == 1 else None
    if thing is None or thing.environment not in (None, autoscaler.environment):
        return None
    message = f"{thing.name} is in namespace {thing.namespace}"
    return Related(thing.file, thing.place, f"{message}, not in {autoscaler.namespace}")


def requests(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The target requests what a share of the request is aimed at.

    Without, the autoscaler has nothing to divide by and does not scale on it ("Horizontal Pod
    Autoscaling", how it works). A LimitRange may give the request.
    """
    for autoscaler in estate.all(Autoscaler):
        scaled = targets(estate, autoscaler)
        remarks = (r for m in autoscaler.metrics for r in _unrequested(estate, m, scaled))
        yield Judged(autoscaler, tuple(remarks) if scaled else (NOT_APPLICABLE,))


def _unrequested(
    estate: Estate, metric: Metric, scaled: Sequence[Candidate[Workload]]
) -> Iterator[Remark]:
    said = answer((sure, _requests(estate, workload, metric)) for workload, sure in scaled)
    if said:
        return
    workload = shown(scaled)[0]
    without = _without(estate, workload, metric)
    yield Remark(
        metric.place,
        _said_of_requests(workload, metric, without, sure=said is not None),
        Verdict.UNVERIFIED if said is None else Verdict.FAIL,
        subject=metric.resource,
        related=tuple(_resources(workload, container) for container in without[:2])
        or (Related(workload.file, workload.place, f"the target {_named(workload)}"),),
        consequence_of=("resources",),
    )


def _said_of_requests(
    workload: Workload, metric: Metric, without: Sequence[Container], *, sure: bool
) -> str:
    name, resource, is_there = _named(workload), metric.resource, _measured(workload, metric)
    names = [container.name for container in without[:3]]
    whose = counted("container", names) if is_there else f"container {metric.container}"
    if not sure:
        return f"files do not show whether {whose} of {name} requests any {resource}"
    if not is_there:
        return f"{name} scales on {resource} of {whose}, which it does not have"
    none = "request none" if without[1:] else "requests none"
    return f"{name} scales on {resource}, of which {whose} {none}"


def _measured(workload: Workload, metric: Metric) -> list[Container]:
    return [c for c in workload.serving if metric.container in ("", c.name)]


def _without(estate: Estate, workload: Workload, metric: Metric) -> list[Container]:
    """The containers that request none of what is measured."""
    given = _gives(estate, workload, metric, workload.namespace)
    measured = [] if given else _measured(workload, metric)
    return [c for c in measured if lookup(c.resources, ("requests", metric.resource)) is None]


def _gives(estate: Estate, workload: Workload, metric: Metric, namespace: str | None) -> bool:
    """Whether a LimitRange of a namespace gives requests; of one that is not written, beside it."""
    return any(
        metric.resource in defaults.requests
        and (namespace is not None or lie_together(estate, workload.file, defaults.file))
        for defaults in estate.by(Defaults, namespace_of).get(namespace, ())
    )


def _requests(estate: Estate, workload: Workload, metric: Metric) -> bool | None:
    if not _measured(workload, metric):
        return False
    without = _without(estate, workload, metric)
    addresses = [c.places["resources"].address + ".requests" for c in without]
    changed = any(is_changed(estate, workload.file, address) for address in addresses)
    may_be_given = bool(without) and _gives(estate, workload, metric, None)
    return None if changed or may_be_given else not without


def _resources(workload: Workload, container: Container) -> Related:
    """Where a container's resources stand, by the address that the policy of resources uses."""
    missing = [
        f"{part}.{name}"
        for part in ("requests", "limits")
        for name in ("cpu", "memory")
        if lookup(container.resources, (part, name)) is None
    ]
    place = container.places["resources"]
    if len(missing) == 1:
        place = replace(place, address=f"{place.address}.{missing[0]}")
    return Related(workload.file, place, f"the resources of container {container.name}")


def _named(workload: Workload) -> str:
    return f"{workload.kind} {workload.name}"


def replicas_beside(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What an autoscaler scales sets no replicas itself: each apply would set them back."""
    scaled: dict[int, Autoscaler] = {}
    for autoscaler in estate.all(Autoscaler):
        for workload in nearest(estate, autoscaler, targets(estate, autoscaler)):
            scaled.setdefault(id(workload), autoscaler)
    for workload in estate.all(Workload):
        if workload.kind in _SCALED:
            by = scaled.get(id(workload))
            yield Judged(workload, tuple(_beside(workload, by)) if by else (NOT_APPLICABLE,))


def _beside(workload: Workload, autoscaler: Autoscaler) -> Iterator[Remark]:
    if workload.replicas is None:
        return
    bounds = f"from {autoscaler.least} to {autoscaler.most} replicas"
    related = Related(
        autoscaler.file,
        autoscaler.target_place or autoscaler.place,
        f"{autoscaler.title} scales it {bounds}",
    )
    message = f"spec.replicas is {workload.replicas}, to which each apply sets {_named(workload)}"
    message = f"{message} back, whatever {autoscaler.title} says; expected it not to be set"
    yield Remark(workload.replicas_place, message, related=(related,))


@takes(kinds=WORKLOADS)
def autoscaled(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What serves traffic has an autoscaler: what a Service selects, or what declares a port."""
    served = {
        id(workload)
        for service in estate.all(Service)
        for workload, sure in pods_behind(estate, service)
        if sure
    }
    for workload in estate.all(Workload):
        if workload.kind in params["kinds"]:
            serves = id(workload) in served or any(c.ports for c in workload.serving)
            remarks = _unscaled(estate, workload) if serves and workload.replicas != 0 else None
            yield Judged(workload, (NOT_APPLICABLE,) if remarks is None else remarks)


def _unscaled(estate: Estate, workload: Workload) -> tuple[Remark, ...]:
    if scalers(estate, workload):
        return ()
    message = f"no HorizontalPodAutoscaler of the project scales {_named(workload)}"
    return (estate.lacks(workload.place, message),)
