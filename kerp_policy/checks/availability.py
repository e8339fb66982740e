"""Joint checks of how a workload survives disruptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import Budget, Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Place, Remark, unverified
from kerp_policy.kubernetes.labels import selects
from kerp_policy.secrets import is_placeholder


def replicas(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """At least `min` replicas: the workload's own number, else its autoscaler has the say.

    A number beside an autoscaler counts too, since each apply sets the workload back to it. Where
    the autoscaler starts from too few, the policy of its bounds tells so.
    """
    for workload in estate.workloads:
        if workload.kind in params["kinds"]:
            yield Judged(workload, tuple(_replicas(estate, workload, params["min"])))


def _replicas(estate: Estate, workload: Workload, least: int) -> Iterator[Remark]:
    place, count = workload.replicas_place, workload.replicas
    if count is not None:
        yield from _too_few(place, count, least)
        return
    autoscalers = estate.autoscalers_of(workload)
    for autoscaler in autoscalers:
        if is_placeholder(str(autoscaler.least)):
            message = f"minReplicas of its autoscaler is {autoscaler.least}, filled in elsewhere"
            yield unverified(place, f"{message}; expected at least {least}")
    if not autoscalers:
        message = "spec.replicas is not set and no autoscaler of the project sets it, which means 1"
        yield Remark(place, f"{message}; expected at least {least}")


def _too_few(place: Place, count: Any, least: int) -> Iterator[Remark]:
    if is_placeholder(str(count)):
        message = f"spec.replicas is {count}, filled in elsewhere; expected at least {least}"
        yield unverified(place, message)
    elif type(count) is int and count < least:
        yield Remark(place, f"spec.replicas is {count}; expected at least {least}")


def disruption_budget(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A PodDisruptionBudget of the workload's namespace selects its pods.

    A single replica cannot be evicted without an outage, so a budget is no help there.
    """
    for workload in estate.workloads:
        if workload.kind in params["kinds"]:
            single = _single(estate, workload)
            remarks = (NOT_APPLICABLE,) if single else tuple(_budgeted(estate, workload))
            yield Judged(workload, remarks)


def _single(estate: Estate, workload: Workload) -> bool:
    """Whether one replica at most runs; without a number it is one, unless an autoscaler acts."""
    if workload.replicas is None:
        return not estate.autoscalers_of(workload)
    return workload.replicas in (0, 1)


def _budgeted(estate: Estate, workload: Workload) -> Iterator[Remark]:
    answers = [_covers(budget, workload) for budget in estate.budgets.get(workload.namespace, ())]
    if any(answer is True for answer in answers):
        return
    message = f"no PodDisruptionBudget of the project selects the pods of {workload.name}"
    if None in answers:
        yield unverified(workload.place, f"{message} for sure: labels are filled in elsewhere")
    else:
        yield Remark(workload.place, message)


def _covers(budget: Budget, workload: Workload) -> bool | None:
    """An empty selector selects every pod, none at all selects none (policy/v1)."""
    return False if budget.selector is None else selects(budget.selector, workload.labels)
