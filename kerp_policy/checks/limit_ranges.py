"""Joint check of what containers ask for against the LimitRanges of their namespaces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from kerp_policy.artifacts.pods import SHARED
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import namespace_of
from kerp_policy.estate.joins import MOST, meets
from kerp_policy.estate.labels import is_open
from kerp_policy.estate.quotas import Defaults
from kerp_policy.estate.workloads import Container, Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark
from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity
from kerp_policy.views import lookup
from kerp_policy.wording import listed, shown


def fits(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What a container asks for lies within the LimitRanges of its namespace.

    One that requests more than the limit that it is given is refused, too ("Limit Ranges").
    """
    ranges = estate.by(Defaults, namespace_of)
    for workload in estate.all(Workload):
        own = () if is_open(workload.namespace) else ranges.get(workload.namespace, ())
        own = [each for each in own[:MOST] if meets(estate, workload, each)]
        judged = own and not workload.resources  # else the pod's resources count, all together
        remarks = (
            remark
            for container in workload.containers
            for limits in own
            for name in SHARED
            for remark in _unfit(container, limits, name)
        )
        yield Judged(workload, tuple(remarks) if judged else (NOT_APPLICABLE,))


def _unfit(container: Container, limits: Defaults, name: str) -> Iterator[Remark]:
    request, limit = (_stated(container, part, name) for part in ("requests", "limits"))
    given, least, most = (each.get(name) for each in (limits.limits, limits.least, limits.most))
    requests, has = f"requests {shown(request)} of {name}", f"has a limit of {shown(limit)}"
    if limit is None and _above(request, given):
        allowed = f"gives it a limit of {shown(given)}"
        yield _refused(container, limits, f"requests.{name}", requests, allowed)
    elif _above(limit, most):
        allowed = f"allows {shown(most)}"
        yield _refused(container, limits, f"limits.{name}", f"{has} for {name}", allowed)
    if _above(least, request):
        allowed = f"asks for {shown(least)} at least"
        yield _refused(container, limits, f"requests.{name}", requests, allowed)


def _stated(container: Container, part: str, name: str) -> Any:
    return lookup(container.resources, (part, name))


def _above(one: Any, other: Any) -> bool:
    amounts = _read(one), _read(other)
    return amounts[0] is not None and amounts[1] is not None and amounts[0] > amounts[1]


def _read(value: Any) -> Fraction | None:
    try:
        return None if value is None else parse_quantity(value)
    except QuantityError:
        return None  # what the policies of quantities tell


def _refused(container: Container, limits: Defaults, at: str, asked: str, allowed: str) -> Remark:
    message = f"container {container.name} {asked}, and LimitRange {limits.name} {allowed}"
    return Remark(
        container.places[f"resources.{at}"],
        f"{message}, so {limits.namespace} refuses its pods",
        subject=container.name,
        related=(Related(limits.file, limits.place, f"LimitRange {limits.name}"),),
    )


def complete(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The LimitRanges of a namespace together give what a container does not state itself."""
    ranges = estate.by(Defaults, namespace_of)
    for limits in estate.all(Defaults):
        about = (limits.requests, limits.limits, limits.least, limits.most)
        together = (limits,) if is_open(limits.namespace) else ranges[limits.namespace]
        missing = [
            f"{part}.{name}"
            for part in ("requests", "limits")
            for name in SHARED
            if not any(name in getattr(each, part) for each in together)
        ]
        is_first = together[0] is limits
        remarks = (_incomplete(limits, missing),) if missing and is_first else ()
        yield Judged(limits, remarks if any(about) else (NOT_APPLICABLE,))


def _incomplete(limits: Defaults, missing: list[str]) -> Remark:
    message = f"LimitRange {limits.name} gives containers no {listed(missing, 'or')}"
    return Remark(limits.place, f"{message}; expected default and defaultRequest for both")
