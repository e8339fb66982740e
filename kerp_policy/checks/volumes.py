"""Checks of volumes and where they are mounted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.artifacts.pods import Container, Pod
from kerp_policy.artifacts.yaml_nodes import Scalar
from kerp_policy.findings import NOT_APPLICABLE, Related, Remark, unverified
from kerp_policy.parameters import PATH, WORD, any_of, some, takes
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import filled_in, listed, meant, shown

_KEPT_APART = ("emptyDir", "ephemeral")


@takes(paths=any_of(PATH))
def writable_paths(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Each path is an emptyDir, unless a read-only root filesystem keeps it from being written."""
    mounts = {
        str(mount.get("mountPath", "")).rstrip("/"): (i, mount)
        for i, mount in enumerate(as_list(view.data.get("volumeMounts")))
        if isinstance(mount, dict)
    }
    read_only = lookup(view.data, ("securityContext", "readOnlyRootFilesystem")) is True
    for path in params["paths"]:
        if path in mounts:
            yield from _no_empty_dir(view.subject, path, *mounts[path])
        elif not read_only:
            message = f"{path} is no volume, and the root file system can be written to"
            yield Remark(("volumeMounts",), f"{message}; expected an emptyDir", subject=path)


def _no_empty_dir(
    container: Container, path: str, index: int, mount: dict[str, Any]
) -> Iterator[Remark]:
    """A volume that names no kind is an emptyDir (Kubernetes API, Volume); one may be read-only."""
    volume = container.pod.volumes.get(str(mount.get("name")), {})
    kind = next((key for key in volume if key != "name"), "emptyDir")
    if kind not in _KEPT_APART and mount.get("readOnly") is not True:
        message = f"{path} is a {kind} volume; expected an emptyDir"
        yield Remark(("volumeMounts", index, "mountPath"), message, subject=path)


def declared(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every mount and device names a volume of the pod, or a claim of its StatefulSet."""
    container: Container = view.subject
    known, used = container.pod.volumes, list(_used(view))
    if not used:
        yield NOT_APPLICABLE
    for key, i, name in used:
        path, message = (key, i, "name"), f"the pod has no volume {name}"
        if name in known:
            continue
        if is_placeholder(name) or any(map(is_placeholder, known)):
            yield unverified(path, f"files do not show whether the pod has a volume {name}")
        else:
            message = f"{message}, which the container mounts{meant(name, known)}"
            yield Remark(path, message, related=(_volumes(view),))


def _volumes(view: View) -> Related:
    """Where the pod's volumes stand, or would."""
    pod: Pod = view.subject.pod
    place = pod.owner.place((*pod.base, "spec", "volumes"))
    return Related(view.facts["file"], place, "the volumes of the pod")


def _used(view: View) -> Iterator[tuple[str, int, str]]:
    for key in ("volumeMounts", "volumeDevices"):
        for i, mount in enumerate(as_list(view.data.get(key))):
            if isinstance(mount, dict) and isinstance(mount.get("name"), str):
                yield key, i, mount["name"]


@takes(allowed=some(WORD))
def core_types(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Volumes are of the types that a standard allows; of the node's folders `host-paths` tells."""
    volumes = as_list(lookup(view.data, ("spec", "volumes")))
    if not volumes:
        yield NOT_APPLICABLE
    for i, volume in enumerate(volumes):
        for kind in volume if isinstance(volume, dict) and "$patch" not in volume else ():
            if kind not in ("name", "hostPath", *params["allowed"]) and volume[kind] is not None:
                message = f"volume {shown(volume.get('name'))} is of the type {kind}"
                allowed = listed(params["allowed"], "or")
                yield Remark(("spec", "volumes", i, kind), f"{message}; expected {allowed}")


_NO_FILES = ("Socket", "CharDevice", "BlockDevice")
"""What of the node is no less open where it is mounted to be read only."""


def read_only_host_paths(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What is mounted of the node's file system cannot be written to."""
    volumes = view.subject.pod.volumes
    of_node = [
        (i, mount, as_dict(volumes[mount["name"]]["hostPath"]))
        for i, mount in enumerate(map(as_dict, as_list(view.data.get("volumeMounts"))))
        if isinstance(mount.get("name"), str)
        and mount["name"] in volumes
        and "hostPath" in volumes[mount["name"]]
    ]
    if not of_node:
        yield NOT_APPLICABLE
    for i, mount, host in of_node:
        read_only, path = mount.get("readOnly"), ("volumeMounts", i, "readOnly")
        if read_only is True or host.get("type") in _NO_FILES:
            continue
        what = host.get("path") or "a folder"
        message = f"{what} of the node is mounted at {mount.get('mountPath')}"
        if is_placeholder(str(read_only)):
            yield unverified(path, f"{message}, and {filled_in('readOnly', read_only, 'true')}")
        else:
            yield Remark(path, f"{message} and can be written to; expected readOnly to be true")


_MEANT = frozenset(("400", "440", "444", "500"))
"""What means little as a decimal number, 0620 to 0764, and much as an octal one without its 0."""


def octal_modes(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No mode of files is an octal number without the 0 that makes it one.

    JSON has decimal numbers alone, so 0400 is 256 there (Kubernetes API, `defaultMode`).
    """
    modes = list(_modes(view.data))
    if not modes:
        yield NOT_APPLICABLE
    owner: KubernetesObject = view.subject.owner
    for path in modes:
        node = owner.document.node((*owner.base, *view.subject.base, *path))
        text = node.text if isinstance(node, Scalar) and not node.style else ""
        if text in _MEANT:
            message = f"{path[-1]} is {text}, a decimal number that means 0{int(text):o}"
            yield Remark(path, f"{message}; did you mean 0{text}?")


def _modes(pod: Any) -> Iterator[Path]:
    """Where modes of files stand, in volumes and in the sources of projected ones."""
    for i, volume in enumerate(map(as_dict, as_list(lookup(pod, ("spec", "volumes"))))):
        for kind in ("configMap", "secret", "downwardAPI", "projected"):
            base: Path = ("spec", "volumes", i, kind)
            source = as_dict(volume.get(kind))
            yield from [(*base, "defaultMode")] if "defaultMode" in source else ()
            yield from _of_items(base, source)
            for j, part in enumerate(map(as_dict, as_list(source.get("sources")))):
                for name in part:
                    yield from _of_items((*base, "sources", j, name), as_dict(part[name]))


def _of_items(base: Path, source: Mapping[str, Any]) -> Iterator[Path]:
    for i, item in enumerate(map(as_dict, as_list(source.get("items")))):
        if "mode" in item:
            yield (*base, "items", i, "mode")
