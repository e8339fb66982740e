"""Checks of how replicas are spread: anti-affinity over hosts, topology over zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.pods import Pod
from kerp_policy.findings import Remark, unverified
from kerp_policy.kubernetes.labels import selects
from kerp_policy.paths import Path
from kerp_policy.views import View, lookup

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def anti_affinity(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A term over the hosts matches the workload's own pods, required or preferred."""
    pod: Pod = view.subject
    base: Path = (*pod.base, "spec", "affinity", "podAntiAffinity")
    terms = [
        (path, term)
        for path, term in _terms(view.data, base)
        if term.get("topologyKey") == params["topology_key"]
    ]
    if not terms:
        yield Remark(base, f"there is no podAntiAffinity over {params['topology_key']}")
        return
    yield from _own_pods(pod, terms, "podAntiAffinity")


def _terms(data: Any, base: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for i, term in enumerate(as_list(lookup(data, (*base, _REQUIRED)))):
        yield (*base, _REQUIRED, i), as_dict(term)
    for i, weighted in enumerate(as_list(lookup(data, (*base, _PREFERRED)))):
        path = (*base, _PREFERRED, i, "podAffinityTerm")
        yield path, as_dict(as_dict(weighted).get("podAffinityTerm"))


def topology(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A spread constraint over the zones matches the workload's own pods."""
    pod: Pod = view.subject
    base: Path = (*pod.base, "spec", "topologySpreadConstraints")
    constraints = [
        ((*base, i), as_dict(constraint))
        for i, constraint in enumerate(as_list(lookup(view.data, base)))
        if as_dict(constraint).get("topologyKey") == params["topology_key"]
    ]
    if not constraints:
        key = params["topology_key"]
        yield Remark(base, f"there is no topologySpreadConstraint over {key}")
        return
    yield from _own_pods(pod, constraints, "the constraint")


def _own_pods(pod: Pod, terms: list[tuple[Path, dict[str, Any]]], what: str) -> Iterator[Remark]:
    """One of the terms must select the pod's own labels; else each that does not is told."""
    answers = [(path, _selects_own(pod, term)) for path, term in terms]
    if any(answer is True for _, answer in answers):
        return
    for path, answer in answers:
        at = (*path, "labelSelector")
        if answer is None:
            yield unverified(at, f"the selector of {what} or the pod's labels are filled in later")
        else:
            message = f"the selector of {what} does not match the pods of {pod.owner.name}"
            yield Remark(at, f"{message} ({_listed(pod.labels)})")


def _selects_own(pod: Pod, term: dict[str, Any]) -> bool | None:
    """Whether a term selects pods of its own workload; no selector selects none.

    A term with `namespaces` looks there and, unless `namespaceSelector` is empty, nowhere else
    (Kubernetes API, PodAffinityTerm).
    """
    namespaces = as_list(term.get("namespaces"))
    if namespaces and pod.owner.namespace not in namespaces and "namespaceSelector" not in term:
        return False
    selector = term.get("labelSelector")
    return selects(selector, pod.labels) if isinstance(selector, dict) else False


def _listed(labels: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in labels.items()) or "no labels"
