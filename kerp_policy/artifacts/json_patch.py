"""A JSON patch as the partial object that it makes of its target.

Source: RFC 6902, "JavaScript Object Notation (JSON) Patch", and RFC 6901 for its pointers; the
kustomization reference, `patches`, for targets.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from msgspec import field

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.artifacts.yaml_nodes import Document, Node
from kerp_policy.artifacts.yaml_scalars import Resolver, core
from kerp_policy.artifacts.yaml_scalars import kubernetes as resolve
from kerp_policy.paths import Path
from kerp_policy.sources.source import Span

_SETTING = ("add", "replace")
_MOST = 100
"""Items of a list that are made at most, whatever position a pointer names."""
_VERSIONS = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), "apps/v1"),
    **dict.fromkeys(("CronJob", "Job"), "batch/v1"),
    **dict.fromkeys(("ConfigMap", "Pod", "Secret", "Service", "ServiceAccount"), "v1"),
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "Ingress": "networking.k8s.io/v1",
    "PodDisruptionBudget": "policy/v1",
}
"""What a target may leave out."""


class JsonPatch(Document):
    """A JSON patch, with the places of what it sets.

    Attributes:
        patch: the document as it is written: a list of operations.
        made: the partial object.
        values: from a path in that to where its value stands in the patch.
    """

    patch: Document | None = None
    made: dict[str, Any] = field(default_factory=dict)
    values: dict[Path, Path] = field(default_factory=dict)

    def data(self, resolve: Resolver = core) -> Any:
        """The partial object."""
        return self.made

    def node(self, path: Path) -> Node | None:
        """The node of what the patch sets."""
        return super().node(self._written(path))

    def span(self, path: Path) -> Span:
        """Where what is set is written; of all else, the patch."""
        assert self.patch
        return self.patch.span(self._written(path))

    def beginning(self, path: Path) -> Span:
        """Where what is set begins."""
        assert self.patch
        return self.patch.beginning(self._written(path))

    def _written(self, path: Path) -> Path:
        lengths = (n for n in range(len(path), 0, -1) if path[:n] in self.values)
        reached = next(lengths, 0)
        return (*self.values[path[:reached]], *path[reached:]) if reached else ()


def patched(
    document: Document, target: Mapping[str, Any], lines: list[str]
) -> KubernetesObject | None:
    """What a JSON patch sets in an object of its target; None where its kind is not known.

    Args:
        document: the patch.
        target: what the kustomization says of its target.
        lines: those of the file that the patch stands in as it reads; else none.
    """
    kind = str(target.get("kind") or "")
    group, version = (str(target.get(key) or "") for key in ("group", "version"))
    api_version = "/".join(filter(None, (group, version))) if version else _VERSIONS.get(kind)
    if not kind or not api_version:
        return None
    made: dict[str, Any] = {"metadata": {"name": str(target.get("name") or "")}}
    patch = JsonPatch(document.root, document.problems, document.merges, document, made)
    for i, operation in enumerate(map(as_dict, as_list(document.data(resolve)))):
        sets = operation.get("op") in _SETTING and "value" in operation
        steps = _pointer(operation.get("path")) if sets else ()
        if at := _set(made, steps, operation.get("value")):
            patch.values[at] = (i, "value")
    made.update(apiVersion=api_version, kind=kind)
    return KubernetesObject(patch, (), made, lines=lines)


def _pointer(text: Any) -> tuple[str, ...]:
    """The steps of a pointer; `~1` is a slash, `~0` a tilde (RFC 6901, section 4)."""
    steps = text.split("/")[1:] if isinstance(text, str) else []
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def _set(made: dict[str, Any], steps: tuple[str, ...], value: Any) -> Path:
    """Put a value where a pointer leads, and tell its path; an empty one where that is nowhere."""
    here: Any = made
    path: list[str | int] = []
    for step, following in zip_longest(steps, steps[1:]):
        inner = value if following is None else [] if _is_position(following) else {}
        if isinstance(here, list) and _is_position(step):
            position = len(here) if step == "-" else int(step)
            if position >= _MOST:
                return ()
            here += [{} for _ in range(position + 1 - len(here))]
            key: str | int = position
            here[position] = inner if following is None else here[position] or inner
        elif isinstance(here, dict):
            key = step
            here[key] = inner if following is None else here.get(key) or inner
        else:
            return ()
        path.append(key)
        here = here[key]
    return tuple(path)


def _is_position(step: str) -> bool:
    return step == "-" or (step.isascii() and step.isdigit() and len(step) < 4)
