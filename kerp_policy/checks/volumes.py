"""Checks of volumes and where they are mounted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_list
from kerp_policy.artifacts.pods import Container
from kerp_policy.findings import Remark
from kerp_policy.views import View, lookup

_KEPT_APART = ("emptyDir", "ephemeral")


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
