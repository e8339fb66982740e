"""Joint checks of how a workload survives disruptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from kerp_policy.estate.autoscalers import Autoscaler
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.objects import Budget
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Place, Remark, unverified
from kerp_policy.parameters import COUNT, WORKLOADS, takes
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import differs, filled_in


@takes(min=COUNT, kinds=WORKLOADS)
def replicas(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """At least `min` replicas: the workload's own number, else its autoscaler has the say.

    A number beside an autoscaler counts too, since each apply sets the workload back to it. Where
    the autoscaler starts from too few, the policy of its bounds tells so.
    """
    for workload in estate.all(Workload):
        if workload.kind in params["kinds"]:
            yield Judged(workload, tuple(_replicas(estate, workload, params["min"])))


def _replicas(estate: Estate, workload: Workload, least: int) -> Iterator[Remark]:
    place, count = workload.replicas_place, workload.replicas
    if count is not None:
        yield from too_few(place, "spec.replicas", count, least)
        return
    autoscalers = _autoscalers(estate, workload)
    for autoscaler in autoscalers:
        if is_placeholder(str(autoscaler.least)):
            what = f"the lower bound of {autoscaler.title}"
            yield unverified(place, filled_in(what, autoscaler.least, f"at least {least}"))
    if not autoscalers:
        message = "spec.replicas is not set and no autoscaler of the project sets it, which means 1"
        message = f"{message}; expected at least {least}"
        yield replace(estate.lacks(place, message), consequence_of=("workload-autoscaler",))


def too_few(at: Place | Path, field: str, count: Any, least: int) -> Iterator[Remark]:
    """What there is to say of a number of replicas.

    Args:
        at: where it stands.
        field: what it is called there.
        count: the number as it is written; what is none the API server refuses.
        least: how many are expected.
    """
    if is_placeholder(str(count)):
        yield unverified(at, filled_in(field, count, f"at least {least}"))
    elif type(count) is int and count < least:
        yield Remark(at, differs(field, count, f"at least {least}"))


@takes(kinds=WORKLOADS)
def disruption_budget(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A PodDisruptionBudget of the workload's namespace selects its pods.

    A single replica cannot be evicted without an outage, so a budget is no help there.
    """
    answers = _budgets(estate)
    for workload in estate.all(Workload):
        if workload.kind in params["kinds"]:
            single = _single(estate, workload)
            covered = _covered(estate, workload, answers.get(id(workload), ()))
            yield Judged(workload, (NOT_APPLICABLE,) if single else tuple(covered))


def _budgets(estate: Estate) -> dict[int, list[bool | None]]:
    """For each workload, the answers of the budgets that select it, or may.

    An empty selector selects every pod, none at all selects none (policy/v1).
    """
    answers: dict[int, list[bool | None]] = {}
    for budget in estate.all(Budget):
        for workload, answer in estate.selected(Workload, budget.selector, budget.namespace):
            answers.setdefault(id(workload), []).append(answer)
    return answers


def _single(estate: Estate, workload: Workload) -> bool:
    """Whether one replica at most runs; without a number it is one, unless an autoscaler acts."""
    if workload.replicas is None:
        return not _autoscalers(estate, workload)
    return workload.replicas in (0, 1)


def _autoscalers(estate: Estate, workload: Workload) -> Sequence[Autoscaler]:
    """The autoscalers that name a workload as their target."""
    return estate.by(Autoscaler, _target).get(workload.id, ())


def _target(autoscaler: Autoscaler) -> tuple[str, str | None, str]:
    return autoscaler.target_id


def _covered(
    estate: Estate, workload: Workload, answers: Sequence[bool | None]
) -> Iterator[Remark]:
    if True in answers:
        return
    pods = f"the pods of {workload.kind} {workload.name}"
    message = f"no PodDisruptionBudget of the project selects {pods}"
    if answers:
        yield unverified(workload.place, f"{message} for sure: labels are filled in elsewhere")
    else:
        yield estate.lacks(workload.place, message)
