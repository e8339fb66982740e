"""What Kubernetes objects declare that others refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict
from kerp_policy.estate.facts import Fact
from kerp_policy.findings import Place
from kerp_policy.views import View, lookup

_KEYED = ("data", "stringData", "binaryData")


class Declared(NamedTuple):
    """Any object, by what it is looked up by.

    `keys` are those of a ConfigMap or Secret; None where they come from elsewhere.
    """

    file: str
    place: Place
    environment: str | None
    group: str
    kind: str
    namespace: str | None
    name: str
    keys: frozenset[str] | None = None

    @property
    def id(self) -> tuple[str, str | None, str]:
        """Its kind, namespace and name."""
        return self.kind, self.namespace, self.name


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

    @property
    def target_id(self) -> tuple[str, str | None, str]:
        """The kind, namespace and name of what it scales."""
        return self.kind, self.namespace, self.target


def object_facts(view: View) -> Iterator[Fact]:
    """The facts of one object."""
    thing: KubernetesObject = view.subject
    yield _declared(view, thing)
    if thing.kind in _OF_KIND:
        yield _OF_KIND[thing.kind](view, thing)


def _declared(view: View, thing: KubernetesObject) -> Declared:
    return Declared(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        thing.group,
        thing.kind,
        thing.namespace,
        thing.name,
        _keys(thing),
    )


def _keys(thing: KubernetesObject) -> frozenset[str] | None:
    if thing.group or thing.kind not in ("ConfigMap", "Secret"):
        return None
    return frozenset(key for part in _KEYED for key in as_dict(thing.data.get(part)))


def _budget(view: View, thing: KubernetesObject) -> Budget:
    selector = lookup(thing.data, ("spec", "selector"))
    return Budget(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        thing.namespace,
        as_dict(selector) if selector is not None else None,
    )


def _autoscaler(view: View, thing: KubernetesObject) -> Autoscaler:
    target = as_dict(lookup(thing.data, ("spec", "scaleTargetRef")))
    return Autoscaler(
        view.facts["file"],
        thing.place(("spec", "minReplicas")),
        view.environment,
        thing.namespace,
        str(target.get("kind", "")),
        str(target.get("name", "")),
        lookup(thing.data, ("spec", "minReplicas"), 1),
    )


_OF_KIND: dict[str, Callable[[View, KubernetesObject], Fact]] = {
    "PodDisruptionBudget": _budget,
    "HorizontalPodAutoscaler": _autoscaler,
}
