"""What the API server refuses of pods whose parts all fit their schema.

Source: the API reference of Kubernetes, PodSpec (`containers`: unique names; `initContainers`: no
probes, no lifecycle), EnvVar (`valueFrom`), Probe (`successThreshold`) and the keys by which the
lists of volumes and mounts are merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.kubernetes.refused_parts import (
    Refused,
    entries,
    refused_of_container,
    refused_of_placement,
    refused_of_volumes,
)
from kerp_policy.paths import Path, format_path
from kerp_policy.wording import shown

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_Entry = tuple[Path, dict[str, Any]]


def refused_of_pod(data: Mapping[str, Any], spec: Path) -> Iterator[Refused]:
    """What stands twice in a pod, and what its containers may not have.

    Args:
        data: the object that makes the pod.
        spec: where the pod's `spec` stands in it.
    """
    containers = [
        *entries(data, (*spec, "containers")),
        *entries(data, (*spec, "initContainers")),
    ]
    yield from _twice(containers, "name", "a name of its own")
    yield from _twice(entries(data, (*spec, "volumes")), "name", "a name of its own")
    for base, container in containers:
        mounts = entries(container, ("volumeMounts",))
        for path, what, expected in _twice(mounts, "mountPath", "a path of its own"):
            yield (*base, *path), what, expected
        yield from _variables(base, container)
        yield from _probes(base, container)
        yield from refused_of_container(base, container)
    yield from refused_of_volumes(data, spec)
    yield from refused_of_placement(data, spec)


def _twice(entries: Iterable[_Entry], key: str, expected: str) -> Iterator[Refused]:
    first: dict[str, Path] = {}
    for path, entry in entries:
        value = entry.get(key)
        if isinstance(value, str) and first.setdefault(value, path) != path:
            other = format_path(first[value][-2:])
            what = f"{format_path((*path[-2:], key))} is {shown(value)}, as in {other}"
            yield (*path, key), what, expected


def _variables(base: Path, container: Mapping[str, Any]) -> Iterator[Refused]:
    for path, variable in entries(container, ("env",)):
        if variable.get("value") and variable.get("valueFrom"):
            what = f"{variable.get('name')} has both a value and a valueFrom"
            yield (*base, *path, "value"), what, "one of them"


def _probes(base: Path, container: Mapping[str, Any]) -> Iterator[Refused]:
    ends = base[-2] == "initContainers" and container.get("restartPolicy") != "Always"
    for key in (*_PROBES, "lifecycle") if ends else ():
        if container.get(key):
            what = f"an init container has a {key}"
            yield (*base, key), what, "none, or restartPolicy: Always as a sidecar has it"
    for key in ("livenessProbe", "startupProbe"):
        threshold = as_dict(container.get(key)).get("successThreshold")
        if isinstance(threshold, int) and threshold > 1:
            what = f"{key}.successThreshold is {threshold}"
            yield (*base, key, "successThreshold"), what, "1"
