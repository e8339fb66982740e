"""Checks of HorizontalPodAutoscalers by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.findings import NOT_APPLICABLE, Remark
from kerp_policy.paths import Path
from kerp_policy.views import View, lookup

_METRICS: Path = ("spec", "metrics")


def bounds(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """minReplicas, by default 1, and maxReplicas keep within the standard's bounds."""
    least, most = (lookup(view.data, ("spec", key)) for key in ("minReplicas", "maxReplicas"))
    if least is None:
        message = f"minReplicas is not set, which means 1; expected at least {params['min']}"
        yield Remark(("spec", "minReplicas"), message)
    elif isinstance(least, int) and least < params["min"]:
        message = f"minReplicas is {least}; expected at least {params['min']}"
        yield Remark(("spec", "minReplicas"), message)
    if not isinstance(most, int):
        return
    if most > params["max"]:
        message = f"maxReplicas is {most}; expected at most {params['max']}"
        yield Remark(("spec", "maxReplicas"), message)
    if isinstance(least, int) and most < least:
        message = f"maxReplicas is {most}, less than minReplicas {least}"
        yield Remark(("spec", "maxReplicas"), f"{message}; the API server refuses it")


def targets(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """CPU and memory are scaled on at the standard's utilization.

    autoscaling/v1 knows only `targetCPUUtilizationPercentage`.
    """
    if view.data.get("apiVersion") == "autoscaling/v1":
        yield from _version_1(view, params)
        return
    found = dict(_utilizations(view.data))
    for name in ("cpu", "memory"):
        if name not in found:
            yield Remark(_METRICS, f"there is no metric for the {name} of the pods", subject=name)
            continue
        path, value = found[name]
        if value != params[name]:
            shown = "not a utilization" if value is None else f"{value} %"
            yield Remark(path, f"the target for {name} is {shown}; expected {params[name]} %")


def _version_1(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    path = ("spec", "targetCPUUtilizationPercentage")
    value = lookup(view.data, path)
    if value != params["cpu"]:
        shown = "not set" if value is None else f"{value} %"
        yield Remark(path, f"the target for cpu is {shown}; expected {params['cpu']} %")
    message = "autoscaling/v1 cannot scale on memory; expected autoscaling/v2 with a memory metric"
    yield Remark(("apiVersion",), message)


def _utilizations(data: Any) -> Iterator[tuple[str, tuple[Path, Any]]]:
    for i, metric in enumerate(as_list(lookup(data, _METRICS))):
        resource = as_dict(as_dict(metric).get("resource"))
        if as_dict(metric).get("type") == "Resource" and resource.get("name"):
            path: Path = (*_METRICS, i, "resource", "target", "averageUtilization")
            yield str(resource["name"]), (path, lookup(data, path))


def windows(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The stabilization windows; unset means 0 s up and 300 s down (HPA documentation)."""
    if view.data.get("apiVersion") == "autoscaling/v1":
        yield NOT_APPLICABLE
        return
    for direction, key, default in (("scaleUp", "up", 0), ("scaleDown", "down", 300)):
        path = ("spec", "behavior", direction, "stabilizationWindowSeconds")
        value = lookup(view.data, path)
        effective = default if value is None else value
        if effective != params[key]:
            unset = "not set, which means " if value is None else ""
            message = f"the {direction} window is {unset}{effective} s; expected {params[key]} s"
            yield Remark(path, message)
