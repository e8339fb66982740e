"""The ConfigMaps and Secrets that kustomizations make.

Source: the kustomization reference, `configMapGenerator` and `secretGenerator`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.estate.objects import Declared
from kerp_policy.views import View


def kustomization_facts(view: View) -> Iterator[Declared]:
    """What its generators make, in a namespace that an overlay may still set."""
    for part, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for i, generator in enumerate(map(as_dict, as_list(as_dict(view.data).get(part)))):
            if isinstance(generator.get("name"), str):
                yield Declared(
                    view.facts["file"],
                    view.locate((part, i, "name")),
                    view.environment,
                    "",
                    kind,
                    generator.get("namespace") or view.facts["namespace"],
                    generator["name"],
                    _keys(generator),
                    made_by="Kustomization",
                )


def _keys(generator: dict[str, Any]) -> frozenset[str] | None:
    """The keys of literals and files; those of an env file, or of another's data, are not known."""
    if generator.get("envs") or generator.get("env") or generator.get("behavior") == "merge":
        return None
    literals = (str(literal).partition("=")[0] for literal in as_list(generator.get("literals")))
    files = (_file_key(str(file)) for file in as_list(generator.get("files")))
    return frozenset([*literals, *files])


def _file_key(entry: str) -> str:
    key, equals, _ = entry.partition("=")
    return key if equals else posixpath.basename(entry)
