"""Checks of workloads: replicas, rollout, labels, ServiceAccount, scraping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.pods import Pod
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.kubernetes.counts import count, refused
from kerp_policy.parameters import LABELS, takes
from kerp_policy.paths import Path, format_path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import differs, filled_in, listed, missing, shown

_STRATEGY: Path = ("spec", "strategy")
_ROLLING: Path = (*_STRATEGY, "rollingUpdate")


def max_unavailable(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """`maxUnavailable` is 0; the default is 25 % (Kubernetes API, RollingUpdateDeployment)."""
    kind = lookup(view.data, (*_STRATEGY, "type"), "RollingUpdate")
    if kind != "RollingUpdate":
        yield _other_strategy(str(kind))
        return
    path = (*_ROLLING, "maxUnavailable")
    value = lookup(view.data, path)
    if value is None:
        message = "maxUnavailable is not set, so 25 % of the replicas may be missing; expected 0"
        yield Remark(path, message)
    elif is_placeholder(str(value)):
        yield unverified(path, filled_in("maxUnavailable", value, 0))
    elif problem := refused(value):
        yield Remark(path, f"maxUnavailable is {problem}")
    elif _share(value):
        yield Remark(path, differs("maxUnavailable", value, 0))
    elif _surge_is_none(view):
        message = "maxSurge and maxUnavailable are both 0, which the API server refuses"
        yield Remark((*_ROLLING, "maxSurge"), message)


def _other_strategy(kind: str) -> Remark:
    path = (*_STRATEGY, "type")
    if is_placeholder(kind):
        return unverified(path, filled_in("spec.strategy.type", kind, "RollingUpdate"))
    effect = ", which stops every replica first" if kind == "Recreate" else ""
    return Remark(path, f"spec.strategy.type is {kind}{effect}; expected RollingUpdate")


def _share(value: Any) -> int | None:
    """A number or a percentage as a number; None for anything else."""
    known = count(value)
    return known.number if known else None


def _surge_is_none(view: View) -> bool:
    return _share(lookup(view.data, (*_ROLLING, "maxSurge"), "25%")) == 0


@takes(surge={"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+%$"})
def max_surge(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """`maxSurge` is what the standard says; the default is 25 %."""
    if lookup(view.data, (*_STRATEGY, "type"), "RollingUpdate") != "RollingUpdate":
        return
    path, wanted = (*_ROLLING, "maxSurge"), params["surge"]
    value = lookup(view.data, path)
    if value is None:
        yield Remark(path, f"maxSurge is not set, which means 25 %; expected {wanted}")
    elif is_placeholder(str(value)):
        yield unverified(path, filled_in("maxSurge", value, wanted))
    elif problem := refused(value):
        yield Remark(path, f"maxSurge is {problem}")
    elif value != wanted and not (_surge_is_none(view) and _none_unavailable(view)):
        yield Remark(path, differs("maxSurge", value, wanted))


def _none_unavailable(view: View) -> bool:
    """Whether `maxUnavailable` is 0 as well: that both are, `max_unavailable` tells."""
    return _share(lookup(view.data, (*_ROLLING, "maxUnavailable"))) == 0


@takes(labels=LABELS)
def labels(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The labels stand on the object, its selector and its pods, with the same values."""
    wanted, places = params["labels"], _label_places(view.subject)
    for place in places:
        if absent := [label for label in wanted if not _label_at(view.data, place, label)[1]]:
            selects = place[-1] == "selector"
            yield missing_labels((*place, "matchLabels") if selects else place, absent)
    for label in wanted:
        yield from _differing(view.data, places, label)


def missing_labels(place: Path, absent: list[str]) -> Remark:
    """That labels are missing in a place, all in one remark."""
    at = (*place, absent[0]) if len(absent) == 1 else place
    return Remark(at, missing("label", absent, format_path(place)))


def _differing(data: Any, places: list[Path], label: str) -> Iterator[Remark]:
    """Every place is held to what most of them say, and where none agree to the first."""
    found = [(place, *_label_at(data, place, label)) for place in places]
    found = [each for each in found if each[-1]]
    if not found:
        return
    first, _, (wanted, *_) = max(found, key=lambda one: sum(one[-1][0] in o[-1] for o in found))
    for _, path, values in found:
        if wanted not in values:
            yield _differs(label, path, values[0], (first, wanted))


def _label_places(pod: Pod) -> list[Path]:
    owner = pod.owner
    places: list[Path] = [("metadata", "labels")]
    if owner.kind in ("Deployment", "StatefulSet", "DaemonSet"):
        places.append(("spec", "selector"))
    if pod.base:
        places.append((*pod.base, "metadata", "labels"))
    return places


