"""Facts: what one file says that may matter to another. Small, plain, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict
from kerp_policy.artifacts.pods import Pod
from kerp_policy.findings import Place
from kerp_policy.views import View, lookup


class Workload(NamedTuple):
    """Something that makes pods.

    `replicas` is what its own manifest sets, None where it sets none, and `replicas_place` where
    that stands or would.
    """

    file: str
    place: Place
    environment: str | None
    kind: str
    name: str
    namespace: str | None
    labels: Mapping[str, Any]
    replicas: Any
    replicas_place: Place


class Budget(NamedTuple):
    """A PodDisruptionBudget; `selector` is None where it has none."""

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    selector: Mapping[str, Any] | None


class Autoscaler(NamedTuple):
    """A HorizontalPodAutoscaler: what it scales, and from how many replicas on (by default 1)."""

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    kind: str
    target: str
    least: Any


Fact = Workload | Budget | Autoscaler


def facts_of(file: str, views: Sequence[View]) -> Iterator[Fact]:
    """The facts of one file, from the views that its artifact was cut into."""
    for view in views:
        if view.scope == "workload":
            yield _workload(file, view)
        elif view.scope == "object" and view.facts["kind"] in _OF_OBJECT:
            yield _OF_OBJECT[view.facts["kind"]](file, view)


def _workload(file: str, view: View) -> Workload:
    pod: Pod = view.subject
    owner = pod.owner
    return Workload(
        file,
        owner.place(("metadata", "name")),
        view.environment,
        owner.kind,
        owner.name,
        owner.namespace,
        pod.labels,
        lookup(owner.data, ("spec", "replicas")),
        owner.place(("spec", "replicas")),
    )


def _budget(file: str, view: View) -> Budget:
    thing: KubernetesObject = view.subject
    selector = lookup(thing.data, ("spec", "selector"))
    place = thing.place(("metadata", "name"))
    return Budget(
        file,
        place,
        view.environment,
        thing.namespace,
        as_dict(selector) if selector is not None else None,
    )


def _autoscaler(file: str, view: View) -> Autoscaler:
    thing: KubernetesObject = view.subject
    target = as_dict(lookup(thing.data, ("spec", "scaleTargetRef")))
    return Autoscaler(
        file,
        thing.place(("spec", "minReplicas")),
        view.environment,
        thing.namespace,
        str(target.get("kind", "")),
        str(target.get("name", "")),
        lookup(thing.data, ("spec", "minReplicas"), 1),
    )


_OF_OBJECT: dict[str, Callable[[str, View], Fact]] = {
    "PodDisruptionBudget": _budget,
    "HorizontalPodAutoscaler": _autoscaler,
}
