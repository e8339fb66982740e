"""Joint check of PodDisruptionBudgets: that they let a node be drained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import is_changed, scalers, selected
from kerp_policy.estate.objects import Budget
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Place, Related, Remark, unverified
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import filled_in

_SCALED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout")
_PERCENT = regex(r"([0-9]{1,9})%")


class _Pods(Struct, frozen=True):
    """How few pods a workload may run, None where nobody can tell, and where that stands."""

    least: int | None
    related: Related


class _Counts:
    """How few pods workloads may run, worked out once for each, since many budgets may ask."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._known: dict[int, _Pods] = {}

    def of(self, workload: Workload) -> _Pods:
        """The pods of a workload of the estate."""
        if id(workload) not in self._known:
            self._known[id(workload)] = _pods(self.estate, workload)
        return self._known[id(workload)]


def room(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """One pod at least may be evicted, however few an autoscaler leaves.

    Shares are rounded up, of `maxUnavailable` as well as of `minAvailable` ("Specifying a
    Disruption Budget for your Application").
    """
    counts = _Counts(estate)
    for budget in estate.all(Budget):
        yield Judged(budget, tuple(_room(counts, budget)))


def _room(counts: _Counts, budget: Budget) -> Iterator[Remark]:
    for name, value, place in (
        ("maxUnavailable", budget.most, budget.most_place),
        ("minAvailable", budget.least, budget.least_place),
    ):
        if place and value is not None and is_placeholder(str(value)):
            yield unverified(place, filled_in(name, value))
        elif place and (name, _share(value)) in _NONE:
            message = f"{name} is {value}, so no pod can be evicted and no node be drained"
            yield Remark(place, message)
        elif place and name == "minAvailable" and value is not None:
            yield from _too_many(counts, budget, place)


_NONE = (
    ("maxUnavailable", (0, False)),
    ("maxUnavailable", (0, True)),
    ("minAvailable", (100, True)),
)


def _share(value: Any) -> tuple[int, bool] | None:
    """A number and whether it is a percentage; None for anything else."""
    if type(value) is int:
        return value, False
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    return (int(found[1]), True) if found else None


def _too_many(counts: _Counts, budget: Budget, place: Place) -> Iterator[Remark]:
    share = _share(budget.least)
    protected = _protected(counts, budget)
    if share is None or not protected:
        yield NOT_APPLICABLE
        return
    total = sum(pods.least or 0 for pods in protected)
    needed = -(-share[0] * total // 100) if share[1] else share[0]
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


def _protected(counts: _Counts, budget: Budget) -> list[_Pods]:
    """The pods that a budget protects; of a workload that is declared several times, most."""
    found: dict[tuple[str, str | None, str], _Pods] = {}
    for workload, sure in selected(counts.estate, Workload, budget.selector, budget):
        pods = counts.of(workload)
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
    if workload.kind not in _SCALED:
        return _Pods(None, related)
    return _Pods(_known(estate, workload.file, workload.replicas_place, count), related)


def _known(estate: Estate, file: str, place: Place, count: Any) -> int | None:
    if type(count) is not int or is_changed(estate, file, place.address):
        return None
    return count if "minReplicaCount" not in place.address else max(count, 1)
