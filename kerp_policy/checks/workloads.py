"""Checks of workloads: replicas, rollout, labels, ServiceAccount, scraping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.artifacts.pods import Pod
from kerp_policy.findings import Remark, unverified
from kerp_policy.paths import Path, format_path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup

_STRATEGY: Path = ("spec", "strategy")
_ROLLING: Path = (*_STRATEGY, "rollingUpdate")


def replicas(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """At least `min` replicas; without a number the autoscaler has the say, if there is one."""
    path: Path = ("spec", "replicas")
    count, least = lookup(view.data, path), params["min"]
    if count is None:
        message = f"spec.replicas is not set: 1, unless an autoscaler sets at least {least}"
        yield unverified(path, message)
    elif is_placeholder(str(count)):
        yield unverified(path, f"spec.replicas is {count}, filled in elsewhere; expected {least}")
    elif isinstance(count, int) and count < least:
        yield Remark(path, f"spec.replicas is {count}; expected at least {least}")


def max_unavailable(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """`maxUnavailable` is 0; the default is 25 % (Kubernetes API, RollingUpdateDeployment)."""
    kind = lookup(view.data, (*_STRATEGY, "type"), "RollingUpdate")
    if kind != "RollingUpdate":
        message = f"spec.strategy.type is {kind}: every replica stops first; expected RollingUpdate"
        yield Remark((*_STRATEGY, "type"), message)
        return
    path = (*_ROLLING, "maxUnavailable")
    value = lookup(view.data, path)
    if problem := _unavailable_problem(value):
        yield Remark(path, f"maxUnavailable {problem}")
    elif isinstance(value, str) and is_placeholder(value):
        yield unverified(path, f"maxUnavailable is {value}, filled in elsewhere; expected 0")
    elif _share(lookup(view.data, (*_ROLLING, "maxSurge"), "25%")) == 0:
        surge = (*_ROLLING, "maxSurge")
        yield Remark(surge, "maxSurge and maxUnavailable are both 0, which the API server refuses")


def _unavailable_problem(value: Any) -> str:
    if value is None:
        return "is not set, so 25 % of the replicas may be missing; expected 0"
    if isinstance(value, str) and is_placeholder(value):
        return ""
    share = _share(value)
    if share is None:
        hint = "; write the number 0" if value == "0" else ""
        return f'is the text "{value}", which the API server refuses{hint}'
    return f"is {value}; expected 0" if share else ""


def _share(value: Any) -> int | None:
    """A number or percentage as a number; text that is neither is refused by the API server."""
    if isinstance(value, int):
        return value
    text = str(value)
    return int(text[:-1]) if text.endswith("%") and text[:-1].isdigit() else None


def max_surge(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """`maxSurge` is what the standard says; the default is 25 %."""
    if lookup(view.data, (*_STRATEGY, "type"), "RollingUpdate") != "RollingUpdate":
        return
    path, wanted = (*_ROLLING, "maxSurge"), params["surge"]
    value = lookup(view.data, path)
    if value is None:
        yield Remark(path, f"maxSurge is not set, which means 25 %; expected {wanted}")
    elif isinstance(value, str) and is_placeholder(value):
        yield unverified(path, f"maxSurge is {value}, filled in elsewhere; expected {wanted}")
    elif value != wanted and _share(value) != 0:  # 0 is told by max_unavailable
        yield Remark(path, f"maxSurge is {value}; expected {wanted}")


def labels(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The labels stand on the object, its selector and its pods, with the same values."""
    pod: Pod = view.subject
    places = _label_places(pod)
    for label in params["labels"]:
        first: tuple[Path, Any] | None = None
        for place in places:
            path = (*place, label)
            value = lookup(view.data, path)
            if value is None:
                yield Remark(path, f"the label {label} is missing in {format_path(place)}")
            elif first and value != first[1]:
                where = format_path(first[0])
                yield Remark(path, f"the label {label} is {value}, but {first[1]} in {where}")
            first = first or (None if value is None else (place, value))


def _label_places(pod: Pod) -> list[Path]:
    owner = pod.owner
    places: list[Path] = [("metadata", "labels")]
    if owner.kind in ("Deployment", "StatefulSet", "DaemonSet"):
        places.append(("spec", "selector", "matchLabels"))
    if pod.base:
        places.append((*pod.base, "metadata", "labels"))
    return places


def service_account(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A ServiceAccount is named; `serviceAccount` is an old name of the same field."""
    path: Path = ("spec", "serviceAccountName")
    name = lookup(view.data, path)
    if name is None and lookup(view.data, ("spec", "serviceAccount")):
        path = ("spec", "serviceAccount")
        name = lookup(view.data, path)
    if not name:
        yield Remark(path, "serviceAccountName is not set, so the pods run as default")
    elif name == "default":
        yield Remark(path, f"{path[-1]} is default; expected an account of the workload's own")


_SCRAPE = "prometheus.io/scrape"
_PORT = "prometheus.io/port"
_PATH = "prometheus.io/path"


def scrape(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The pods are annotated for scraping, at a port that one of their containers declares."""
    pod: Pod = view.subject
    base: Path = (*pod.base, "metadata", "annotations")
    given = as_dict(lookup(view.data, base))
    for name in (_SCRAPE, _PORT, _PATH):
        if name not in given:
            yield Remark((*base, name), f"the annotation {name} is missing on the pod template")
    if str(given.get(_SCRAPE, "true")).lower() != "true":
        yield Remark((*base, _SCRAPE), f'{_SCRAPE} is "{given[_SCRAPE]}"; expected "true"')
    port = str(given.get(_PORT, ""))
    declared = _declared_ports(pod)
    if is_placeholder(port):
        yield unverified((*base, _PORT), f"{_PORT} is {port}, filled in elsewhere")
    elif port and port not in declared:
        known = ", ".join(sorted(declared)) or "none"
        yield Remark((*base, _PORT), f'{_PORT} is "{port}"; the containers declare {known}')


def _declared_ports(pod: Pod) -> set[str]:
    return {
        str(port.get("containerPort"))
        for container in pod.containers
        for port in container.ports
        if port.get("containerPort") is not None
    }
