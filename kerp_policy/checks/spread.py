"""Checks of how replicas are spread: anti-affinity over hosts, topology over zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.pods import Pod
from kerp_policy.findings import Remark, unverified
from kerp_policy.kubernetes.labels import selects
from kerp_policy.parameters import LABEL, takes
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup

_Term = tuple[Path, dict[str, Any]]

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


@takes(topology_key=LABEL)
def anti_affinity(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A term over the hosts matches the workload's own pods, required or preferred."""
    pod: Pod = view.subject
    base: Path = (*pod.base, "spec", "affinity", "podAntiAffinity")
    terms = list(_terms(view.data, base))
    yield from _spread(pod, base, terms, params["topology_key"], "podAntiAffinity")


def _terms(data: Any, base: Path) -> Iterator[_Term]:
    for i, term in enumerate(as_list(lookup(data, (*base, _REQUIRED)))):
        yield (*base, _REQUIRED, i), as_dict(term)
    for i, weighted in enumerate(as_list(lookup(data, (*base, _PREFERRED)))):
        path = (*base, _PREFERRED, i, "podAffinityTerm")
        yield path, as_dict(as_dict(weighted).get("podAffinityTerm"))


@takes(topology_key=LABEL)
def topology(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A spread constraint over the zones matches the workload's own pods."""
    pod: Pod = view.subject
    base: Path = (*pod.base, "spec", "topologySpreadConstraints")
    terms: list[_Term] = [
        ((*base, i), as_dict(term)) for i, term in enumerate(as_list(lookup(view.data, base)))
    ]
    yield from _spread(pod, base, terms, params["topology_key"], "topologySpreadConstraint")
    for path, term in terms:
        yield from _refused(path, term)


def _refused(path: Path, term: dict[str, Any]) -> Iterator[Remark]:
    """What the API server refuses in a constraint ("Pod Topology Spread Constraints")."""
    skew, domains = term.get("maxSkew"), term.get("minDomains")
    if type(skew) is int and skew < 1:
        message = f"maxSkew is {skew}, which the API server refuses; expected at least 1"
        yield Remark((*path, "maxSkew"), message)
    if type(domains) is int and domains < 1:
        message = f"minDomains is {domains}, which the API server refuses; expected at least 1"
        yield Remark((*path, "minDomains"), message)
    elif domains is not None and term.get("whenUnsatisfiable") == "ScheduleAnyway":
        message = "minDomains is set with whenUnsatisfiable ScheduleAnyway, which the API server"
        yield Remark((*path, "minDomains"), f"{message} refuses; expected DoNotSchedule")


def _spread(pod: Pod, base: Path, terms: list[_Term], key: str, what: str) -> Iterator[Remark]:
    """One of the terms over the key must select the pod's own labels."""
    over = [(path, term) for path, term in terms if term.get("topologyKey") == key]
    later = [path for path, term in terms if is_placeholder(str(term.get("topologyKey")))]
    if over:
        yield from _own_pods(pod, over, what)
    elif later:
        at = (*later[0], "topologyKey")
        yield unverified(at, f"topologyKey is filled in elsewhere; expected {key}")
    else:
        yield Remark(base, f"there is no {what} over {key}; expected one for {_own(pod)}")


def _own_pods(pod: Pod, terms: list[_Term], what: str) -> Iterator[Remark]:
    """If no term surely selects the pod's own labels, those are told that may, else all."""
    answers = {path: _selects_own(pod, term) for path, term in terms}
    if True in answers.values():
        return
    own = _own(pod)
    unknown = [path for path, answer in answers.items() if answer is None]
    for path, term in terms:
        key, missed, unsure = _why(pod, term)
        names = {"what": what, "own": own}
        if not unknown:
            yield Remark((*path, key), missed.format(**names))
        elif path in unknown:
            message = f"files do not show whether {unsure.format(**names)}"
            yield unverified((*path, key), message)


def _why(pod: Pod, term: dict[str, Any]) -> tuple[str, str, str]:
    """The field that keeps a term from the pods of its own workload, and what it says, if sure."""
    selector = term.get("labelSelector")
    if not isinstance(selector, dict):
        return "labelSelector", "the {what} has no labelSelector, so it selects none of {own}", ""
    if selects(selector, pod.labels) is not True:
        matching = "the selector of the {what} matches {own}"
        return "labelSelector", "the selector of the {what} does not match {own}", matching
    if _leaves_out(pod, term):
        return "mismatchLabelKeys", "mismatchLabelKeys of the {what} leave out {own}", ""
    key = "namespaces" if as_list(term.get("namespaces")) else "namespaceSelector"
    near = "the {what} looks at the namespace of {own}"
    return key, "the {what} looks at other namespaces than that of {own}", near


def _leaves_out(pod: Pod, term: dict[str, Any]) -> bool:
    """Whether `mismatchLabelKeys` name a label of the pod, so that its like are left out."""
    keys = as_list(term.get("mismatchLabelKeys"))
    return any(key in pod.labels for key in keys if isinstance(key, str))


def _own(pod: Pod) -> str:
    return f"the pods of {pod.owner.kind} {pod.owner.name} ({_listed(pod.labels)})"


def _selects_own(pod: Pod, term: dict[str, Any]) -> bool | None:
    """Whether a term selects pods of its own workload; no selector selects none.

    `mismatchLabelKeys` leaves out pods that share the value of a label with this one (Kubernetes
    API, PodAffinityTerm).
    """
    selector = term.get("labelSelector")
    if not isinstance(selector, dict):
        return False
    if _leaves_out(pod, term):
        return False
    answers = (selects(selector, pod.labels), _in_own_namespace(pod.owner.namespace, term))
    return False if False in answers else (None if None in answers else True)


def _in_own_namespace(own: str | None, term: dict[str, Any]) -> bool | None:
    """Whether a term looks at the pod's own namespace, which it does unless it names others.

    Of a namespace's labels only the one that Kubernetes itself sets is known here.
    """
    listed, selector = as_list(term.get("namespaces")), term.get("namespaceSelector")
    if own in listed or (not listed and selector is None):
        return True
    if isinstance(selector, dict):
        return selects(selector, {"kubernetes.io/metadata.name": own}) or None
    unknown = own is None or any(is_placeholder(str(name)) for name in (own, *listed))
    return None if unknown else False


def _listed(labels: Mapping[str, Any]) -> str:
    shown = [f"{key}={value}" for key, value in islice(labels.items(), 4)]
    return ", ".join([*shown, "…"] if len(labels) > 4 else shown) or "no labels"
