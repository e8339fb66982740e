"""Kubernetes' schemas as kubeconform reads them from a disk: a file for each kind."""

from __future__ import annotations

import gzip
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

_VERSION = "1.34"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""Else kubeconform takes them for draft 4, which they are not, and reads none of them."""
_REFERENCE = re.compile(r'"#/\$defs/([^"]+)"')


def write_schemas(folder: Path) -> None:
    """Write those that this program carries, so that both hold manifests to the same ones."""
    folder.mkdir(parents=True)
    data = files("kerp_policy").joinpath(f"data/kubernetes/{_VERSION}.json.gz").read_bytes()
    known = json.loads(gzip.decompress(data))
    for api_version, kinds in known["kinds"].items():
        for kind, name in kinds.items():
            schema = {**known["definitions"][name], "$defs": _reached(known, name)}
            schema["$schema"] = _DIALECT
            path = folder / f"{_file_name(api_version, kind)}.json"
            path.write_text(json.dumps(schema), "utf-8")


def _file_name(api_version: str, kind: str) -> str:
    """Such as `deployment-apps-v1`: of a group, kubeconform asks for the first part."""
    group, _slash, version = api_version.rpartition("/")
    return "-".join(part for part in (kind, group.partition(".")[0], version) if part).lower()


def _reached(known: dict[str, Any], name: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen[name] = known["definitions"][name]
            waiting += _REFERENCE.findall(json.dumps(seen[name]))
    return seen
