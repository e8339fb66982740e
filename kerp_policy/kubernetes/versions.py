"""The schemas of built-in Kubernetes kinds, a version at a time.

Source: the OpenAPI documents that Kubernetes publishes with each release;
`scripts/build_schemas.py` makes the compact files and says what it mends in them.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from msgspec import Raw, Struct, json

from kerp_policy.i18n import gettext as _
from kerp_policy.schema import Validator
from kerp_policy.shipped import DATA

_FOLDER = DATA / "kubernetes"


class Served(Struct, frozen=True):
    """What one version of Kubernetes serves.

    Attributes:
        kinds: apiVersion → kind → the name of its definition.
        definitions: name → JSON Schema, not decoded: of seven hundred a project needs some.
    """

    kinds: dict[str, dict[str, str]]
    definitions: dict[str, Raw]


@lru_cache(maxsize=1)
def versions() -> tuple[str, ...]:
    """The versions whose schemas ship, oldest first (`1.25`, `1.26`, …)."""
    names = [file.name.removesuffix(".json.gz") for file in _FOLDER.iterdir()]
    return tuple(sorted(names, key=_order))


def minor_of(version: str) -> int:
    """The minor number of a version of Kubernetes, 37 of `1.37`, `v1.37` or `1.37.2`."""
    return int(version.removeprefix("v").split(".")[1])


@lru_cache(maxsize=32)
def served(version: str) -> Served:
    """What a version serves.

    Args:
        version: `1.37`, `v1.37` or `1.37.2`.

    Raises:
        ValueError: no schemas ship for it; the message says which do.
    """
    found = re.fullmatch(r"v?(1\.[0-9]{1,3})(?:\.[0-9]{1,3})?", version)
    if not found or found[1] not in versions():
        message = _("no schemas ship for kubernetes {version}; {oldest} to {newest} are known")
        oldest, *_between, newest = versions()
        raise ValueError(message.format(version=version[:20], oldest=oldest, newest=newest))
    return _load(found[1])


@lru_cache(maxsize=256)
def kubernetes_validator(version: str, api_version: str, kind: str) -> Validator | None:
    """The validator of a kind; None where none is known, as for custom resources.

    Raises:
        ValueError: no schemas ship for this version of Kubernetes.
    """
    known = served(version)
    name = known.kinds.get(api_version, {}).get(kind)
    if name is None:
        return None
    return Validator({"$ref": f"#/$defs/{name}", "$defs": _closure(known.definitions, name)})


@lru_cache(maxsize=32)
def _load(version: str) -> Served:
    data = gzip.decompress((_FOLDER / f"{version}.json.gz").read_bytes())
    return json.decode(data, type=Served)


def _order(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _closure(definitions: Mapping[str, Raw], root: str) -> dict[str, Any]:
    """The definition and all that it leads to: to compile these alone takes a millisecond."""
    found: dict[str, Any] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = json.decode(definitions[name])
            waiting += _references(found[name])
    return found


def _references(schema: Any) -> Iterator[str]:
    parts = [schema]
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"].removeprefix("#/$defs/")
            parts += part.values()
