"""The pods that Kubernetes objects make, and what is in effect for each of their containers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.paths import Path
from kerp_policy.views import lookup

INHERITED = (
    "runAsUser",
    "runAsGroup",
    "runAsNonRoot",
    "seLinuxOptions",
    "seccompProfile",
    "appArmorProfile",
    "windowsOptions",
)
"""Fields of a pod's securityContext that hold for its containers (API, PodSecurityContext)."""

SHARED = ("cpu", "memory")
"""Resources that a pod may state for all its containers (Kubernetes documentation, "Pod-level
resource specification"). Huge pages are left out: no policy asks a container for them."""


class Container(Struct, frozen=True):
    """A container with what is in effect for it.

    `origins` leads from paths in `data` whose value stands elsewhere to where it stands, counted
    from the object's root; every other path lies under `base`.
    """

    pod: Pod
    base: Path
    role: str
    data: dict[str, Any] = field(default_factory=dict)
    origins: dict[Path, Path] = field(default_factory=dict)

    def path(self, path: Path) -> Path:
        """From the object's root to where a path in `data` is written, or would be."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.origins:
                return (*self.origins[path[:length]], *path[length:])
        return (*self.base, *path)

    @property
    def name(self) -> str:
        """The container's name."""
        return str(self.data.get("name") or "")

    @property
    def ports(self) -> list[dict[str, Any]]:
        """The ports that it declares."""
        return [port for port in as_list(self.data.get("ports")) if isinstance(port, dict)]

    @property
    def long_running(self) -> bool:
        """Whether it runs as long as its pod serves: no job's, no plain init container."""
        return self.role != "init" and not self.pod.runs_once

    @property
    def is_main(self) -> bool:
        """Whether it is what its pod is named after: the only one, or named like its component."""
        named = self.name == self.pod.labels.get("component")
        return self.role == "container" and (named or self.pod.has_one_container)


class Pod(Struct, frozen=True, dict=True):
    """A pod template (or a Pod itself) of an object; `base` leads to it from the object's root."""

    owner: KubernetesObject
    base: Path

    @cached_property
    def data(self) -> dict[str, Any]:
        """The template: `metadata` and `spec`."""
        return as_dict(lookup(self.owner.data, self.base))

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The pod's `spec`."""
        return as_dict(self.data.get("spec"))

    @cached_property
    def labels(self) -> dict[str, Any]:
        """The labels that its pods get."""
        return as_dict(lookup(self.data, ("metadata", "labels")))

    @property
    def os(self) -> str:
        """The operating system it asks for, by its own field or by the nodes' label; or linux."""
        by_node = as_dict(self.spec.get("nodeSelector")).get("kubernetes.io/os")
        return str(lookup(self.spec, ("os", "name")) or by_node or "linux")

    @property
    def runs_once(self) -> bool:
        """Whether its pods may end by themselves: jobs, and bare pods that are not restarted.

        Of a PodTemplate by itself nobody can tell what becomes of it.
        """
        if self.owner.kind == "Pod":
            return self.spec.get("restartPolicy") in ("Never", "OnFailure")
        return self.owner.kind in ("Job", "CronJob", "PodTemplate")

    @cached_property
    def containers(self) -> list[Container]:
        """Init containers, native sidecars and containers, in the order they start."""
        # The pod that they know keeps none of them: what leads to itself outlives its use.
        pod = Pod(self.owner, self.base)
        return [*pod._list("initContainers"), *pod._list("containers")]

    @cached_property
    def has_one_container(self) -> bool:
        """Whether there is one container beside those that start before it."""
        return sum(isinstance(each, dict) for each in as_list(self.spec.get("containers"))) == 1

    @cached_property
    def volumes(self) -> dict[str, dict[str, Any]]:
        """The volumes by name; a StatefulSet's claims come before others of the name (API)."""
        volumes = map(as_dict, as_list(self.spec.get("volumes")))
        claims = as_list(lookup(self.owner.data, ("spec", "volumeClaimTemplates")))
        names = (lookup(claim, ("metadata", "name")) for claim in claims)
        return {str(volume.get("name")): volume for volume in volumes} | {
            str(name): {"persistentVolumeClaim": {}} for name in names if name
        }

    def _list(self, key: str) -> Iterator[Container]:
        for i, data in enumerate(as_list(self.spec.get(key))):
            if isinstance(data, dict):
                yield self._container(data, (*self.base, "spec", key, i), _role(key, data))

    def _container(self, own: dict[str, Any], base: Path, role: str) -> Container:
        container = Container(self, base, role, dict(own))
        self._inherit_security(container)
        self._inherit_resources(container)
        return container

    def _inherit_security(self, container: Container) -> None:
        own = as_dict(container.data.get("securityContext"))
        pods = as_dict(self.spec.get("securityContext"))
        inherited = {k: pods[k] for k in INHERITED if own.get(k) is None and k in pods}
        for key in inherited:
            origin = (*self.base, "spec", "securityContext", key)
            container.origins["securityContext", key] = origin
        if inherited:
            container.data["securityContext"] = {**own, **inherited}

    def _inherit_resources(self, container: Container) -> None:
        """A limit implies a request; the pod's resources hold where the container names none."""
        own = as_dict(container.data.get("resources"))
        effective = {part: dict(as_dict(own.get(part))) for part in ("requests", "limits")}
        self._imply_requests(container, effective)
        for part, values in effective.items():
            for name in SHARED:
                value = lookup(self.spec, ("resources", part, name))
                if value is not None and values.get(name) is None:
                    values[name] = value
                    origin = (*self.base, "spec", "resources", part, name)
                    container.origins["resources", part, name] = origin
        self._imply_requests(container, effective)
        if any(effective.values()):
            container.data["resources"] = {**own, **effective}

    def _imply_requests(self, container: Container, effective: dict[str, dict[str, Any]]) -> None:
        for name, value in effective["limits"].items():
            if value is not None and effective["requests"].get(name) is None:
                effective["requests"][name] = value
                origin = container.path(("resources", "limits", name))
                container.origins["resources", "requests", name] = origin


def _role(key: str, data: dict[str, Any]) -> str:
    if key == "containers":
        return "container"
    return "sidecar" if data.get("restartPolicy") == "Always" else "init"


def pod_of(thing: KubernetesObject) -> Pod | None:
    """The pod template of an object, or None for kinds that make no pods."""
    path = thing.pod_path
    if path is None or not isinstance(lookup(thing.data, (*path, "spec")), dict):
        return None
    return Pod(thing, path)
