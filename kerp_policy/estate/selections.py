"""What selects others by their labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.findings import Place
from kerp_policy.kubernetes.network_policies import RULES
from kerp_policy.paths import Path
from kerp_policy.records import Kept
from kerp_policy.views import View, lookup

if TYPE_CHECKING:
    from kerp_policy.estate.objects import Extract


class Endpoint(Kept, frozen=True):
    """A port that a monitor scrapes, by its name."""

    place: Place
    port: str


class Selection(Kept, frozen=True):
    """That an object selects pods or Services.

    Attributes:
        place: where the selector stands, or would.
        selector: a LabelSelector.
        of: what is selected.
        namespaces: where; of `Any` namespace if None.
        endpoints: the ports that it asks of what it selects.
    """

    file: str
    place: Place
    environment: str | None
    kind: str
    namespace: str | None
    name: str
    selector: Mapping[str, Any]
    of: Literal["pods", "services"]
    namespaces: tuple[str | None, ...] | None
    endpoints: tuple[Endpoint, ...] = ()


def _of_service(view: View, thing: KubernetesObject) -> Iterator[Selection]:
    """A Service selects by plain labels; an ExternalName, or one without a selector, nothing."""
    spec = as_dict(thing.data.get("spec"))
    labels = as_dict(spec.get("selector"))
    if labels and spec.get("type") != "ExternalName":
        yield _selection(view, thing, "selector", {"matchLabels": labels})


def _of_budget(view: View, thing: KubernetesObject) -> Iterator[Selection]:
    if selector := lookup(thing.data, ("spec", "selector")):
        yield _selection(view, thing, "selector", as_dict(selector))


def _of_network_policy(view: View, thing: KubernetesObject) -> Iterator[Selection]:
    """An empty podSelector, or none, is every pod (NetworkPolicySpec): nothing to find.

    Of its peers only those of its own namespace: others may well be of somebody else.
    """
    if selector := lookup(thing.data, ("spec", "podSelector")):
        yield _selection(view, thing, "podSelector", as_dict(selector))
    for path in _own_peers(as_dict(thing.data.get("spec"))):
        selection = _selection(view, thing, "podSelector", lookup(thing.data, path))
        yield replace(selection, kind="NetworkPolicyPeer", place=thing.place(path))


def _own_peers(spec: dict[str, Any]) -> Iterator[Path]:
    """Where a policy selects peers by their labels in its own namespace."""
    for key, peers in RULES.values():
        for i, rule in enumerate(as_list(spec.get(key))):
            for j, peer in enumerate(map(as_dict, as_list(as_dict(rule).get(peers)))):
                if as_dict(peer.get("podSelector")) and peer.get("namespaceSelector") is None:
                    yield "spec", key, i, peers, j, "podSelector"


def _of_monitor(view: View, thing: KubernetesObject) -> Iterator[Selection]:
    """A ServiceMonitor or PodMonitor; by default of its own namespace (Prometheus Operator API)."""
    spec = as_dict(thing.data.get("spec"))
    chosen = as_dict(spec.get("namespaceSelector"))
    named = tuple(str(name) for name in as_list(chosen.get("matchNames")))
    selection = _selection(view, thing, "selector", as_dict(spec.get("selector")))
    pods = thing.kind == "PodMonitor"
    yield replace(
        selection,
        of="pods" if pods else "services",
        namespaces=None if chosen.get("any") is True else named or (thing.namespace,),
        endpoints=tuple(_endpoints(thing, "podMetricsEndpoints" if pods else "endpoints")),
    )


def _endpoints(thing: KubernetesObject, key: str) -> Iterator[Endpoint]:
    for i, endpoint in enumerate(map(as_dict, as_list(lookup(thing.data, ("spec", key))))):
        port = endpoint.get("port")
        if isinstance(port, str) or type(port) is int:  # a number is taken for no name either
            yield Endpoint(thing.place(("spec", key, i, "port")), str(port))


def _selection(
    view: View, thing: KubernetesObject, key: str, selector: Mapping[str, Any]
) -> Selection:
    return Selection(
        view.facts["file"],
        thing.place(("spec", key)),
        view.environment,
        thing.kind,
        thing.namespace,
        thing.name,
        selector,
        "pods",
        (thing.namespace,),
    )


OF_KIND: dict[tuple[str, str], Extract] = {
    ("", "Service"): _of_service,
    ("policy", "PodDisruptionBudget"): _of_budget,
    ("networking.k8s.io", "NetworkPolicy"): _of_network_policy,
    ("monitoring.coreos.com", "ServiceMonitor"): _of_monitor,
    ("monitoring.coreos.com", "PodMonitor"): _of_monitor,
}
