"""Joint checks of quotas against what the workloads of their namespaces ask for."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.estate.demand import (
    COMPUTE,
    PODS,
    UNKNOWN,
    Amount,
    applies,
    demand,
    exactly,
    in_words,
    missing,
    most_pods,
)
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import namespace_of
from kerp_policy.estate.joins import lie_together, tells_apart
from kerp_policy.estate.labels import is_open
from kerp_policy.estate.quotas import Defaults, Quota
from kerp_policy.estate.workloads import Container, Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, Verdict, unverified
from kerp_policy.kubernetes.quantity import QuantityError
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import filled_in, listed

_Asked = list[tuple[Workload, Amount]]


def _defaults(estate: Estate, namespace: str | None) -> Sequence[Defaults]:
    return estate.by(Defaults, namespace_of).get(namespace, ())


def stated(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """In a namespace whose quota names CPU or memory, every container has them in effect.

    The API server refuses a pod that does not, init containers and jobs included ("Resource
    Quotas"). Only namespaces whose quota is in the project are judged.
    """
    computing = _computing(estate)
    for workload in estate.all(Workload):
        own = [q for q in computing.get(workload.namespace, ()) if applies(q, workload)]
        quotas = [quota for quota in own if _is_of(estate, quota, workload)]
        remarks = (r for quota in quotas for r in _unstated(estate, quota, workload))
        yield Judged(workload, tuple(remarks) if quotas else (NOT_APPLICABLE,))


def _is_of(estate: Estate, quota: Quota, workload: Workload) -> bool:
    """Whether two of one written namespace meet: in `default` samples do not."""
    told = tells_apart(quota.namespace)
    return told or lie_together(estate, quota.file, workload.file)


def _computing(estate: Estate) -> dict[str | None, list[Quota]]:
    """By namespace, the quotas of CPU or memory; of those that bound the same one is enough."""
    found: dict[str | None, dict[Any, Quota]] = {}
    for quota in estate.all(Quota):
        names = frozenset(name for name in quota.hard if name in COMPUTE)
        if names and not is_open(quota.namespace):
            kind = quota.scopes, names, _folder(quota)
            found.setdefault(quota.namespace, {}).setdefault(kind, quota)
    return {namespace: list(quotas.values()) for namespace, quotas in found.items()}


def _folder(quota: Quota) -> str:
    """What tells quotas of `default` apart, which each are of what lies beside them."""
    return "" if tells_apart(quota.namespace) else posixpath.dirname(quota.file)


def _unstated(estate: Estate, quota: Quota, workload: Workload) -> Iterator[Remark]:
    names = [name for name in quota.hard if name in COMPUTE]
    for container in workload.containers:
        lacking = missing(container, _defaults(estate, workload.namespace), names)
        if lacking:
            near = [d for d in _beside(estate, workload) if not missing(container, [d], lacking)]
            yield _refused(quota, container, lacking, near)


def _beside(estate: Estate, workload: Workload) -> list[Defaults]:
    """LimitRanges that may be of a workload's namespace: they name none, and lie beside it."""
    open_ones = _defaults(estate, None)
    return [d for d in open_ones if lie_together(estate, workload.file, d.file)]


def _refused(
    quota: Quota, container: Container, lacking: Sequence[str], near: Sequence[Defaults]
) -> Remark:
    message = f"container {container.name} states no {listed(lacking, 'or')}, which {quota.name}"
    related = Related(
        quota.file, quota.hard_place, f"ResourceQuota {quota.name} of {quota.namespace}"
    )
    unless = f", unless the LimitRange in {near[0].file} is of {quota.namespace}" if near else ""
    return Remark(
        container.places["resources"],
        f"{message} bounds, so {quota.namespace} refuses its pods{unless}",
        Verdict.UNVERIFIED if near else Verdict.FAIL,
        subject=container.name,
        related=(related,),
        consequence_of=("resources",),
    )


def room(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What a namespace's workloads ask for at full scale fits into each of its quotas.

    Full scale is an autoscaler's maximum, else the replicas, and the surge of a rollout on top;
    one run of each job. Of a workload that is declared several times the least counts.
    """
    demands = _Demands(estate)
    for quota in estate.all(Quota):
        bounds = [name for name in quota.hard if name in (*COMPUTE, *PODS)]
        if is_open(quota.namespace) or not any(demands.of(quota, bound) for bound in bounds):
            yield Judged(quota, (NOT_APPLICABLE,))
        else:
            asked = ((bound, demands.of(quota, bound)) for bound in bounds)
            yield Judged(
                quota, tuple(r for bound, all in asked for r in _exceeded(quota, bound, all))
            )


def _exceeded(quota: Quota, bound: str, asked: _Asked) -> Iterator[Remark]:
    place, written = quota.places[bound], quota.hard[bound]
    if is_placeholder(str(written)):
        yield unverified(place, filled_in(f"the bound of {bound}", written))
        return
    try:
        allowed = exactly(written)
    except QuantityError:
        return  # quota-values and the schema tell
    total = sum(amount.least for _, amount in asked)
    if total > allowed:
        yield _too_much(quota, bound, asked, total)
    elif not all(amount.is_all for _, amount in asked):
        open_ = [f"{w.kind} {w.name}" for w, amount in _most_first(asked) if not amount.is_all]
        message = f"files do not show the {bound} that {listed(open_[:3])} may ask for"
        settled = f"ResourceQuota/{quota.namespace}/{quota.name}: sufficient"
        yield unverified(
            place, f"{message}; ResourceQuota {quota.name} allows {written}", settled_by=settled
        )


class _Demands:
    """What the workloads that a quota counts ask for, worked out once for quotas of one scope."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._counted: dict[tuple[Any, ...], list[tuple[Workload, Amount | None]]] = {}
        self._known: dict[tuple[Any, ...], _Asked] = {}

    def of(self, quota: Quota, bound: str) -> _Asked:
        """What each workload asks for."""
        scope = (quota.namespace, quota.scopes, _folder(quota))
        if scope not in self._counted:
            self._counted[scope] = list(self._count(quota))
        if (scope, bound) not in self._known:
            self._known[scope, bound] = self._asked(quota, bound, self._counted[scope])
        return self._known[scope, bound]

    def _count(self, quota: Quota) -> Iterator[tuple[Workload, Amount | None]]:
        """The workloads that count, each with its pods; None where open scopes decide."""
        named = self._estate.by(Workload, namespace_of).get(quota.namespace, ())
        for workload in named:
            counts = applies(quota, workload)
            if counts is not False and _is_of(self._estate, quota, workload):
                yield workload, most_pods(self._estate, workload) if counts else None

    def _asked(
        self, quota: Quota, bound: str, counted: Sequence[tuple[Workload, Amount | None]]
    ) -> _Asked:
        defaults = _defaults(self._estate, quota.namespace)
        found: dict[tuple[str, str | None, str], tuple[Workload, Amount]] = {}
        for workload, pods in counted:
            amount = UNKNOWN
            if pods is not None:
                amount = demand(self._estate, workload, pods, defaults, bound)
            thing = workload.id
            if thing not in found or amount.least < found[thing][1].least:
                found[thing] = workload, amount
        return list(found.values())


def _most_first(asked: _Asked) -> _Asked:
    return sorted(asked, key=lambda pair: pair[1].least, reverse=True)


def _too_much(quota: Quota, bound: str, asked: _Asked, total: int) -> Remark:
    related = tuple(
        Related(w.file, w.place, f"{w.kind} {w.name} may ask for {in_words(amount.least, bound)}")
        for w, amount in _most_first(asked)[:3]
    )
    message = f"the workloads of {quota.namespace} may ask for {in_words(total, bound)} {bound}"
    place, written = quota.places[bound], quota.hard[bound]
    message = f"{message} at full scale; ResourceQuota {quota.name} allows {written}"
    return Remark(place, message, Verdict.FAIL, subject=bound, related=related)
