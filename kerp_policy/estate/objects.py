"""What Kubernetes objects declare that others refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict
from kerp_policy.estate.facts import Fact
from kerp_policy.findings import Place
from kerp_policy.records import Kept
from kerp_policy.views import View, lookup


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


def object_facts(view: View) -> Iterator[Fact]:
    """The facts of one object."""
    from kerp_policy.estate import autoscalers, keys, quotas, selections, services

    thing: KubernetesObject = view.subject
    yield declared(view, thing)
    tables = (_OF_KIND, autoscalers.OF_KIND, keys.OF_KIND, quotas.OF_KIND)
    for table in (*tables, selections.OF_KIND, services.OF_KIND):
        if extract := table.get((thing.group, thing.kind)):
            yield from extract(view, thing)


def declared(view: View, thing: KubernetesObject) -> Declared:
    """An object as its own manifest declares it."""
    from kerp_policy.estate.keys import own_keys

    return Declared(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        thing.group,
        thing.kind,
        thing.namespace,
        thing.name,
        own_keys(thing),
    )


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

_OF_KIND: dict[tuple[str, str], Extract] = {("policy", "PodDisruptionBudget"): _budget}
