"""Checks of what a container may do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.pods import Container
from kerp_policy.findings import NOT_APPLICABLE, Place, Remark, unverified
from kerp_policy.kubernetes.versions import minor_of
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import differs, filled_in

_DROP: Path = ("securityContext", "capabilities", "drop")
_PROFILE: Path = ("securityContext", "appArmorProfile", "type")
_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
_SYSCTLS: Path = ("spec", "securityContext", "sysctls")
_SAFE_SINCE = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 22,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
    "net.ipv4.tcp_slow_start_after_idle": 37,
    "net.ipv4.tcp_notsent_lowat": 37,
}
"""The minor version of Kubernetes in which each was first safe (Kubernetes documentation, "Using
sysctls in a Kubernetes Cluster" and "Pod Security Standards")."""


def drops_all(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """ALL is among the capabilities that are dropped, in whatever case runtimes take it."""
    given = lookup(view.data, _DROP)
    dropped = [str(name) for name in as_list(given)]
    if any(name.upper() == "ALL" for name in dropped):
        return
    stated = "is not set" if given is None else f"is [{', '.join(dropped[:5])}]"
    message = f"securityContext.capabilities.drop {stated}; expected [ALL]"
    unknown = any(map(is_placeholder, dropped))
    yield unverified(_DROP, message) if unknown else Remark(_DROP, message)


def apparmor(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No profile of AppArmor is turned off, neither by the field nor by the annotation before it.

    Where nothing is said, the runtime's own profile holds ("Restrict a Container's Access to
    Resources with AppArmor").
    """
    container: Container = view.subject
    yield from _confined(_PROFILE, ".".join(map(str, _PROFILE)), lookup(view.data, _PROFILE))
    annotations = as_dict(lookup(container.pod.data, ("metadata", "annotations")))
    key = _ANNOTATION + container.name
    if key in annotations:
        at = (*container.pod.base, "metadata", "annotations", key)
        place = container.pod.owner.place(at)
        yield from _confined(place, f"the annotation {key}", annotations[key])


def _confined(at: Path | Place, what: str, profile: Any) -> Iterator[Remark]:
    if str(profile).lower() == "unconfined":
        yield Remark(at, differs(what, profile, "a profile, or none to be named"))
    elif profile is not None and is_placeholder(str(profile)):
        yield unverified(at, filled_in(what, profile, "a profile, or none to be named"))


def safe_sysctls(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every sysctl is one that reaches no other pod of the node, as the kubelet knows them."""
    version = view.facts["kubernetes"]
    named = [as_dict(each).get("name") for each in as_list(lookup(view.data, _SYSCTLS))]
    given = [(i, name) for i, name in enumerate(named) if isinstance(name, str)]
    if not given:
        yield NOT_APPLICABLE
    for i, name in given:
        path = (*_SYSCTLS, i, "name")
        since = _SAFE_SINCE.get(name.replace("/", "."))
        if is_placeholder(name):
            yield unverified(path, filled_in("the name of a sysctl", name))
        elif since is None:
            message = f"sysctl {name} is not safe, so kubelets refuse the pod unless they were told"
            yield Remark(path, f"{message} to allow it; expected a safe one")
        elif version and since > minor_of(version):
            message = f"sysctl {name} is safe from Kubernetes 1.{since} on, and this is {version}"
            yield Remark(path, f"{message}; expected one that is safe there")
