"""What Kubernetes objects declare that others refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict
from kerp_policy.estate.facts import Fact
from kerp_policy.findings import Place
from kerp_policy.records import Kept
from kerp_policy.views import View, lookup

_KEYED = ("data", "stringData", "binaryData")
_FILLED_IN = ("kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token")
"""Types of Secrets into which the control plane itself writes."""


class Declared(Kept, frozen=True):
    """Any object, by what it is looked up by.

    `keys` are those of a ConfigMap or Secret; None where they come from elsewhere. `made_by` is
    what makes the object in the cluster, `ExternalSecret` for example; empty where its own
    manifest does.
    """

    file: str
    place: Place
    environment: str | None
    group: str
    kind: str
    namespace: str | None
    name: str
    keys: frozenset[str] | None = None
    made_by: str = ""

    @property
    def id(self) -> tuple[str, str | None, str]:
        """Its kind, namespace and name."""
        return self.kind, self.namespace, self.name

    @property
    def kind_and_name(self) -> tuple[str, str]:
        """What others name it by."""
        return self.kind, self.name


class Budget(Kept, frozen=True):
    """A PodDisruptionBudget; `selector` is None where it has none.

    `least` is `minAvailable` and `most` `maxUnavailable`, None where they are not set.
    """

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    selector: Mapping[str, Any] | None
    name: str = ""
    least: Any = None
    least_place: Place | None = None
    most: Any = None
    most_place: Place | None = None


def declared(view: View, thing: KubernetesObject) -> Declared:
    """An object as its own manifest declares it."""
    return Declared(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        thing.group,
        thing.kind,
        thing.namespace,
        thing.name,
        _own_keys(thing),
    )


def _own_keys(thing: KubernetesObject) -> frozenset[str] | None:
    """The keys of a ConfigMap or Secret; None for what is neither or is filled in elsewhere."""
    if thing.group or thing.kind not in ("ConfigMap", "Secret"):
        return None
    if thing.data.get("type") in _FILLED_IN:
        return None
    return frozenset(key for part in _KEYED for key in as_dict(thing.data.get(part)))


def _budget(view: View, thing: KubernetesObject) -> Iterator[Budget]:
    selector = lookup(thing.data, ("spec", "selector"))
    yield Budget(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        thing.namespace,
        as_dict(selector) if selector is not None else None,
        thing.name,
        lookup(thing.data, ("spec", "minAvailable")),
        thing.place(("spec", "minAvailable")),
        lookup(thing.data, ("spec", "maxUnavailable")),
        thing.place(("spec", "maxUnavailable")),
    )


Extract = Callable[[View, KubernetesObject], Iterable[Fact]]
"""From an object to its facts."""

OF_KIND: dict[tuple[str, str], Extract] = {("policy", "PodDisruptionBudget"): _budget}
