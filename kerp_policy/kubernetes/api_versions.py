"""Which apiVersions and kinds a version of Kubernetes serves, deprecates or has removed.

Source: the "Deprecated API Migration Guide" of the Kubernetes documentation
(`data/deprecations.json`), and the published schemas for everything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from kerp_policy.kubernetes.versions import Served, minor_of, served, versions
from kerp_policy.shipped import DATA
from kerp_policy.wording import nearest

State = Literal["served", "deprecated", "removed", "unknown", "custom"]

# In the core group stand files that are no objects of a cluster: a kubeconfig is a `Config`, an
# old OpenShift template a `Template`. So only a clear misspelling is one there.
_CLEARLY = 0.85


class Status(Struct, frozen=True):
    """What a version of Kubernetes makes of an apiVersion and kind.

    Attributes:
        state: `unknown` is a built-in group without this version or kind; `custom` a group that
            Kubernetes does not bring, of which nothing is known.
        message: empty for `served` and `custom`.
    """

    state: State
    message: str = ""


class Deprecation(Struct, frozen=True):
    """A row of the migration guide; versions as `1.25`, None where none is set."""

    api_version: str
    kinds: tuple[str, ...]
    deprecated: str
    removed: str | None
    replacement: str | None


def api_version_status(version: str, api_version: str, kind: str) -> Status:
    """Whether a version of Kubernetes serves a kind under an apiVersion.

    Raises:
        ValueError: no schemas ship for this version of Kubernetes.
    """
    known = served(version)
    row = _deprecation(api_version, kind)
    if kind in known.kinds.get(api_version, ()):
        is_deprecated = row is not None and minor_of(row.deprecated) <= minor_of(version)
        return _deprecated(row, kind) if row and is_deprecated else Status("served")
    if row and row.removed and minor_of(row.removed) <= minor_of(version):
        return _removed(row, kind)
    if _group(api_version) not in map(_group, known.kinds):
        return _foreign(known, api_version, kind)
    return _unknown(known, version, api_version, kind)


def _deprecated(row: Deprecation, kind: str) -> Status:
    until = f" and not served from {row.removed} on" if row.removed else ""
    use = f"; use {row.replacement}" if row.replacement else ""
    since = f"is deprecated since Kubernetes {row.deprecated}"
    return Status("deprecated", f"{row.api_version} {kind} {since}{until}{use}")


def _removed(row: Deprecation, kind: str) -> Status:
    message = f"{row.api_version} {kind} is not served since Kubernetes {row.removed}"
    return Status("removed", f"{message}; use {row.replacement}")


def _foreign(known: Served, api_version: str, kind: str) -> Status:
    """A group that is not built in. A custom one has a dot, so `app/v1` is a slip."""
    homes = _homes(known, kind)
    if "." in _group(api_version) or "/" not in api_version or not homes:
        return Status("custom")
    return Status(
        "unknown", f"Kubernetes has no group {_group(api_version)}; {kind} is in {homes[0]}"
    )


def _unknown(known: Served, version: str, api_version: str, kind: str) -> Status:
    what = f"Kubernetes {version} serves no {kind} in {api_version}"
    homes = _homes(known, kind)
    if homes:
        return Status("unknown", f"{what}; it is in {' and '.join(homes)}")
    since = _first_version(version, api_version, kind)
    if since:
        return Status("unknown", f"{what}; {since} is the first to do so")
    kinds = _kinds_of_group(known, _group(api_version))
    is_core = "/" not in api_version
    close = _misspelt(kind, kinds, _CLEARLY if is_core else 0.6)
    if is_core and not close:
        return Status("custom")
    return Status("unknown", what + (f"; did you mean {close}?" if close else ""))


def _misspelt(kind: str, kinds: Iterable[str], cutoff: float) -> str | None:
    by_case = {name.lower(): name for name in sorted(kinds)}
    return by_case.get(nearest(kind[:64].lower(), by_case, cutoff))


def _homes(known: Served, kind: str) -> list[str]:
    """The apiVersions that serve a kind, the stable ones first."""
    homes = [api_version for api_version, kinds in known.kinds.items() if kind in kinds]
    return sorted(homes, key=lambda name: ("alpha" in name, "beta" in name, name))


def _first_version(version: str, api_version: str, kind: str) -> str | None:
    """The first version after this one that serves the kind."""
    for later in versions():
        if minor_of(later) > minor_of(version) and kind in served(later).kinds.get(api_version, ()):
            return later
    return None


def _kinds_of_group(known: Served, group: str) -> set[str]:
    return {kind for name, kinds in known.kinds.items() if _group(name) == group for kind in kinds}


def _group(api_version: str) -> str:
    group, slash, _ = api_version.partition("/")
    return group if slash else ""


@lru_cache(maxsize=1)
def _deprecations() -> dict[tuple[str, str], Deprecation]:
    text = (DATA / "deprecations.json").read_text("utf-8")
    rows = [
        Deprecation(
            row["apiVersion"],
            tuple(row["kinds"]),
            row["deprecated"],
            row["removed"],
            row["replacement"],
        )
        for row in json.loads(text)
    ]
    return {(row.api_version, kind): row for row in rows for kind in row.kinds}


def _deprecation(api_version: str, kind: str) -> Deprecation | None:
    return _deprecations().get((api_version, kind))
