"""What the API server refuses of Ingresses whose parts all fit their schema.

Source: the API reference of Kubernetes, IngressSpec (`defaultBackend` or `rules`), HTTPIngressPath
(`path`), IngressBackend (`service` or `resource`) and ServiceBackendPort (`name` or `number`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.kubernetes.refused_parts import Refused, entries
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import lookup
from kerp_policy.wording import shown

_READ_BY_SERVER = ("Exact", "Prefix")
_DETOUR = regex(r"//|/\.\.?(?:/|$)|%2[fF]")


def refused_of_ingress(data: Mapping[str, Any]) -> Iterator[Refused]:
    """An Ingress without anything to do, and rules whose paths or backends lead nowhere."""
    rules, default = (lookup(data, ("spec", key)) for key in ("rules", "defaultBackend"))
    if not rules and not default:
        yield ("spec", "rules"), "neither rules nor defaultBackend is set", ""
    if isinstance(default, dict):
        yield from _backend(("spec", "defaultBackend"), default)
    for base, rule in entries(data, ("spec", "rules")):
        where: Path = (*base, "http", "paths")
        if lookup(rule, ("http", "paths")) == []:
            yield where, "paths is empty", "at least one path"
        for path, entry in entries(data, where):
            yield from _path((*path, "path"), entry.get("path"), entry.get("pathType"))
            if isinstance(entry.get("backend"), dict):
                yield from _backend((*path, "backend"), entry["backend"])


def _path(where: Path, path: Any, kind: Any) -> Iterator[Refused]:
    """Only where the controller interprets it a path may be missing."""
    if path and (not isinstance(path, str) or is_placeholder(path)):
        return
    if not path and kind in _READ_BY_SERVER:
        yield where, "path is not set", "one that begins with /"
    elif path and not path.startswith("/"):
        yield where, f"path is {shown(path)}", "one that begins with /"
    elif path and kind in _READ_BY_SERVER and _DETOUR.search(path):
        yield where, f"path is {shown(path)}", "one without //, /./, /../ and %2F"


def _backend(base: Path, data: Mapping[str, Any]) -> Iterator[Refused]:
    service, resource = data.get("service"), data.get("resource")
    if not service and not resource:
        yield base, "backend names no service", ""
    elif service and resource:
        yield base, "backend names both a service and a resource", "one of them"
    port = as_dict(lookup(service, ("port",)))
    if isinstance(service, dict) and bool(port.get("name")) == bool(port.get("number")):
        has = "both a name and a number" if port.get("name") else "neither a name nor a number"
        yield (*base, "service", "port"), f"the port of a backend has {has}", "one of them"
