"""Cutting a manifest into the things that policies are asked about (`each`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict
from kerp_policy.artifacts.pods import Container, pod_of
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.policy.environments import evidence, hints
from kerp_policy.policy.model import Profile
from kerp_policy.views import View


def kubernetes_views(
    thing: KubernetesObject, file: str, profile: Profile, assumed: str | None
) -> Iterator[View]:
    """The views of an object: itself, and where it makes pods the workload, pod and containers.

    Args:
        thing: the object.
        file: the file it lies in, relative to the project root.
        profile: the standard, for its environments and versions.
        assumed: the environment of what shows none.
    """
    facts = _facts(thing, file, profile, assumed)
    yield _object_view("object", thing, facts, thing)
    pod = pod_of(thing)
    if pod is None:
        return
    facts = {**facts, "labels": pod.labels, "os": pod.os}
    yield _object_view("workload", thing, facts, pod)
    yield View("pod", pod.data, facts, lambda path: thing.place((*pod.base, *path)), pod)
    for container in pod.containers:
        yield from _container_views(thing, container, facts)


def _object_view(scope: str, thing: KubernetesObject, facts: dict[str, Any], subject: Any) -> View:
    return View(scope, thing.data, facts, thing.place, subject)


def _container_views(
    thing: KubernetesObject, container: Container, facts: dict[str, Any]
) -> Iterator[View]:
    facts = {**facts, "role": container.role, "long_running": container.long_running}

    def locate(path: Path) -> Place:
        return thing.place(container.path(path))

    yield View("container", container.data, facts, locate, container)


def _facts(
    thing: KubernetesObject, file: str, profile: Profile, assumed: str | None
) -> dict[str, Any]:
    labels = as_dict(thing.metadata.get("labels"))
    name = thing.name if thing.kind == "Namespace" else thing.namespace
    written: dict[str, Any] = {"path": file, "namespace": name, "labels": labels}
    signs = list(evidence(profile.environments, **written))
    return {
        "file": file,
        "kind": thing.kind,
        "group": thing.group,
        "namespace": thing.namespace,
        "name": thing.name,
        "labels": labels,
        "environment": signs[0].environment if signs else assumed,
        "signs": [*signs, *hints(profile.environments, **written)],
        "kubernetes": profile.versions.get("kubernetes", ""),
    }
