"""Joint check of tokens: who needs none gets none.

Sources: Kubernetes documentation, "Configure Service Accounts for Pods" (opt out of API credential
automounting: what the pod says comes before what the ServiceAccount says) and "Using RBAC
Authorization" (subjects).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from kerp_policy.estate.accounts import Account, account_name
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import (
    Candidate,
    answer,
    is_part_changed,
    kind_and_name,
    named,
    shown,
)
from kerp_policy.estate.labels import same_namespace
from kerp_policy.estate.roles import BoundReference, RoleBinding
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import Judged, Place, Related, Remark, unverified
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import filled_in

_FIELD = "automountServiceAccountToken"


def mounted(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """Pods of an account to which the project grants nothing have no token of it.

    What is granted elsewhere no file shows, so where pods ask for a token it is not sure.
    """
    for workload in estate.all(Workload):
        remark = _token(estate, workload)
        if remark and workload.account in ("", "default"):
            remark = replace(remark, consequence_of=("service-account",))
        yield Judged(workload, (remark,) if remark else ())


def _token(estate: Estate, workload: Workload) -> Remark | None:
    if workload.token is False or _may_be_granted(estate, workload):
        return None
    place = workload.token_place or workload.place
    name = workload.account or "default"
    asked = f"ServiceAccount/{workload.namespace or '-'}/{name}: token"
    for what, value in ((_FIELD, str(workload.token)), ("the ServiceAccount", name)):
        if is_placeholder(value):
            return unverified(place, filled_in(what, value, f"{_FIELD} to be false"))
    if workload.token is not None:
        message = f"{_FIELD} is set, and files do not show what for, as no"
        message = f"{message} binding of the project names ServiceAccount {name}"
        return unverified(place, message, settled_by=asked)
    return _by_account(estate, workload, place, name, asked)


def _pods(workload: Workload) -> str:
    own = f"{workload.kind} {workload.name}"
    return own if workload.kind == "Pod" else f"the pods of {own}"


def _by_account(
    estate: Estate, workload: Workload, place: Place, name: str, asked: str
) -> Remark | None:
    """What the account decides where the pods say nothing."""
    meant = named(estate, Account, account_name, name, workload)
    without = answer((sure, _has_none(estate, account)) for account, sure in meant)
    if without:
        return None
    if without is None:
        message = f"files do not show whether ServiceAccount {name} gives {_pods(workload)} a token"
        return unverified(place, f"{message}; expected {_FIELD} to be false", settled_by=asked)
    message = f"ServiceAccount {name} gives {_pods(workload)} a token, and no binding of the"
    message = f"{message} project names it; expected {_FIELD} to be false"
    return Remark(place, message, settled_by=asked, related=_related(meant))


def _has_none(estate: Estate, account: Account) -> bool | None:
    """Whether an account gives pods no token; None where an overlay or a placeholder decides."""
    if is_part_changed(estate, account, _FIELD) or is_placeholder(str(account.automount)):
        return None
    return account.automount is False


def _related(meant: list[Candidate[Account]]) -> tuple[Related, ...]:
    said = f"says nothing of {_FIELD}"
    return tuple(
        Related(
            account.file,
            account.place if account.automount is None else account.automount_place,
            f"ServiceAccount {account.name} {said if account.automount is None else 'gives it'}",
        )
        for account in shown(meant)
    )


def _may_be_granted(estate: Estate, workload: Workload) -> bool:
    """Whether a binding of the project names the account, or a group that it is in."""
    account = ("ServiceAccount", workload.account or "default")
    bound = estate.by(BoundReference, kind_and_name).get(account, ())
    if any(same_namespace(each.namespace, workload.namespace) is not False for each in bound):
        return True
    groups = {*_GROUPS, f"{_GROUPS[0]}:{workload.namespace}"}
    return not groups.isdisjoint(estate.made(_subjects))


_GROUPS = ("Group system:serviceaccounts", "Group system:authenticated")


def _subjects(estate: Estate) -> frozenset[str]:
    """All that bindings of the project name."""
    return frozenset(name for each in estate.all(RoleBinding) for name in each.subjects)
