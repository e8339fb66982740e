"""Kustomizations: whose patch a file is, and which fields of a base an overlay sets.

Nothing is rendered here. A patch is a partial object and not judged as a whole one; what an
overlay sets in a base is, in the base's own file, not yet what will run.
Source: the kustomization reference (kustomize.config.k8s.io/v1beta1).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct, field

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.kustomize_overrides import (
    Override,
    below,
    overrides_of,
    transformers,
)
from kerp_policy.paths import EACH
from kerp_policy.policy.require import valid
from kerp_policy.regex import regex

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_RESOURCES = ("resources", "bases", "components")
_FROM_POD = ("securityContext", "resources")
_AGAIN = regex(r"~[0-9]+$")
_TAG = r"(?::[a-zA-Z0-9_.{}-]*)?(?:@sha256:[a-zA-Z0-9_.{}-]*)?"
"""What kustomize takes for the tag and digest behind a name, which itself is a pattern to it."""
_STEP = regex(r'\["(?:[^"\\]|\\.)*"\]|\[[^\]]*\]|[^.\[\]]+')


def of_folder(folder: str) -> list[str]:
    """Where the kustomization of a folder may stand."""
    return [posixpath.normpath(posixpath.join(folder, name)) for name in NAMES]


class Applied(NamedTuple):
    """The kustomization that applies a patch, its namespace, and the target that it names."""

    kustomization: str
    namespace: str | None
    target: Mapping[str, Any]


class Kustomize(Struct, frozen=True):
    """What all kustomizations of a project say together."""

    patches: Mapping[str, Applied] = field(default_factory=dict)
    """From a patch file to who applies it to what."""
    overrides: Mapping[str, tuple[Override, ...]] = field(default_factory=dict)
    """From a base's file to what overlays set in its objects."""
    files: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """From a kustomization to the files that it takes in, by way of others too."""

    def overlay_of(self, file: str, address: str, image: str | None = None) -> str | None:
        """The kustomization that sets the field at an address of a file, if one does.

        A field above or below it counts as well, and so does the pod's own field where a
        container inherits it: what an overlay adds there may be what is missing here. Where the
        image is known that stands there, `images` sets it only under its name.
        """
        overrides = self.overrides.get(file)
        if not overrides:
            return None
        identity, _, path = address.partition(":")
        kind, _, name = identity.partition("/")
        name = _AGAIN.sub("", name.partition("/")[2]).replace("%3A", ":")
        fields = list(_same_field(tuple(_STEP.findall(path)))) if path else [()]
        for override in overrides:
            targeted = _targets(override, kind.partition(".")[0], name, image)
            if targeted and any(_touches(override.steps, steps) for steps in fields):
                return override.overlay
        return None


def _same_field(steps: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The places where a field takes effect from: its own, its limit's, and its pod's."""
    yield steps
    if "resources" in steps and "requests" in steps:
        yield from _same_field(tuple("limits" if s == "requests" else s for s in steps))
    for i, step in enumerate(steps[:-2]):
        if step in ("containers", "initContainers") and steps[i + 2] in _FROM_POD:
            yield (*steps[:i], *steps[i + 2 :])


def _targets(override: Override, kind: str, name: str, image: str | None) -> bool:
    pairs = [(override.kind, kind), (override.name, name)]
    if override.image is not None and image is not None:
        pairs.append((f"{override.image}{_TAG}" if override.image else "", image))
    return all(
        not pattern or pattern == value or _matches(pattern, value) for pattern, value in pairs
    )


@lru_cache(maxsize=4096)
def _matches(pattern: str, value: str) -> bool:
    """Whether a target's pattern matches a whole name, in linear time; a bad one may match all."""
    try:
        return valid({"pattern": f"^(?:{pattern})$"}, value)
    except ValueError:
        return True


def _touches(override: tuple[str, ...], steps: tuple[str, ...]) -> bool:
    """Whether one lies at or below the other; `*` stands for any item of a list.

    A finding about a whole object is only touched by what changes the whole object.
    """
    if not steps:
        return not override
    pairs = zip(override, steps, strict=False)
    return all(a == b or (a == EACH and b.startswith("[")) for a, b in pairs)


def load(files: Mapping[str, str]) -> Kustomize:
    """Read all kustomizations.

    Args:
        files: from the path of every file that may be a kustomization or a patch to its text.
    """
    kustomizations = {
        path: data for path in files if posixpath.basename(path) in NAMES
        for data in [_first(files.get(path, ""))] if data
    }  # fmt: skip
    own = {path: list(_own(path, data, files)) for path, data in kustomizations.items()}
    patches = {path: dict(_patch_files(path, data)) for path, data in kustomizations.items()}
    overrides: dict[str, list[Override]] = {}
    taken: dict[str, frozenset[str]] = {}
    for path, data in kustomizations.items():
        applied = _reach(path, kustomizations, ("components",)).kustomizations
        found = [override for one in sorted(applied) for override in own[one]]
        reach = _reach(path, kustomizations, _RESOURCES)
        taken[path] = frozenset(reach.files)
        _add(overrides, taken[path], found)
        _add(overrides, (path, *patches[path]), list(transformers(path, data)))
        for one in sorted(reach.kustomizations - {path}):
            _add(overrides, (one, *patches[one]), [each for each in found if each.overlay != one])
    return Kustomize(
        {
            patch: Applied(path, namespace_of(kustomizations[path]), target)
            for path, found in patches.items()
            for patch, target in found.items()
        },
        {file: tuple(found) for file, found in overrides.items()},
        taken,
    )


def _own(path: str, data: dict[str, Any], files: Mapping[str, str]) -> Iterator[Override]:
    """What a kustomization sets itself."""
    yield from overrides_of(path, data, files)
    if data.get("replacements") or data.get("transformers"):
        from kerp_policy.artifacts.kustomize_fields import overrides_by_field

        yield from overrides_by_field(path, data, files)


def _add(
    overrides: dict[str, list[Override]], files: Iterable[str], found: Sequence[Override]
) -> None:
    for file in files if found else ():
        overrides.setdefault(file, []).extend(found)


def namespace_of(data: Mapping[str, Any]) -> str | None:
    """The namespace that a kustomization puts its objects into, if it names one."""
    return str(data["namespace"]) if data.get("namespace") else None


def _first(text: str) -> dict[str, Any]:
    from kerp_policy.artifacts.yaml import read

    documents = read(text).documents
    return as_dict(documents[0].data()) if documents else {}


def _patch_files(path: str, data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The files with patches, each with its target."""
    entries = [*as_list(data.get("patches")), *as_list(data.get("patchesJson6902"))]
    entries += [{"path": name} for name in as_list(data.get("patchesStrategicMerge"))]
    for entry in map(as_dict, entries):
        name = entry.get("path")
        if isinstance(name, str) and "\n" not in name:
            yield below(path, name), as_dict(entry.get("target"))


class _Reach(Struct, frozen=True):
    kustomizations: set[str]
    files: set[str]


def _reach(
    path: str, kustomizations: Mapping[str, dict[str, Any]], keys: tuple[str, ...]
) -> _Reach:
    """What a kustomization takes in, by way of others too; links in a circle are cut."""
    files: set[str] = set()
    todo, seen = [path], {path}
    while todo:
        here = todo.pop()
        for name in (name for key in keys for name in as_list(kustomizations[here].get(key))):
            target = below(here, name)
            files.add(target)
            for nested in of_folder(target):
                if nested in kustomizations and nested not in seen:
                    seen.add(nested)
                    todo.append(nested)
    return _Reach(seen, files)
