"""Checks of NetworkPolicies: that there are some, and that they restrict what they seem to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import namespace_of
from kerp_policy.estate.joins import MOST, meets, tells_apart
from kerp_policy.estate.labels import is_open
from kerp_policy.estate.network_policies import NetworkPolicy
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.quotas import Namespace
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Remark, unverified
from kerp_policy.kubernetes.network_policies import (
    EGRESS,
    INGRESS,
    RULES,
    directions,
    everyone,
    limits_ports,
)
from kerp_policy.parameters import one_of, some, takes
from kerp_policy.paths import format_path
from kerp_policy.views import View, lookup
from kerp_policy.wording import listed

_WORDS = {INGRESS: "comes in to", EGRESS: "goes out of"}
_Answers = dict[int, dict[str, bool]]
"""By workload and direction, whether a policy surely selects its pods, or only may."""


@takes(directions=some(one_of(INGRESS, EGRESS)))
def isolated(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """In each direction some NetworkPolicy selects the pods, so that what none allows is denied.

    A direction that no policy of a namespace is about is told once for the namespace: a failure
    where the project declares it or has policies for it, since then it is to close it.
    """
    answers, told = _answers(estate), set[str | None]()
    for workload in estate.all(Workload):
        if workload.host_network:  # no policy is for pods in the node's network
            yield Judged(workload, (NOT_APPLICABLE,))
            continue
        found = answers.get(id(workload), {})
        restricted = _restricted(estate, workload)
        known = restricted.union(found)
        unknown = [each for each in params["directions"] if each not in known]
        if unknown and workload.namespace not in told:
            told.add(workload.namespace)
            yield _of_namespace(estate, workload, unknown, has_policies=bool(restricted))
        missing = [each for each in params["directions"] if each in known and not found.get(each)]
        yield Judged(workload, tuple(_of_workload(estate, workload, missing, found)))


def _answers(estate: Estate) -> _Answers:
    answers: _Answers = {}
    for policy in estate.all(NetworkPolicy):
        for workload, said in estate.selected(Workload, policy.selector, policy.namespace):
            found = answers.setdefault(id(workload), {})
            is_sure = bool(said and meets(estate, policy, workload))
            for direction in policy.directions:
                found[direction] = found.get(direction, False) or is_sure
    return answers


def _restricted(estate: Estate, workload: Workload) -> set[str]:
    """The directions that policies for a workload's namespace are about."""
    if tells_apart(workload.namespace):
        return estate.made(_by_namespace).get(workload.namespace, set())
    found = estate.by(NetworkPolicy, namespace_of).get(workload.namespace, ())
    near = (policy for policy in found[:MOST] if meets(estate, policy, workload))
    return {direction for policy in near for direction in policy.directions}


def _by_namespace(estate: Estate) -> dict[str | None, set[str]]:
    known: dict[str | None, set[str]] = {}
    for policy in estate.all(NetworkPolicy):
        known.setdefault(policy.namespace, set()).update(policy.directions)
    return known


def _of_workload(
    estate: Estate, workload: Workload, missing: list[str], found: Mapping[str, bool]
) -> Iterator[Remark]:
    """The directions in which nothing restricts these pods, although others of the namespace."""
    if not missing:
        return
    pods = "" if workload.kind == "Pod" else "the pods of "
    message = _nothing(missing, f"{pods}{workload.kind} {workload.name}")
    if estate.made(_others) or any(each in found for each in missing):
        asked = f"{workload.kind}/{workload.namespace or '-'}/{workload.name}: isolated"
        yield unverified(workload.place, f"{message} for sure", settled_by=asked)
    else:
        yield Remark(workload.place, message)


def _of_namespace(
    estate: Estate, workload: Workload, missing: list[str], *, has_policies: bool
) -> Judged:
    """What is said of a namespace: where it is declared, else where something is put into it."""
    name = workload.namespace
    declared = () if name is None else estate.by(Namespace, namespace_of).get(name, ())
    at: Workload | Namespace = next(iter(declared), workload)
    where = f"{workload.kind} {workload.name}" if is_open(name) else f"namespace {name}"
    message, asked = _nothing(missing, f"the pods of {where}"), f"NetworkPolicy/{name or '-'}/*"
    if (declared or has_policies) and not estate.made(_others):
        return Judged(at, (Remark(at.place, message, settled_by=asked),))
    return Judged(at, (unverified(at.place, message, settled_by=asked),))


def _nothing(missing: list[str], pods: str) -> str:
    what = listed([_WORDS[each] for each in missing], "or")
    return f"no NetworkPolicy of the project restricts what {what} {pods}"


def _others(estate: Estate) -> bool:
    """Whether the project has policies of other makers, as Cilium and Calico, or for clusters."""
    return any(
        fact.kind.endswith("NetworkPolicy")
        and fact.group not in ("networking.k8s.io", "extensions")
        for fact in estate.all(Declared)
    )


def open_rules(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No rule lets everybody through on every port, which takes back what the policy restricts."""
    spec = as_dict(view.data.get("spec"))
    for direction in directions(spec):
        key, peers = RULES[direction]
        for i, rule in enumerate(map(as_dict, as_list(spec.get(key)))):
            who = everyone(as_list(rule.get(peers)))
            if who and not limits_ports(rule):
                path = ("spec", key, i)
                message = _through(who, direction, format_path(path))
                yield Remark(path, f"{message}; expected who is meant under {peers}, or ports")


def _through(who: str, direction: str, rule: str) -> str:
    if who == "everything":
        return f"{rule} allows everything"
    return f"{rule} allows everything {'from' if direction == INGRESS else 'to'} {who}"


def idle_rules(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Rules are for a direction that the policy restricts; others the cluster passes over."""
    spec = as_dict(view.data.get("spec"))
    for direction, (key, _) in RULES.items():
        rules, given = lookup(spec, (key,)), as_list(spec.get("policyTypes"))
        if not isinstance(rules, list) or direction in directions(spec) or (given and not rules):
            continue
        said = (
            f"policyTypes is {listed(list(map(str, given)))}" if given else "policyTypes is not set"
        )
        what = f"{said}, so the rules under {key} are not heeded"
        if not rules:
            what = (
                f"{key} is empty and {said}, so nothing that {_WORDS[direction]} pods is restricted"
            )
        yield Remark(("spec", key), f"{what}; expected policyTypes with {direction}")
