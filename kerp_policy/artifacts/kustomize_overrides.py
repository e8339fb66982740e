"""What a kustomization sets in the objects that it takes in: by transformers and patches.

Source: the kustomization reference (kustomize.config.k8s.io/v1beta1).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.kubernetes import as_dict, as_list, steps_by_name
from kerp_policy.paths import EACH, Path
from kerp_policy.regex import regex
from kerp_policy.views import lookup

_TEMPLATES = (("spec", "template"), ("spec", "jobTemplate", "spec", "template"))
_METADATA = (("metadata",), *((*template, "metadata") for template in _TEMPLATES))
_POD_SPECS = (("spec",), *((*template, "spec") for template in _TEMPLATES))
_BINDINGS = "(?:Cluster)?RoleBinding"
_PLAIN = regex(r"[A-Za-z_$][\w$-]*")
_MOST = 1_000
"""Fields of one patch that are followed; aliases can make millions of a short text."""


class Override(Struct, frozen=True):
    """A field that an overlay sets: in objects whose kind and name match, below a path of steps.

    Attributes:
        image: the image that the field has to name for it, a pattern; any where it is None.
    """

    overlay: str
    kind: str
    name: str
    steps: tuple[str, ...]
    image: str | None = None


def below(path: str, name: Any) -> str:
    """The path of a file that is named in the file at `path`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), str(name)))


def overrides_of(path: str, data: dict[str, Any], files: Mapping[str, str]) -> Iterator[Override]:
    """What a kustomization sets in what it takes in.

    Args:
        path: the kustomization's file.
        data: what it says.
        files: from the path of every YAML file to its text, for its patches.
    """
    yield from transformers(path, data)
    entries = [*as_list(data.get("patches")), *as_list(data.get("patchesJson6902"))]
    for entry in map(as_dict, entries):
        text = entry.get("patch") or files.get(below(path, entry.get("path")), "")
        yield from patch(path, as_dict(entry.get("target")), str(text))
    for entry in as_list(data.get("patchesStrategicMerge")):
        text = str(entry) if "\n" in str(entry) else files.get(below(path, entry), "")
        yield from patch(path, {}, text)


def transformers(path: str, data: dict[str, Any]) -> Iterator[Override]:
    """What a kustomization sets after its own patches, in what they make of the objects."""
    for entry in as_list(data.get("replicas")):
        name = re.escape(str(as_dict(entry).get("name", "")))
        yield Override(path, "", name, ("spec", "replicas"))
    if data.get("namespace"):
        yield Override(path, "", "", ("metadata", "namespace"))
        yield Override(path, _BINDINGS, "", ("subjects", EACH, "namespace"))
    for place, label in _labels(data):
        yield Override(path, "", "", (*place, as_written(label)))
    for name in as_dict(data.get("commonAnnotations")):
        for place in _METADATA:
            yield Override(path, "", "", (*place, "annotations", as_written(name)))
    for image in map(as_dict, as_list(data.get("images"))):
        name = str(image.get("name", ""))
        for spec in _POD_SPECS:
            for key in ("containers", "initContainers"):
                yield Override(path, "", "", (*spec, key, EACH, "image"), name)


def _labels(data: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where labels are set, and which: on the object, on request on its pods and selector too."""
    entries = [
        {"pairs": data.get("commonLabels"), "includeSelectors": True},
        *map(as_dict, as_list(data.get("labels"))),
    ]
    for entry in entries:
        selects = entry.get("includeSelectors") is True
        everywhere = selects or entry.get("includeTemplates") is True
        for label in as_dict(entry.get("pairs")):
            for place in _METADATA if everywhere else _METADATA[:1]:
                yield (*place, "labels"), label
            if selects:
                yield ("spec", "selector", "matchLabels"), label


def patch(path: str, target: Mapping[str, Any], text: str) -> Iterator[Override]:
    """What a patch sets. With a target, the patch's own kind and name say nothing."""
    from kerp_policy.artifacts.yaml import read

    for document in read(text).documents:
        data = document.data()
        if isinstance(data, list):
            yield from _json_patch(path, target, data)
        elif isinstance(data, dict):
            own = {"kind": data.get("kind"), "name": as_dict(data.get("metadata")).get("name")}
            literal = {key: re.escape(str(value)) for key, value in own.items() if value}
            chosen = target or literal
            for steps in islice(_leaves(data), _MOST):
                yield Override(
                    path, str(chosen.get("kind") or ""), str(chosen.get("name") or ""), steps
                )


def _json_patch(path: str, target: Mapping[str, Any], operations: list[Any]) -> Iterator[Override]:
    for operation in map(as_dict, operations):
        if operation.get("op") == "test":
            continue
        pointer = str(operation.get("path", "")).split("/")[1:]
        unescaped = [step.replace("~1", "/").replace("~0", "~") for step in pointer]
        steps = tuple(EACH if s.isdigit() or s == "-" else as_written(s) for s in unescaped)
        yield Override(path, str(target.get("kind", "")), str(target.get("name", "")), steps)


def _leaves(data: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The paths that a strategic merge patch sets.

    What names the object is none of them, and neither is what one overlay deletes: where it is
    not deleted it stands as it is.
    """
    todo: list[Path] = [(key,) for key in data]
    while todo:
        path = todo.pop()
        value = lookup(data, path)
        keys = list(value) if isinstance(value, dict) else []
        keys = list(range(len(value))) if isinstance(value, list) else keys
        todo += [(*path, key) for key in keys]
        if not keys and not _is_name(path) and (path[-1], value) != ("$patch", "delete"):
            yield _set_by(steps_by_name(data, path))


def _is_name(path: Path) -> bool:
    return path[0] in ("apiVersion", "kind") or path == ("metadata", "name")


def _set_by(path: Path) -> tuple[str, ...]:
    """What a leaf changes: with a directive its parent, in a list of plain items the list."""
    steps: list[str] = []
    for step in path:
        if isinstance(step, int) or step.startswith("$"):
            break
        steps.append(as_written(step))
    return tuple(steps)


def as_written(step: str) -> str:
    """A step as addresses write it."""
    return step if step.startswith("[") or _PLAIN.fullmatch(step) else f'["{step}"]'
