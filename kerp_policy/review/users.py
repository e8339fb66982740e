"""Which workloads see a ConfigMap or Secret, or one key of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict
from kerp_policy.artifacts.pods import pod_of
from kerp_policy.estate.labels import same_namespace
from kerp_policy.review.delta import End, Thing
from kerp_policy.scopes.reading import read_artifact

_NAMING = {
    "configMapRef": ("ConfigMap", "name"),
    "configMapKeyRef": ("ConfigMap", "name"),
    "configMap": ("ConfigMap", "name"),
    "secretRef": ("Secret", "name"),
    "secretKeyRef": ("Secret", "name"),
    "secret": ("Secret", "secretName"),
}
"""How pods name each (Pod API: env, envFrom, volumes, projected volumes)."""


class _Use(Struct, frozen=True):
    """That a workload sees keys of an object; all of them if `keys` is None."""

    workload: str
    namespace: str | None
    kind: str
    name: str
    keys: frozenset[str] | None


class Users:
    """The workloads of one end, by what they see. Optional references count, too."""

    def __init__(self, end: End) -> None:
        """Nothing is read before it is asked for."""
        self._end = end
        self._uses: dict[tuple[str, str], list[_Use]] = {}

    def of(self, owner: tuple[str, str | None, str], key: str) -> tuple[str, ...]:
        """The workloads that see a key of an object: its kind, namespace and name."""
        kind, namespace, name = owner
        if (kind, name) not in self._uses:
            self._uses[kind, name] = list(self._find(kind, name))
        return tuple(
            dict.fromkeys(
                use.workload
                for use in self._uses[kind, name]
                if same_namespace(use.namespace, namespace) is not False
                and (use.keys is None or key in use.keys)
            )
        )

    def _find(self, kind: str, name: str) -> Iterator[_Use]:
        context = self._end.context
        for source in self._end.run.sources.values():
            if context and name and name.encode() in source.data:
                for view in read_artifact(source, context).views:
                    if view.scope == "workload":
                        thing = Thing(source.path, view.subject.owner)
                        yield from (u for u in _uses(thing) if (u.kind, u.name) == (kind, name))


def _uses(thing: Thing) -> Iterator[_Use]:
    own: KubernetesObject = thing.object
    pod = pod_of(own)
    left: list[Any] = [pod.spec] if pod else []
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += reversed(value)
        elif isinstance(value, dict):
            left += reversed(list(value.values()))
            for part, (kind, naming) in _NAMING.items():
                about = as_dict(value.get(part))
                name = about.get(naming) or about.get("name")
                if name:
                    yield _Use(thing.name, own.namespace, kind, str(name), _keys(about))


def _keys(about: dict[str, Any]) -> frozenset[str] | None:
    """The keys that are picked out: one by `key`, some by `items`, else all."""
    if "key" in about:
        return frozenset({str(about["key"])})
    items = about.get("items")
    if not isinstance(items, list):
        return None
    return frozenset(str(item.get("key")) for item in items if isinstance(item, dict))
