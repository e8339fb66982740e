"""What pods name: ConfigMaps, Secrets and their keys, claims, accounts, classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.pods import Container, Pod
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.records import Kept
from kerp_policy.views import View, lookup


class Reference(Kept, frozen=True):
    """That a workload names another object, and perhaps a key of it.

    Attributes:
        user: the kind and name of the workload.
        key: the key of the ConfigMap or Secret that is asked for, None where none is.
        key_place: where that stands.
    """

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    user: str
    kind: str
    name: str
    key: str | None = None
    key_place: Place | None = None

    @property
    def kind_and_name(self) -> tuple[str, str]:
        """What it is looked up by."""
        return self.kind, self.name


class _Named(Struct, frozen=True):
    """A name in a pod, by its path from the object's root; the key's as well."""

    kind: str
    name: Any
    path: Path
    key: Any = None
    key_path: Path | None = None


def references(view: View) -> Iterator[Reference]:
    """What the pods of a workload name; what is optional is left out, it may well be missing."""
    pod: Pod = view.subject
    for named in (*_of_pod(pod), *_of_volumes(pod), *_of_mounts(pod), *_of_containers(pod)):
        if isinstance(named.name, str) and named.name:
            yield Reference(
                view.facts["file"],
                pod.owner.place(named.path),
                view.environment,
                None if named.kind in _CLUSTER_WIDE else pod.owner.namespace,
                f"{pod.owner.kind} {pod.owner.name}",
                named.kind,
                named.name,
                named.key if isinstance(named.key, str) else None,
                pod.owner.place(named.key_path) if named.key_path else None,
            )


_CLUSTER_WIDE = ("PriorityClass",)


def _of_pod(pod: Pod) -> Iterator[_Named]:
    base: Path = (*pod.base, "spec")
    account = "serviceAccountName"
    if not pod.spec.get(account) and pod.spec.get("serviceAccount"):
        account = "serviceAccount"  # an old name of the same field
    for key, kind in ((account, "ServiceAccount"), ("priorityClassName", "PriorityClass")):
        yield _Named(kind, pod.spec.get(key), (*base, key))
    for i, secret in enumerate(as_list(pod.spec.get("imagePullSecrets"))):
        yield _Named("Secret", as_dict(secret).get("name"), (*base, "imagePullSecrets", i, "name"))


def _of_mounts(pod: Pod) -> Iterator[_Named]:
    """A `subPath` into a ConfigMap or Secret is one of its keys, unless `items` name the files."""
    for container in pod.containers:
        for i, mount in enumerate(map(as_dict, as_list(container.data.get("volumeMounts")))):
            volume = pod.volumes.get(str(mount.get("name")), {})
            sub_path = str(mount.get("subPath") or "").partition("/")[0]
            for part, kind, key in _KEYED if sub_path else ():
                about = as_dict(volume.get(part))
                if about.get("optional") is not True and not about.get("items"):
                    path = container.path(("volumeMounts", i, "subPath"))
                    yield _Named(kind, about.get(key), path, sub_path, path)


_KEYED = (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName"))


def _of_volumes(pod: Pod) -> Iterator[_Named]:
    for i, volume in enumerate(map(as_dict, as_list(pod.spec.get("volumes")))):
        base: Path = (*pod.base, "spec", "volumes", i)
        claim = lookup(volume, ("persistentVolumeClaim", "claimName"))
        where = (*base, "persistentVolumeClaim", "claimName")
        yield _Named("PersistentVolumeClaim", claim, where)
        yield from _source(base, volume, "secretName")
        for j, source in enumerate(as_list(lookup(volume, ("projected", "sources")))):
            yield from _source((*base, "projected", "sources", j), as_dict(source), "name")


def _source(base: Path, volume: dict[str, Any], secret_key: str) -> Iterator[_Named]:
    """A ConfigMap or Secret as files, with the keys that are picked out."""
    for part, kind, key in (("configMap", "ConfigMap", "name"), ("secret", "Secret", secret_key)):
        about = as_dict(volume.get(part))
        if about.get("optional") is True:
            continue
        path = (*base, part, key)
        yield _Named(kind, about.get(key), path)
        for i, item in enumerate(map(as_dict, as_list(about.get("items")))):
            where = (*base, part, "items", i, "key")
            yield _Named(kind, about.get(key), path, item.get("key"), where)


def _of_containers(pod: Pod) -> Iterator[_Named]:
    for container in pod.containers:
        for i, variable in enumerate(map(as_dict, as_list(container.data.get("env")))):
            yield from _of_variable(container, ("env", i, "valueFrom"), variable.get("valueFrom"))
        for i, source in enumerate(map(as_dict, as_list(container.data.get("envFrom")))):
            for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                about = as_dict(source.get(key))
                if about.get("optional") is not True:
                    yield _Named(
                        kind, about.get("name"), container.path(("envFrom", i, key, "name"))
                    )


def _of_variable(container: Container, path: Path, source: Any) -> Iterator[_Named]:
    for part, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        about = as_dict(as_dict(source).get(part))
        if about.get("optional") is not True:
            name_path, key_path = (container.path((*path, part, key)) for key in ("name", "key"))
            yield _Named(kind, about.get("name"), name_path, about.get("key"), key_path)
