"""What there is in a project: its artifacts by kind, and the signs of environments."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from kerp_policy.policy.model import Environment, Profile
from kerp_policy.scopes.context import Context
from kerp_policy.scopes.reading import read_artifact
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.match import matches_any
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import WorkingTree

WORDS = {
    "production": "production", "prod": "production", "prd": "production", "live": "production",
    "staging": "staging", "stage": "staging", "stg": "staging", "uat": "staging",
    "development": "development", "dev": "development", "develop": "development",
    "test": "test", "testing": "test", "qa": "test",
}  # fmt: skip
"""What people call environments, and what they mean."""

_LABELS = ("env", "environment", "app.kubernetes.io/environment")
_DEPLOYED = ("kubernetes", "kustomization", "patch")
_MANY = 1000


class Sign(NamedTuple):
    """Something that tells an environment."""

    kind: str
    """`namespaces`, `labels` or `paths`, as a profile calls them."""
    value: str
    """A namespace, `key=value`, or a pattern of paths."""


class Survey(Struct, frozen=True):
    """What was found.

    Attributes:
        kinds: how many files of each kind of artifact there are.
        told: the signs of an environment of the standard, by its name.
        untold: signs whose words tell an environment, though the standard does not know them.
        unclear: namespaces of which nothing tells an environment.
    """

    kinds: Counter[str]
    told: dict[str, set[Sign]]
    untold: dict[str, set[Sign]]
    unclear: set[str]


def survey(root: Path, profile: Profile) -> Survey:
    """Read a project and say what there is.

    Args:
        root: the project.
        profile: the standard that knows environments by their signs.
    """
    found, context = Survey(Counter(), {}, {}, set()), Context(profile)
    tree = WorkingTree(root)
    for path in tree.files():
        source = tree.read(path) if kind_by_name(path) else None
        if not isinstance(source, Source):
            continue
        artifact = read_artifact(source, context)
        if not artifact.kind:
            continue
        found.kinds[artifact.kind] += 1
        for sign in _path_signs(path, artifact.kind):
            _sort(found, profile.environments, sign, path)
        for view in artifact.views:
            if view.scope == "object":
                for sign in _object_signs(view.facts):
                    _sort(found, profile.environments, sign, path)
    return found


def _object_signs(facts: Mapping[str, Any]) -> Iterator[Sign]:
    namespace = facts["name"] if facts["kind"] == "Namespace" else facts["namespace"]
    if namespace and isinstance(namespace, str):
        yield Sign("namespaces", namespace)
    for key in _LABELS:
        if isinstance(facts["labels"].get(key), str):
            yield Sign("labels", f"{key}={facts['labels'][key]}")


def _path_signs(path: str, kind: str) -> Iterator[Sign]:
    """Folders that are called as an environment is, where what is deployed lies in them."""
    folders = posixpath.dirname(path).split("/") if kind in _DEPLOYED else ()
    for folder in folders:
        if WORDS.get(folder, "test") != "test":  # a folder `test` holds what tests need
            yield Sign("paths", f"**/{folder}/**")


def _sort(found: Survey, environments: Sequence[Environment], sign: Sign, path: str) -> None:
    known = next((e.name for e in environments if _tells(e, sign, path)), None)
    meant = known or _meant(sign)
    if meant:
        signs = (found.told if known else found.untold).setdefault(meant, set())
        if len(signs) < _MANY:
            signs.add(sign)
    elif sign.kind == "namespaces" and len(found.unclear) < _MANY:
        found.unclear.add(sign.value)


def _tells(environment: Environment, sign: Sign, path: str) -> bool:
    if sign.kind == "namespaces":
        return sign.value in environment.namespaces
    if sign.kind == "labels":
        key, _, value = sign.value.partition("=")
        return environment.labels.get(key) == value
    return sign.value in environment.paths and matches_any(environment.paths, path)


def _meant(sign: Sign) -> str | None:
    """The one environment that the words of a sign tell; none where they tell two."""
    text = sign.value.partition("=")[2] if sign.kind == "labels" else sign.value
    words = re.split(r"[^a-z0-9]+", text.lower())
    meant = {WORDS[word] for word in words if word in WORDS}
    return meant.pop() if len(meant) == 1 else None
