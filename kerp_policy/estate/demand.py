"""What workloads ask of a namespace's quota when everything is scaled to its most.

Source: "Resource Quotas", "Pod Priority and Preemption" and the resources section of "Init
Containers" in the Kubernetes documentation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import is_changed, is_part_changed, scalers
from kerp_policy.estate.quotas import Defaults, Quota, Scope
from kerp_policy.estate.workloads import Container, Workload
from kerp_policy.kubernetes.counts import count
from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity
from kerp_policy.secrets import is_placeholder

COMPUTE: dict[str, tuple[str, str]] = {
    "requests.cpu": ("requests", "cpu"),
    "cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "memory": ("requests", "memory"),
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
}
"""The bounds that every container must state, by where it states them."""

PODS = ("pods", "count/pods")
_JOBS = ("Job", "CronJob")
SCALED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout")
"""The kinds that run as many pods as they say, or as their autoscaler does."""


class Amount(Struct, frozen=True):
    """At least so much; `is_all` tells whether it is no more than that."""

    least: int
    is_all: bool = True


NOTHING = Amount(0)
UNKNOWN = Amount(0, is_all=False)
_WHOLE = 10**9
"""A piece, core or byte in the billionths that amounts of them are told in: no quantity is finer
(Kubernetes API reference, "Quantity")."""


def applies(quota: Quota, workload: Workload) -> bool | None:
    """Whether a quota counts a workload's pods, by its scopes; None where that is open."""
    answers = [_in_scope(scope, workload) for scope in quota.scopes]
    if False in answers:
        return False
    return None if None in answers else True


def _in_scope(scope: Scope, workload: Workload) -> bool | None:
    best_effort = not any(
        values for c in workload.containers for values in c.resources.values() if values
    )
    plain: dict[str, bool] = {
        "Terminating": workload.has_deadline,
        "NotTerminating": not workload.has_deadline,
        "BestEffort": best_effort,
        "NotBestEffort": not best_effort,
    }
    if scope.name == "PriorityClass":
        return _has_priority(scope, workload.priority_class)
    return plain.get(scope.name)


def _has_priority(scope: Scope, name: str) -> bool | None:
    """A pod that names no class may get the cluster's default one, which nothing here shows."""
    if not name or is_placeholder(name):
        return None
    known: dict[str, bool] = {
        "Exists": True,
        "DoesNotExist": False,
        "In": name in scope.values,
        "NotIn": name not in scope.values,
    }
    return known.get(scope.operator)


def missing(container: Container, defaults: Sequence[Defaults], names: Sequence[str]) -> list[str]:
    """The bounds of a quota for which a container has no amount in effect."""
    return [name for name in names if _amount(container, defaults, *COMPUTE[name]) is None]


def _amount(container: Container, defaults: Sequence[Defaults], part: str, resource: str) -> Any:
    own = _stated(container.resources, part, resource)
    if own is not None:
        return own
    given = (d.requests if part == "requests" else d.limits for d in defaults)
    return next((values[resource] for values in given if resource in values), None)


def _stated(resources: Mapping[str, Any], part: str, resource: str) -> Any:
    return as_dict(resources.get(part)).get(resource)


def demand(
    estate: Estate, workload: Workload, pods: Amount, defaults: Sequence[Defaults], bound: str
) -> Amount:
    """What a workload of so many pods asks of a bound, such as `pods` or `requests.cpu`.

    It is told as `exactly` tells what the bound allows.
    """
    if bound in PODS:
        return Amount(pods.least * _WHOLE, pods.is_all)
    each = _per_pod(workload, defaults, *COMPUTE[bound])
    shown = not is_part_changed(estate, workload, "spec.template.spec.containers")
    return Amount(pods.least * each.least, pods.is_all and each.is_all and shown)


