"""Checks of HorizontalPodAutoscalers by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.parameters import COUNT, takes
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import differs, filled_in, shown

_METRICS: Path = ("spec", "metrics")
_WINDOW = {"type": "integer", "minimum": 0, "maximum": 3600}
_OLD = "autoscaling/v2beta1"
"""Not served since Kubernetes 1.25, with fields of other names; `api-version` tells."""


@takes(min=COUNT, max=COUNT)
def bounds(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """minReplicas, by default 1, and maxReplicas keep within the standard's bounds."""
    low, high = ("spec", "minReplicas"), ("spec", "maxReplicas")
    least, most = lookup(view.data, low), lookup(view.data, high)
    if least is None:
        message = f"minReplicas is not set, which means 1; expected at least {params['min']}"
        yield Remark(low, message)
    elif is_placeholder(str(least)):
        yield unverified(low, filled_in("minReplicas", least, f"at least {params['min']}"))
    elif type(least) is int and least < params["min"]:
        yield Remark(low, differs("minReplicas", least, f"at least {params['min']}"))
    if is_placeholder(str(most)):
        yield unverified(high, filled_in("maxReplicas", most, f"at most {params['max']}"))
    elif type(most) is int:
        yield from _most(high, most, least, params["max"])


def _most(path: Path, most: int, least: Any, highest: int) -> Iterator[Remark]:
    if most > highest:
        yield Remark(path, differs("maxReplicas", most, f"at most {highest}"))
    if type(least) is int and most < least:
        yield Remark(path, differs("maxReplicas", most, f"at least minReplicas, {least}"))


@takes(cpu=COUNT, memory=COUNT)
def targets(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """CPU and memory are scaled on at the standard's utilization.

    autoscaling/v1 knows only `targetCPUUtilizationPercentage`. Without any metric the cluster
    aims at 80 % CPU (Kubernetes API, HorizontalPodAutoscalerSpec).
    """
    if view.data.get("apiVersion") == _OLD:
        yield NOT_APPLICABLE
    elif view.data.get("apiVersion") == "autoscaling/v1":
        yield from _version_1(view, params)
    elif not as_list(lookup(view.data, _METRICS)):
        message = "metrics is not set, which means cpu at 80 %"
        yield Remark(_METRICS, f"{message}; expected cpu at {params['cpu']} % and memory as well")
    else:
        for name in ("cpu", "memory"):
            yield from _resource_targets(view.data, name, params[name])


def _version_1(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    path = ("spec", "targetCPUUtilizationPercentage")
    value = lookup(view.data, path)
    yield from _wrong_target(path, "cpu", value, params["cpu"], unset="not set")
    message = "apiVersion is autoscaling/v1, which cannot scale on memory; expected autoscaling/v2"
    yield Remark(("apiVersion",), message)


def _resource_targets(data: Any, name: str, wanted: Any) -> Iterator[Remark]:
    found = [(path, value) for path, resource, value in _utilizations(data) if resource == name]
    if not found:
        message = f"there is no metric for the {name} of the pods; expected one at {wanted} %"
        yield Remark(_METRICS, message, subject=name)
    for path, value in found:
        yield from _wrong_target(path, name, value, wanted, unset="no average utilization")


def _wrong_target(path: Path, name: str, value: Any, wanted: Any, unset: str) -> Iterator[Remark]:
    if is_placeholder(str(value)):
        yield unverified(path, filled_in(f"the target for {name}", value, f"{wanted} %"))
    elif value != wanted:
        said = unset if value is None else _measured(value, "%")
        yield Remark(path, f"the target for {name} is {said}; expected {wanted} %")


def _measured(value: Any, unit: str) -> str:
    """A number with its unit; what is no number stands as it is written, `"80"` for example."""
    return f"{value} {unit}" if isinstance(value, (int, float)) else shown(value)


def _utilizations(data: Any) -> Iterator[tuple[Path, Any, Any]]:
    """The resource metrics, of whole pods or of one container: place, resource, utilization."""
    for i, metric in enumerate(as_list(lookup(data, _METRICS))):
        source = _SOURCES.get(str(as_dict(metric).get("type")))
        if source:
            path = (*_METRICS, i, source, "target", "averageUtilization")
            yield path, lookup(data, (*_METRICS, i, source, "name")), lookup(data, path)


_SOURCES = {"Resource": "resource", "ContainerResource": "containerResource"}


@takes(up=_WINDOW, down=_WINDOW)
def windows(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The stabilization windows; unset means 0 s up and 300 s down (HPA documentation)."""
    if view.data.get("apiVersion") in ("autoscaling/v1", _OLD):
        yield NOT_APPLICABLE
        return
    for direction, key, default in (("scaleUp", "up", 0), ("scaleDown", "down", 300)):
        path = ("spec", "behavior", direction, "stabilizationWindowSeconds")
        value, wanted = lookup(view.data, path), params[key]
        if is_placeholder(str(value)):
            message = filled_in(f"the {direction} window", value, f"{wanted} s")
            yield unverified(path, message)
        elif (default if value is None else value) != wanted:
            unset = f"not set, which means {default} s"
            said = unset if value is None else _measured(value, "s")
            yield Remark(path, f"the {direction} window is {said}; expected {wanted} s")
