"""Joint checks of the images that the project builds and of the containers that run them.

Sources: Kubernetes documentation, "Configure a Security Context for a Pod or Container"; the
kubelet's check of `runAsNonRoot`; Dockerfile reference, "USER" and "HEALTHCHECK".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.docker.writes import is_within
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.images import Owned, Target
from kerp_policy.estate.running import joined
from kerp_policy.estate.workloads import Container, Workload
from kerp_policy.findings import Judged, Related, Remark
from kerp_policy.kubernetes.images import without_digest
from kerp_policy.wording import listed


def user(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The image's user is one that the pod's security context lets run, and the same as its own."""
    yield from joined(estate, _user)


def _user(workload: Workload, container: Container, target: Target) -> Remark | None:
    uid = container.security.get("runAsUser")
    if uid is None and container.security.get("runAsNonRoot") is True:
        return _refused(container, target)
    if type(uid) is not int or uid == 0:
        return None
    return _another_user(container, target, uid) or _another_owner(container, target, uid)


def _refused(container: Container, target: Target) -> Remark | None:
    user = target.user
    if user.name:
        reason = f"its image runs as {user.name}, a name that does not say whether it is root"
    elif user.uid == 0:
        reason = "its image runs as root"
    else:
        return None
    message = f"the kubelet does not start container {container.name}: runAsUser is not set, and "
    return Remark(
        container.places["securityContext.runAsNonRoot"],
        f"{message}{reason}",
        subject=container.name,
        help="Set runAsUser, or write USER with the number.",
        related=(_says(target),),
        consequence_of=("run-as-uid", "image-user"),
    )


def _says(target: Target) -> Related:
    user = target.user
    what = f"the base {without_digest(user.text)}" if user.inherited else "USER"
    number = "root" if user.uid == 0 else f"UID {user.uid}"
    known = f", {number}" if user.uid is not None and user.name != "root" else ""
    shown = f"{user.name}{known}" if user.name else number
    return Related(user.file, user.place, f"{what} makes the image run as {shown}")


def _another_user(container: Container, target: Target, uid: int) -> Remark | None:
    if target.user.uid in (None, 0, uid):
        return None
    owned = next((each for each in target.owned if each.uid == target.user.uid), None)
    message = f"container {container.name} runs as UID {uid}, its image as UID {target.user.uid}"
    return Remark(
        container.places["securityContext.runAsUser"],
        f"{message}, to whom {_where(owned)} belongs" if owned else message,
        subject=container.name,
        related=(_says(target), *(_owned(each) for each in [owned] if each)),
        consequence_of=("run-as-uid", "image-user"),
    )


def _another_owner(container: Container, target: Target, uid: int) -> Remark | None:
    """Files that belong to somebody else than root and the user that runs."""
    other = next((each for each in target.owned if each.uid not in (None, 0, uid)), None)
    if other is None:
        return None
    message = f"container {container.name} runs as UID {uid}, but {_where(other)} of its image"
    return Remark(
        container.places["securityContext.runAsUser"],
        f"{message} belongs to UID {other.uid}",
        subject=container.name,
        related=(_owned(other),),
        consequence_of=("run-as-uid", "image-user", "file-owner"),
    )


def _owned(owned: Owned) -> Related:
    return Related(owned.file, owned.place, f"{_where(owned)} belongs to UID {owned.uid}")


def _where(owned: Owned) -> str:
    return owned.path or "what is copied"


def health_paths(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """One of the probes asks for what the image's own HEALTHCHECK asks for, or for a part of it."""
    yield from joined(estate, _health_path)


def _health_path(workload: Workload, container: Container, target: Target) -> Remark | None:
    health = target.healthcheck
    if health is None or health.path in (None, "/"):
        return None
    own = str(health.path)
    asked = [
        probe
        for probe in container.probes
        if probe.handler == "httpGet" and _port(container, probe.port) == health.asks
    ]
    paths = list(dict.fromkeys(str(probe.path or "/") for probe in asked))
    if not paths or any(
        is_within(path, own) or is_within(own, path) or "$" in path for path in paths
    ):
        return None
    message = (
        f"the probes of container {container.name} ask for {listed(paths)}, its image's check for "
    )
    related = Related(health.file, health.place, f"the image's check asks for {own}")
    return Remark(
        asked[0].place,
        f"{message}{own}",
        subject=container.name,
        related=(related,),
    )


def _port(container: Container, port: Any) -> Any:
    """A port by its name, else as it is."""
    named = (each.number for each in container.ports if each.name and each.name == port)
    return next(named, port)