def most_pods(estate: Estate, workload: Workload) -> Amount:
    """The pods of a workload at its most.

    Of a job those of one run; of a DaemonSet one for each node, and nobody knows how many.
    """
    if workload.kind == "Pod":
        return Amount(1)
    if workload.kind in _JOBS:
        return _of_job(workload)
    if workload.kind not in SCALED:
        return UNKNOWN
    most = _count(_most_replicas(estate, workload))
    if is_changed(estate, workload.file, workload.replicas_place.address):
        most = UNKNOWN
    surge = _surge(workload, most.least)
    return Amount(most.least + surge.least, most.is_all and surge.is_all)


def _of_job(workload: Workload) -> Amount:
    """A job runs no more pods than are still to succeed ("Jobs", controlling parallelism)."""
    most = _count(1 if workload.parallelism is None else workload.parallelism)
    wanted = workload.completions
    if wanted is None:
        return most
    bound = _count(wanted)
    return Amount(min(most.least, bound.least), most.is_all and bound.is_all)


def _count(value: Any) -> Amount:
    known = type(value) is int and value >= 0
    return Amount(value) if known else UNKNOWN


def _most_replicas(estate: Estate, workload: Workload) -> Any:
    for autoscaler, sure in scalers(estate, workload):
        if sure:
            return autoscaler.most
    return 1 if workload.replicas is None else workload.replicas


def _surge(workload: Workload, replicas: int) -> Amount:
    """A Deployment adds `maxSurge` pods while it rolls: by default 25 %, rounded up."""
    if workload.kind != "Deployment" or workload.strategy == "Recreate" or not replicas:
        return NOTHING
    value = "25%" if workload.max_surge is None else workload.max_surge
    known = count(value)
    if known and known.is_share:
        return Amount(-(-known.number * replicas // 100))
    return _count(value)


def _per_pod(workload: Workload, defaults: Sequence[Defaults], part: str, resource: str) -> Amount:
    """What the pod states for all, else its containers together or the largest before them."""
    own = _of_pod(workload.resources, part, resource) if workload.resources else None
    if own is not None:
        return _read(own)
    together, before, is_all = 0, 0, True
    for container in workload.containers:
        amount = _read(_amount(container, defaults, part, resource))
        is_all = is_all and amount.is_all
        if container.role == "init":
            before = max(before, amount.least)
        else:
            together += amount.least
    return Amount(max(together, before), is_all)


def _of_pod(resources: Mapping[str, Any], part: str, resource: str) -> Any:
    """What a pod states for all its containers; by default it requests what is its limit."""
    own = _stated(resources, part, resource)
    return _stated(resources, "limits", resource) if own is None and part == "requests" else own


def _read(value: Any) -> Amount:
    """An amount; one that is missing is none, for the API server refuses the pod for that."""
    if value is None:
        return NOTHING
    try:
        return _positive(value)
    except (QuantityError, TypeError):  # a list is no quantity, nor can it be remembered
        return UNKNOWN


@lru_cache(maxsize=1024, typed=True)  # a project writes the same few everywhere
def _positive(value: Any) -> Amount:
    return Amount(max(exactly(value), 0))


def exactly(value: Any) -> int:
    """A quantity in billionths, rounded up as the API server does.

    Raises:
        QuantityError: it is none.
    """
    amount = parse_quantity(value)
    return -(-amount.numerator * _WHOLE // amount.denominator)


def in_words(amount: int, bound: str) -> str:
    """An amount of so many billionths as a manifest would write it."""
    return _written(Fraction(amount, _WHOLE), bound)


def _written(amount: Fraction, bound: str) -> str:
    if bound.endswith("memory"):
        for unit, factor in _UNITS.items():
            if amount >= factor and (amount * 10 / factor).denominator == 1:
                return f"{_decimal(amount / factor)}{unit}"
    return _decimal(amount)


_UNITS: Mapping[str, int] = {"Ti": 1024**4, "Gi": 1024**3, "Mi": 1024**2, "Ki": 1024}


def _decimal(amount: Fraction) -> str:
    if amount.denominator == 1:
        return str(amount)
    return f"{float(amount):.10f}".rstrip("0").rstrip(".")
