"""Joint checks of what a pod does not let the image in it do: low ports, a read-only root.

Sources: Kubernetes documentation, "Using sysctls in a Kubernetes Cluster" and "Configure a
Security Context for a Pod or Container"; capabilities(7).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.docker.writes import Writes, is_within, writes_of
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.images import Target, User
from kerp_policy.estate.running import Images, together
from kerp_policy.estate.workloads import Container, Port, Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark
from kerp_policy.wording import listed

_SYSCTL = "net.ipv4.ip_unprivileged_port_start"
_BINDING = frozenset({"NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE", "ALL"})
_LOWEST = 1024
_SHOWN = 3


def low_ports(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A container that runs as another user than root listens on ports from 1024 on.

    Lower ones take a capability, or a sysctl that containerd 2, Docker and others set by
    themselves and CRI-O does not; on the network of the node none of them does.
    """
    for workload, container, images in estate.made(Images).containers:
        lowest = _lowest(workload)
        low = [port for port in container.ports if _is_low(port, lowest)]
        users = [image.target.user for image in images]
        if not low or not _is_user(container, users) or _may_bind(container):
            yield Judged(workload, () if container.ports else (NOT_APPLICABLE,))
        else:
            told = (_low(workload, container, port, users) for port in low)
            yield Judged(workload, tuple(told))


def _lowest(workload: Workload) -> int:
    """The lowest port that every user may listen on, as far as the manifest says."""
    value = str(workload.sysctls.get(_SYSCTL, _LOWEST))
    return int(value) if value.isdecimal() and not workload.host_network else _LOWEST


def _is_low(port: Port, lowest: int) -> bool:
    return type(port.number) is int and 0 < port.number < lowest


def _is_user(container: Container, users: Sequence[User]) -> bool:
    """Whether a container surely runs as another user than root."""
    uid = container.security.get("runAsUser")
    if uid is not None:
        return type(uid) is int and uid != 0
    return container.security.get("runAsNonRoot") is True or (
        bool(users) and all(user.uid not in (None, 0) for user in users)
    )


def _may_bind(container: Container) -> bool:
    added = as_list(as_dict(container.security.get("capabilities")).get("add"))
    return container.security.get("privileged") is True or bool(_BINDING & set(map(str, added)))


def _low(workload: Workload, container: Container, port: Port, users: Sequence[User]) -> Remark:
    uid = container.security.get("runAsUser")
    number = users[0].uid if uid is None and users else uid
    who = f"UID {number}" if number is not None else "a user that is not root"
    lets = "only a runtime that opens such ports to everybody lets it, which CRI-O does not"
    if workload.host_network:
        lets = "on the node's own network no runtime lets it"
    related = (Related(u.file, u.place, "the image's user") for u in users[:1] if uid is None)
    return Remark(
        port.place,
        f"container {container.name} listens on port {port.number} as {who}: {lets}",
        subject=f"{container.name} {port.number}",
        related=tuple(related),
    )


def read_only_root(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """Where the root file system is read-only, what the image writes is on a volume."""
    for workload, container, images in estate.made(Images).containers:
        if container.security.get("readOnlyRootFilesystem") is not True or container.command:
            yield Judged(workload, (NOT_APPLICABLE,))
        elif images:
            yield Judged(workload, tuple(together(images, partial(_unwritable, container))))
        else:
            own = _not_mounted(container, writes_of(container.image or ""), None)
            yield Judged(workload, (own,) if own else ())


def _unwritable(container: Container, target: Target) -> Remark | None:
    writes = writes_of(target.base)
    if writes is None or target.starts not in writes.program:
        return None
    if any(is_within(writes.settings, path) for path in target.changed):
        return None
    related = Related(target.file, target.base_place, "the image that it starts from")
    return _not_mounted(container, writes, related)


def _not_mounted(
    container: Container, writes: Writes | None, related: Related | None
) -> Remark | None:
    if writes is None or any(is_within(writes.settings, m.path) for m in container.mounts):
        return None
    mounted = [mount.path for mount in container.mounts if not mount.read_only]
    missing = [
        names[0]
        for names in writes.paths
        if not any(is_within(name, path) for name in names for path in mounted)
    ]
    if not missing:
        return None
    message = f"the root file system of container {container.name} is read-only, but its image"
    return Remark(
        container.places["securityContext.readOnlyRootFilesystem"],
        f"{message} writes to {listed(missing[:_SHOWN])}, where no volume is mounted",
        subject=container.name,
        related=(related,) if related else (),
    )
