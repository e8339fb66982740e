"""What the API server refuses of Services whose parts all fit their schema.

Source: the API reference of Kubernetes, ServiceSpec (`clusterIP`, `externalName`, `ports`) and
ServicePort (`name`: all of several; `nodePort`), and "Service" in its documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.kubernetes.refused_parts import Refused, entries
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import shown

_NAME = regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_HIGHEST_PORT = 65_535
_PORTS: Path = ("spec", "ports")


def refused_of_service(data: Mapping[str, Any]) -> Iterator[Refused]:
    """What a Service lacks for its type, and what is wrong with its ports."""
    spec = as_dict(data.get("spec"))
    kind, is_headless = spec.get("type") or "ClusterIP", spec.get("clusterIP") == "None"
    if kind == "ExternalName":
        if not spec.get("externalName"):
            what = "an ExternalName Service has no externalName"
            yield ("spec", "externalName"), what, "the host that it stands for"
        return
    if is_headless and kind in ("NodePort", "LoadBalancer"):
        what = f"a headless Service has the type {kind}"
        yield ("spec", "clusterIP"), what, "the type ClusterIP, or clusterIP not to be set"
    elif not spec.get("ports") and not is_headless:
        yield _PORTS, "a Service has no ports", "at least one, or a headless Service"
    yield from _twice(data, "port")
    yield from _twice(data, "nodePort")
    for path, port in entries(data, _PORTS):
        yield from _port(path, port, str(kind), is_alone=len(spec["ports"]) == 1)


def _twice(data: Mapping[str, Any], key: str) -> Iterator[Refused]:
    """Ports that have one number and one protocol."""
    seen: set[tuple[Any, Any]] = set()
    for path, port in entries(data, _PORTS):
        number, protocol = port.get(key), str(port.get("protocol") or "TCP")
        if number and (str(number), protocol) in seen:
            what = f"{key} {number}/{protocol} stands twice in spec.ports"
            yield (*path, key), what, "another port"
        seen.add((str(number), protocol))


def _port(path: Path, port: Mapping[str, Any], kind: str, *, is_alone: bool) -> Iterator[Refused]:
    name = port.get("name")
    if not name and not is_alone:
        yield (*path, "name"), "one of several ports has no name", "a name of its own"
    elif name and isinstance(name, str) and not (_NAME.fullmatch(name) or is_placeholder(name)):
        what = f"a port is named {shown(name)}"
        yield (*path, "name"), what, "small letters, digits and -, at most 63"
    for key, least in (("port", 1), ("targetPort", 0)):  # of which 0 means the port itself
        number = port.get(key)
        if type(number) is int and not least <= number <= _HIGHEST_PORT:
            yield (*path, key), f"{key} is {number}", f"1 to {_HIGHEST_PORT}"
    if port.get("nodePort") and kind == "ClusterIP":
        what = "nodePort is set, and the type is ClusterIP"
        yield (*path, "nodePort"), what, "the type NodePort, or no nodePort"
