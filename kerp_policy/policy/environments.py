"""Which environment a thing belongs to: by its namespace, else its label, else its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from kerp_policy.policy.model import Environment, Profile
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