def _label_at(data: Any, place: Path, label: str) -> tuple[Path, list[Any]]:
    """Where a label stands or should stand, and its values; a selector may allow several."""
    if place[-1] != "selector":
        path = (*place, label)
        value = lookup(data, path)
        return path, [] if value in (None, "") else [value]
    for i, term in enumerate(as_list(lookup(data, (*place, "matchExpressions")))):
        expression = as_dict(term)
        if expression.get("key") == label and expression.get("operator") == "In":
            path = (*place, "matchExpressions", i, "values")
            return path, as_list(expression.get("values"))
    return _label_at(data, (*place, "matchLabels"), label)


def _differs(label: str, path: Path, value: Any, first: tuple[Path, Any]) -> Remark:
    where, expected = format_path(first[0]), first[1]
    if is_placeholder(str(value)) or is_placeholder(str(expected)):
        message = f"the label {label} is {shown(value)} here and {shown(expected)} in {where}"
        return unverified(path, f"{message}, one of them filled in elsewhere; expected the same")
    wanted = f"{shown(expected)} as in {where}"
    return Remark(path, differs(f"the label {label}", value, wanted))


def service_account(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A ServiceAccount is named; `serviceAccount` is an old name of the same field."""
    path: Path = ("spec", "serviceAccountName")
    if not lookup(view.data, path) and lookup(view.data, ("spec", "serviceAccount")):
        path = ("spec", "serviceAccount")
    name, expected = lookup(view.data, path), "an account of the workload's own"
    if not name:
        yield Remark(
            path, f"serviceAccountName is not set, which means default; expected {expected}"
        )
    elif name == "default":
        yield Remark(path, differs(str(path[-1]), name, expected))
    elif is_placeholder(str(name)):
        yield unverified(path, filled_in(str(path[-1]), name, expected))


def one_account(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """`serviceAccount` says what `serviceAccountName` says, which counts (API, PodSpec)."""
    old, new = (view.subject.spec.get(key) for key in _ACCOUNTS)
    if not old or not new:
        yield NOT_APPLICABLE
    elif old != new:
        path = ("spec", _ACCOUNTS[0])
        message = f"serviceAccount is {shown(old)}, and serviceAccountName, which counts, is"
        if is_placeholder(str(old)) or is_placeholder(str(new)):
            yield unverified(path, f"{message} {shown(new)}; expected one of the two")
        else:
            yield Remark(path, f"{message} {shown(new)}; expected one of the two")


def old_account(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """`serviceAccount` is not used: it is a deprecated alias of `serviceAccountName` (PodSpec).

    The API server answers with both, so what was taken from a cluster has them.
    """
    old, new = (view.subject.spec.get(key) for key in _ACCOUNTS)
    if old is not None:
        both = "it not to be set, as serviceAccountName is"
        expected = both if new else "serviceAccountName in its place"
        yield Remark(("spec", _ACCOUNTS[0]), differs(f"spec.{_ACCOUNTS[0]}", old, expected))


_ACCOUNTS = ("serviceAccount", "serviceAccountName")
_SCRAPE = "prometheus.io/scrape"
_PORT = "prometheus.io/port"
_PATH = "prometheus.io/path"


def scrape(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The pods are annotated for scraping, at a port that one of their containers declares.

    The three annotations are the convention of the Prometheus project's example configuration
    for Kubernetes, which takes the port as a number.
    """
    pod: Pod = view.subject
    base: Path = (*pod.base, "metadata", "annotations")
    given = as_dict(lookup(view.data, base))
    wanted = str(given.get(_SCRAPE, "true"))
    if is_placeholder(wanted):
        yield unverified((*base, _SCRAPE), filled_in(_SCRAPE, wanted))
    elif wanted.lower() != "true":
        yield Remark((*base, _SCRAPE), differs(_SCRAPE, wanted, '"true"'))
        return
    if absent := [name for name in (_SCRAPE, _PORT, _PATH) if given.get(name) in (None, "")]:
        at = (*base, absent[0]) if len(absent) == 1 else base
        yield Remark(at, missing("annotation", absent, "the pod template"))
    if _PORT not in absent:
        yield from _scrape_port(pod, (*base, _PORT), str(given[_PORT]))


def _scrape_port(pod: Pod, path: Path, port: str) -> Iterator[Remark]:
    declared = _declared_ports(pod)
    if port in declared:
        return
    if is_placeholder(port) or any(map(is_placeholder, declared)):
        known = ", ".join(declared) or "none"
        message = f'{_PORT} is "{port}" and the containers declare {known}'
        yield unverified(path, f"{message}, filled in elsewhere")
    else:
        expected = f"expected {listed(declared, 'or')}, which the containers declare"
        message = expected if declared else "the containers declare no port"
        yield Remark(path, f'{_PORT} is "{port}"; {message}')


def _declared_ports(pod: Pod) -> list[str]:
    ports = [port.get("containerPort") for one in pod.containers for port in one.ports]
    return sorted({str(port) for port in ports if isinstance(port, (int, str))})
