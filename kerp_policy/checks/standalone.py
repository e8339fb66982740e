"""Checks of what nothing keeps running, and of what nothing takes away when it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.findings import NOT_APPLICABLE, Remark
from kerp_policy.paths import Path
from kerp_policy.views import View, lookup

_HOOKS = ("helm.sh/hook", "argocd.argoproj.io/hook")
_TTL: Path = ("spec", "ttlSecondsAfterFinished")


def bare_pod(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Pods are made by something that makes them again.

    What a deployment tool runs once, as a test of a release, and what has an owner is left alone,
    and so is a patch, of which some container has no image.
    """
    containers = map(as_dict, as_list(lookup(view.data, ("spec", "containers"))))
    is_patch = any("image" not in container for container in containers)
    if is_patch or _is_made(view):
        yield NOT_APPLICABLE
        return
    ends = lookup(view.data, ("spec", "restartPolicy")) in ("Never", "OnFailure")
    expected = "a Job" if ends else "a Deployment or its like"
    pod = f"Pod {view.facts['name']}" if view.facts["name"] else "this Pod"
    message = f"nothing makes {pod} again when its node is gone"
    yield Remark(("kind",), f"{message}; expected {expected}")


def cleaned_up(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A Job says when it and its pods are taken away ("Automatic Cleanup for Finished Jobs").

    One of a CronJob is taken away by its history limits, and one of a deployment tool by that.
    """
    if _is_made(view):
        yield NOT_APPLICABLE
    elif lookup(view.data, _TTL) is None:
        message = "ttlSecondsAfterFinished is not set, so the Job and its pods stay when it is done"
        yield Remark(_TTL, f"{message}; expected a number of seconds")


def _is_made(view: View) -> bool:
    """Whether something else makes the object and takes it away again."""
    annotations = as_dict(lookup(view.data, ("metadata", "annotations")))
    owners = lookup(view.data, ("metadata", "ownerReferences"))
    return bool(owners) or any(name in annotations for name in _HOOKS)
