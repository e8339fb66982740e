"""What workloads run, and what they need of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.artifacts.pods import SHARED, Pod
from kerp_policy.artifacts.pods import Container as PodContainer
from kerp_policy.estate.facts import Fact
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.records import Kept
from kerp_policy.views import View, lookup

_TOKEN = "automountServiceAccountToken"  # noqa: S105 - the name of a field
_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")
_PLACED = (
    "image",
    "command",
    "args",
    "resources",
    "securityContext.runAsUser",
    "securityContext.runAsGroup",
    "securityContext.runAsNonRoot",
    "securityContext.readOnlyRootFilesystem",
    "lifecycle.preStop",
)


class Port(Kept, frozen=True):
    """A port that a container declares; `number` is what is written, a placeholder perhaps."""

    place: Place
    name: str
    number: Any
    protocol: str


class Probe(Kept, frozen=True):
    """A probe: which (`readinessProbe`), by what (`httpGet`), and where it asks."""

    place: Place
    which: str
    handler: str
    port: Any
    path: Any
    port_place: Place


class Mount(Kept, frozen=True):
    """A volume in a container; `kind` is the volume's, such as `emptyDir` or `configMap`."""

    path: str
    volume: str
    kind: str
    read_only: bool


class Container(Kept, frozen=True):
    """A container, with what is in effect for it.

    `places` leads from `image`, `securityContext.runAsUser` and their like to where the value
    stands, or would; from `resources.limits.cpu` and its like only where it is stated.
    """

    place: Place
    name: str
    role: str
    long_running: bool
    image: str | None
    command: bool
    """Whether it replaces the image's entrypoint."""
    ports: tuple[Port, ...]
    probes: tuple[Probe, ...]
    security: Mapping[str, Any]
    resources: Mapping[str, Any]
    mounts: tuple[Mount, ...]
    environment: frozenset[str]
    """The names of the variables whose value is written as such; values may be secrets."""
    places: Mapping[str, Place]
    has_pre_stop: bool = False


class Workload(Kept, frozen=True):
    """Something that makes pods.

    `replicas` is what its own manifest sets, None where it sets none, and `replicas_place` where
    that stands or would; `labels` are those of its pods.
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
    selector: Mapping[str, Any] | None = None
    containers: tuple[Container, ...] = ()
    host_network: bool = False
    max_surge: Any = None
    strategy: str = ""
    parallelism: Any = None
    """How many pods a job runs at once, None where it does not say."""
    completions: Any = None
    """How many pods of a job are to succeed, None where it does not say."""
    resources: Mapping[str, Any] = {}
    """What the pod states for all its containers."""
    has_deadline: bool = False
    priority_class: str = ""
    sysctls: Mapping[str, Any] = {}
    account: str = ""
    token: Any = None
    """What its pods say of a token of their account, None where they say nothing."""
    token_place: Place | None = None

    @property
    def id(self) -> tuple[str, str | None, str]:
        """Its kind, namespace and name."""
        return self.kind, self.namespace, self.name

    @property
    def kind_and_name(self) -> tuple[str, str]:
        """What autoscalers name it by."""
        return self.kind, self.name

    @property
    def serving(self) -> list[Container]:
        """The containers that run as long as the pod: to their ports a Service can lead."""
        return [container for container in self.containers if container.role != "init"]


def workload_facts(view: View) -> Iterator[Fact]:
    """The facts of one workload, and what its pods name."""
    from kerp_policy.estate.references import references

    yield _workload(view)
    yield from references(view)


def _workload(view: View) -> Workload:
    pod: Pod = view.subject
    owner = pod.owner
    selector = lookup(owner.data, ("spec", "selector"))
    return Workload(
        view.facts["file"],
        owner.place(("metadata", "name")),
        view.environment,
        owner.kind,
        owner.name,
        owner.namespace,
        pod.labels,
        lookup(owner.data, ("spec", "replicas")),
        owner.place(("spec", "replicas")),
        selector if isinstance(selector, dict) else None,
        tuple(_container(pod, container) for container in pod.containers),
        pod.spec.get("hostNetwork") is True,
        lookup(owner.data, ("spec", "strategy", "rollingUpdate", "maxSurge")),
        str(lookup(owner.data, ("spec", "strategy", "type"), "")),
        lookup(owner.data, (*_job_path(owner), "parallelism")),
        lookup(owner.data, (*_job_path(owner), "completions")),
        as_dict(pod.spec.get("resources")),
        pod.spec.get("activeDeadlineSeconds") is not None,
        str(pod.spec.get("priorityClassName") or ""),
        {
            str(each.get("name")): each.get("value")
            for each in map(as_dict, as_list(lookup(pod.spec, ("securityContext", "sysctls"))))
        },
        str(pod.spec.get("serviceAccountName") or pod.spec.get("serviceAccount") or ""),
        pod.spec.get(_TOKEN),
        owner.place((*pod.base, "spec", _TOKEN)),
    )


def _job_path(owner: KubernetesObject) -> Path:
    return ("spec", "jobTemplate", "spec") if owner.kind == "CronJob" else ("spec",)


def _container(pod: Pod, container: PodContainer) -> Container:
    def place(*path: str | int) -> Place:
        return pod.owner.place(container.path(path))

    data, image = container.data, container.data.get("image")
    return Container(
        place("name"),
        container.name,
        container.role,
        container.long_running,
        image if isinstance(image, str) else None,
        bool(data.get("command")),
        tuple(_ports(container, place)),
        tuple(_probes(container, place)),
        as_dict(data.get("securityContext")),
        as_dict(data.get("resources")),
        tuple(_mounts(pod, container)),
        frozenset(_variables(container)),
        {name: place(*name.split(".")) for name in (*_PLACED, *_amounts(data))},
        bool(lookup(data, ("lifecycle", "preStop"))),
    )


def _amounts(data: dict[str, Any]) -> Iterator[str]:
    """The requests and limits of CPU and memory that are in effect."""
    for part in ("requests", "limits"):
        stated = as_dict(lookup(data, ("resources", part)))
        yield from (f"resources.{part}.{name}" for name in SHARED if name in stated)


def _ports(container: PodContainer, place: Any) -> Iterator[Port]:
    for index, port in enumerate(as_list(container.data.get("ports"))):
        if isinstance(port, dict):
            where = place("ports", index, "containerPort")
            name, protocol = str(port.get("name") or ""), str(port.get("protocol") or "TCP")
            yield Port(where, name, port.get("containerPort"), protocol)


def _probes(container: PodContainer, place: Any) -> Iterator[Probe]:
    for which in _PROBES:
        probe = as_dict(container.data.get(which))
        for handler in _HANDLERS:
            if handler in probe:
                about = as_dict(probe[handler])
                yield Probe(
                    place(which, handler, "path" if "path" in about else "port"),
                    which,
                    handler,
                    about.get("port"),
                    about.get("path"),
                    place(which, handler, "port"),
                )


def _mounts(pod: Pod, container: PodContainer) -> Iterator[Mount]:
    for mount in map(as_dict, as_list(container.data.get("volumeMounts"))):
        name = str(mount.get("name") or "")
        kinds = [key for key in pod.volumes.get(name, {}) if key != "name"]
        read_only = mount.get("readOnly") is True
        yield Mount(str(mount.get("mountPath") or ""), name, (kinds or [""])[0], read_only)


def _variables(container: PodContainer) -> Iterator[str]:
    for variable in map(as_dict, as_list(container.data.get("env"))):
        if "value" in variable:
            yield str(variable.get("name"))
