"""Which environment a thing belongs to: by its namespace, else its label, else its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from kerp_policy.policy.model import Environment, Profile
from kerp_policy.regex import regex
from kerp_policy.sources.match import matches_any


class Evidence(Struct, frozen=True):
    """One sign of an environment."""

    sign: str
    """`namespace`, `label` or `path`."""
    environment: str


def evidence(
    environments: Sequence[Environment],
    *,
    path: str,
    namespace: str | None = None,
    labels: Mapping[str, Any] | None = None,
) -> Iterator[Evidence]:
    """Every sign of an environment, the one that counts most first."""
    for environment in environments:
        if namespace in environment.namespaces:
            yield Evidence("namespace", environment.name)
    for environment in environments:
        given = labels or {}
        if any(given.get(key) == value for key, value in environment.labels.items()):
            yield Evidence("label", environment.name)
    for environment in environments:
        if matches_any(environment.paths, path):
            yield Evidence("path", environment.name)


_SHORT = {
    "dev": "development",
    "prd": "production",
    "prod": "production",
    "stage": "staging",
    "stg": "staging",
}
_LABELS = ("env", "environment")
_LAST_WORD = regex(r"[A-Za-z]+$")


def hints(
    environments: Sequence[Environment],
    *,
    path: str,
    namespace: str | None = None,
    labels: Mapping[str, Any] | None = None,
) -> Iterator[Evidence]:
    """What speaks of an environment by its name or a short form of it.

    That is not enough to say which environment a thing belongs to, since `tools-dev` may be a team,
    but two that contradict each other are a mistake.
    """
    names = frozenset(environment.name for environment in environments)
    given = labels or {}
    for sign, found in (
        ("namespace", _of_namespace(namespace or "")),
        ("label", {_meant(value) for key in _LABELS if isinstance(value := given.get(key), str)}),
        ("path", _of_folders(path.rpartition("/")[0])),
    ):
        if len(found & names) == 1:
            yield Evidence(sign, next(iter(found & names)))


@lru_cache(maxsize=1024)
def _of_namespace(name: str) -> frozenset[str]:
    last = _LAST_WORD.search(name)
    return frozenset((_meant(last[0]),)) if last else frozenset()


@lru_cache(maxsize=1024)
def _of_folders(path: str) -> frozenset[str]:
    return frozenset(map(_meant, path.split("/")))


def _meant(word: str) -> str:
    return _SHORT.get(word.lower(), word.lower())


def environment_of(
    profile: Profile, assumed: str | None, *, path: str, namespace: str | None = None
) -> str | None:
    """The environment of a thing, by the sign of it that counts most.

    Args:
        profile: the standard, for its environments.
        assumed: the environment of what shows none.
        path: of the file that it is in.
        namespace: the one that it names, if any.
    """
    signs = evidence(profile.environments, path=path, namespace=namespace)
    return next((sign.environment for sign in signs), assumed)
