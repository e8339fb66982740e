"""The hosts under which things are reached from outside."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.records import Kept
from kerp_policy.views import View, lookup

_INGRESS = frozenset(("networking.k8s.io", "extensions"))
_GATEWAY = "gateway.networking.k8s.io"


class Host(Kept, frozen=True):
    """A host that an Ingress or a route of a Gateway serves; `owner` is its kind and name."""

    file: str
    place: Place
    environment: str | None
    host: str
    owner: str


def hosts(view: View) -> Iterator[Host]:
    """The hosts of one object."""
    thing: KubernetesObject = view.subject
    for path, host in _written(thing):
        if isinstance(host, str) and host:
            owner = f"{thing.kind} {thing.name}"
            file, environment = view.facts["file"], view.environment
            yield Host(file, thing.place(path), environment, host.lower(), owner)


def _written(thing: KubernetesObject) -> Iterator[tuple[Path, object]]:
    if thing.group in _INGRESS and thing.kind == "Ingress":
        rules = as_list(lookup(thing.data, ("spec", "rules")))
        for i, rule in enumerate(rules):
            yield ("spec", "rules", i, "host"), as_dict(rule).get("host")
    elif thing.group == _GATEWAY and thing.kind in ("HTTPRoute", "GRPCRoute", "TLSRoute"):
        for i, name in enumerate(as_list(lookup(thing.data, ("spec", "hostnames")))):
            yield ("spec", "hostnames", i), name
