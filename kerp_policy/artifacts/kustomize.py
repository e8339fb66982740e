"""Kustomizations: whose patch a file is, and which fields of a base an overlay sets.

Nothing is rendered here. A patch is a partial object and not judged as a whole one; what an
overlay sets in a base is, in the base's own file, not yet what will run.
Source: the kustomization reference (kustomize.config.k8s.io/v1beta1).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kerp_policy.artifacts.kubernetes import as_dict, as_list, steps_by_name
from kerp_policy.artifacts.yaml import read
from kerp_policy.paths import EACH

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_RESOURCES = ("resources", "bases", "components")
_STEP = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[[^\]]*\]|[^.\[\]]+')


class Override(NamedTuple):
    """A field that an overlay sets: in objects whose kind and name match, below a path of steps."""

    overlay: str
    kind: str
    name: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kustomize:
    """What all kustomizations of a project say together."""

    patches: Mapping[str, str] = field(default_factory=dict)
    """From a patch file to the kustomization that applies it."""
    overrides: Mapping[str, tuple[Override, ...]] = field(default_factory=dict)
    """From a base's file to what overlays set in its objects."""

    def overlay_of(self, file: str, address: str) -> str | None:
        """The kustomization that sets the field at an address of a file, if one does."""
        identity, _, path = address.partition(":")
        kind, _, name = identity.split("/", 2)
        steps = tuple(_STEP.findall(path))
        for override in self.overrides.get(file, ()):
            if _targets(override, kind.partition(".")[0], name) and _covers(override.steps, steps):
                return override.overlay
        return None


def _targets(override: Override, kind: str, name: str) -> bool:
    return all(
        not pattern or re.fullmatch(pattern, value)
        for pattern, value in ((override.kind, kind), (override.name, name))
    )


def _covers(override: tuple[str, ...], steps: tuple[str, ...]) -> bool:
    """Whether the field lies at or below what is set; `*` stands for any item of a list."""
    if len(steps) < len(override):
        return False
    pairs = zip(override, steps, strict=False)
    return all(a == b or (a == EACH and b.startswith("[")) for a, b in pairs)


def load(files: Mapping[str, str]) -> Kustomize:
    """Read all kustomizations.

    Args:
        files: from the path of every kustomization and of every YAML file to its text.
    """
    kustomizations = {
        path: data for path in files if posixpath.basename(path) in NAMES
        for data in [_first(files[path])] if data
    }  # fmt: skip
    patches: dict[str, str] = {}
    overrides: dict[str, list[Override]] = {}
    for path, data in kustomizations.items():
        for patch in _patch_files(path, data):
            patches[patch] = path
        found = list(_overrides(path, data, files))
        for file in _reach(path, kustomizations) if found else ():
            overrides.setdefault(file, []).extend(found)
    return Kustomize(patches, {file: tuple(found) for file, found in overrides.items()})


def _first(text: str) -> dict[str, Any]:
    documents = read(text).documents
    return as_dict(documents[0].data()) if documents else {}


def _below(path: str, name: Any) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), str(name)))


def _patch_files(path: str, data: dict[str, Any]) -> Iterator[str]:
    entries = [*as_list(data.get("patches")), *as_list(data.get("patchesJson6902"))]
    names = [as_dict(entry).get("path") for entry in entries]
    merges = [name for name in as_list(data.get("patchesStrategicMerge")) if isinstance(name, str)]
    for name in [*names, *merges]:
        if isinstance(name, str) and "\n" not in name:
            yield _below(path, name)


def _reach(path: str, kustomizations: Mapping[str, dict[str, Any]]) -> set[str]:
    """Every file that a kustomization takes in, by way of others too; links in a circle are cut."""
    reached: set[str] = set()
    todo, seen = [path], {path}
    while todo:
        here = todo.pop()
        for key in _RESOURCES:
            for name in as_list(kustomizations[here].get(key)):
                target = _below(here, name)
                nested = [
                    f"{target}/{name}" for name in NAMES if f"{target}/{name}" in kustomizations
                ]
                todo += [n for n in nested if n not in seen]
                seen.update(nested)
                reached.add(target)
    return reached


def _overrides(path: str, data: dict[str, Any], files: Mapping[str, str]) -> Iterator[Override]:
    yield from _transformers(path, data)
    entries = [*as_list(data.get("patches")), *as_list(data.get("patchesJson6902"))]
    for entry in map(as_dict, entries):
        text = entry.get("patch") or files.get(_below(path, entry.get("path")), "")
        yield from _patch(path, as_dict(entry.get("target")), str(text))
    for entry in as_list(data.get("patchesStrategicMerge")):
        text = str(entry) if "\n" in str(entry) else files.get(_below(path, entry), "")
        yield from _patch(path, {}, text)


def _transformers(path: str, data: dict[str, Any]) -> Iterator[Override]:
    for entry in as_list(data.get("replicas")):
        name = re.escape(str(as_dict(entry).get("name", "")))
        yield Override(path, "", name, ("spec", "replicas"))
    if data.get("namespace"):
        yield Override(path, "", "", ("metadata", "namespace"))
    for key in ("labels", "commonLabels"):
        if data.get(key):
            yield Override(path, "", "", ("metadata", "labels"))
    if data.get("commonAnnotations"):
        yield Override(path, "", "", ("metadata", "annotations"))
    if data.get("images"):
        for prefix in (("spec",), ("spec", "template", "spec")):
            yield Override(path, "", "", (*prefix, "containers", EACH, "image"))


def _patch(path: str, target: dict[str, Any], text: str) -> Iterator[Override]:
    for document in read(text).documents:
        data = document.data()
        if isinstance(data, list):
            yield from _json_patch(path, target, data)
        elif isinstance(data, dict):
            metadata = as_dict(data.get("metadata"))
            kind = str(target.get("kind") or data.get("kind") or "")
            name = str(target.get("name") or re.escape(str(metadata.get("name") or "")))
            for steps in _leaves(data):
                yield Override(path, kind, name, steps)


def _json_patch(path: str, target: dict[str, Any], operations: list[Any]) -> Iterator[Override]:
    for operation in operations:
        pointer = str(as_dict(operation).get("path", "")).split("/")[1:]
        unescaped = [step.replace("~1", "/").replace("~0", "~") for step in pointer]
        steps = tuple(EACH if s.isdigit() or s == "-" else _step(s) for s in unescaped)
        yield Override(path, str(target.get("kind", "")), str(target.get("name", "")), steps)


def _leaves(data: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The paths that a strategic merge patch sets; what names the object is none of them."""
    todo: list[tuple[tuple[str | int, ...], Any]] = [((key,), data[key]) for key in data]
    while todo:
        path, value = todo.pop()
        parts = list(value.items()) if isinstance(value, dict) else []
        parts = list(enumerate(value)) if isinstance(value, list) else parts
        todo += [((*path, key), part) for key, part in parts]
        if not parts and path[0] not in ("apiVersion", "kind") and path != ("metadata", "name"):
            yield tuple(_step(step) for step in steps_by_name(data, path))


def _step(step: str | int) -> str:
    text = str(step)
    return (
        text if text.startswith("[") or re.fullmatch(r"[A-Za-z_$][\w$-]*", text) else f'["{text}"]'
    )
