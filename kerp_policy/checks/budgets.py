"""Joint check of PodDisruptionBudgets: that they let a node be drained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.estate.demand import SCALED
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import is_changed, scalers, selected
from kerp_policy.estate.objects import Budget
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Place, Related, Remark, unverified
from kerp_policy.kubernetes.counts import count, refused
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import filled_in


class _Pods(Struct, frozen=True):
    """How few pods a workload may run, None where nobody can tell, and where that stands."""

    least: int | None
    related: Related


def room(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """One pod at least may be evicted, however few an autoscaler leaves.

    Shares are rounded up, of `maxUnavailable` as well as of `minAvailable` ("Specifying a
    Disruption Budget for your Application").
    """
    for budget in estate.all(Budget):
        yield Judged(budget, tuple(_room(estate, budget)))


def _room(estate: Estate, budget: Budget) -> Iterator[Remark]:
    if budget.least is not None and budget.most is not None and budget.least_place:
        message = "minAvailable and maxUnavailable are both set, which the API server refuses"
        yield Remark(budget.least_place, f"{message}; expected one of them")
        return
    if budget.most is not None and budget.most_place:
        yield from _bound("maxUnavailable", budget.most, budget.most_place)
    elif budget.least is not None and budget.least_place:
        problems = list(_bound("minAvailable", budget.least, budget.least_place))
        yield from problems or _too_many(estate, budget, budget.least_place)
    elif budget.most_place:
        message = "neither minAvailable nor maxUnavailable is set, so no pod can be evicted"
        yield Remark(budget.most_place, f"{message} and no node be drained; expected one of them")


def _bound(name: str, value: Any, place: Place) -> Iterator[Remark]:
    """What is wrong with a bound by itself, whatever it is a bound of."""
    known = count(value)
    if is_placeholder(str(value)):
        yield unverified(place, filled_in(name, value))
    elif problem := refused(value):
        yield Remark(place, f"{name} is {problem}")
    elif known and known.is_share and known.number > _ALL:
        message = f"{name} is {value}, which the API server refuses"
        yield Remark(place, f"{message}; expected at most {_ALL}%")
    elif known and known.number == _BLOCKING[name] and (known.is_share or not known.number):
        yield Remark(place, f"{name} is {value}, so no pod can be evicted and no node be drained")


_ALL = 100
_BLOCKING = {"maxUnavailable": 0, "minAvailable": _ALL}
"""What lets no pod be evicted, however many there are: 0, 0% or 100%."""


def _too_many(estate: Estate, budget: Budget, place: Place) -> Iterator[Remark]:
    share = count(budget.least)
    protected = _protected(estate, budget)
    if share is None or not protected:
        yield NOT_APPLICABLE
        return
    total = sum(pods.least or 0 for pods in protected)
    needed = -(-share.number * total // _ALL) if share.is_share else share.number
    unknown = any(pods.least is None for pods in protected)
    if needed < total or (not total and not unknown):
        return
    message = f"minAvailable is {budget.least}"
    if unknown:
        yield unverified(place, f"{message}; files do not show of how many pods")
        return
    related = tuple(pods.related for pods in protected[:3])
    message = f"{message} of {total} pods" if total > 1 else f"{message} of a single pod"
    worse = "more than there are" if needed > total else "so none can be evicted"
    message = f"{message}, {worse}: draining their node waits for ever"
    yield Remark(place, message, related=related)


def _protected(estate: Estate, budget: Budget) -> list[_Pods]:
    """The pods that a budget protects; of a workload that is declared several times, most."""
    found: dict[tuple[str, str | None, str], _Pods] = {}
    for workload, sure in selected(estate, Workload, budget.selector, budget):
        pods = estate.once(_pods, workload)
        known = found.get(workload.id)
        if not sure:
            pods = replace(pods, least=None)
        if known is None or pods.least is None or (known.least or 0) < pods.least:
            found[workload.id] = known if known and known.least is None else pods
    return list(found.values())


def _pods(estate: Estate, workload: Workload) -> _Pods:
    for autoscaler, sure in scalers(estate, workload):
        least = autoscaler.least if sure else None
        message = f"{autoscaler.title} may scale down to {least}"
        related = Related(autoscaler.file, autoscaler.place, message)
        return _Pods(_known(estate, autoscaler.file, autoscaler.place, least), related)
    count = 1 if workload.replicas is None else workload.replicas
    thing = f"{workload.kind} {workload.name}"
    related = Related(workload.file, workload.replicas_place, f"the replicas of {thing}: {count}")
    if workload.kind == "Pod":
        return _Pods(1, Related(workload.file, workload.place, thing))
    if workload.kind not in SCALED:
        return _Pods(None, related)
    return _Pods(_known(estate, workload.file, workload.replicas_place, count), related)


def _known(estate: Estate, file: str, place: Place, count: Any) -> int | None:
    if type(count) is not int or is_changed(estate, file, place.address):
        return None
    return count if "minReplicaCount" not in place.address else max(count, 1)
