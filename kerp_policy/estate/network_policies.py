"""NetworkPolicies, and which directions of which pods they restrict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict
from kerp_policy.findings import Place
from kerp_policy.kubernetes.network_policies import directions
from kerp_policy.records import Kept
from kerp_policy.views import View

if TYPE_CHECKING:
    from kerp_policy.estate.objects import Extract


class NetworkPolicy(Kept, frozen=True):
    """A NetworkPolicy; an empty `selector`, or none, is every pod of its namespace."""

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    name: str
    selector: Mapping[str, Any]
    directions: tuple[str, ...]


def _network_policy(view: View, thing: KubernetesObject) -> Iterator[NetworkPolicy]:
    spec = as_dict(thing.data.get("spec"))
    yield NetworkPolicy(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        thing.namespace,
        thing.name,
        as_dict(spec.get("podSelector")),
        directions(spec),
    )


OF_KIND: dict[tuple[str, str], Extract] = {
    ("networking.k8s.io", "NetworkPolicy"): _network_policy,
}
