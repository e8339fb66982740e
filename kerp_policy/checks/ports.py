"""Checks of ports: that a name means one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.findings import NOT_APPLICABLE, Remark
from kerp_policy.paths import Path, format_path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup


def distinct_names(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No name of a port stands twice in a Service or in what a pod runs at the same time.

    In one container or Service the API server refuses it; of two containers that run together the
    first that has the name gets what is sent there (Kubernetes API, ContainerPort, ServicePort).
    """
    if view.facts["kind"] == "Service" and not view.facts["group"]:
        base: Path = ("spec", "ports")
        yield from _twice(base, _named(lookup(view.data, base)), "spec.")
        return
    containers = list(_with_ports(view))
    if not containers:
        yield NOT_APPLICABLE
    for base, container in containers:
        yield from _twice((*base, "ports"), _named(container["ports"]), "")
    yield from _shared(containers)


def _with_ports(view: View) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The containers that declare ports and where they stand, those that start last first."""
    pod = view.subject.pod_path
    for key in ("containers", "initContainers") if pod is not None else ():
        base: Path = (*pod, "spec", key)
        for i, container in enumerate(map(as_dict, as_list(lookup(view.data, base)))):
            if container.get("ports"):
                yield (*base, i), container


def _named(ports: Any) -> list[tuple[int, str]]:
    """The names of ports by their positions; what is filled in elsewhere may be any name."""
    names = ((i, as_dict(port).get("name")) for i, port in enumerate(as_list(ports)))
    return [(i, n) for i, n in names if isinstance(n, str) and n and not is_placeholder(n)]


def _twice(base: Path, names: list[tuple[int, str]], within: str) -> Iterator[Remark]:
    first: dict[str, int] = {}
    for i, name in names:
        if name in first:
            what, other = (f"{within}{format_path(('ports', n))}" for n in (i, first[name]))
            message = f"{what}.name is {name}, and so is that of {other}"
            message = f"{message}, which the API server refuses; expected a name of its own"
            yield Remark((*base, i, "name"), message)
        first.setdefault(name, i)


def _shared(containers: list[tuple[Path, dict[str, Any]]]) -> Iterator[Remark]:
    """Names that several containers have; sidecars are asked last for them, as Services do."""
    together: dict[tuple[str, str], tuple[Path, Any]] = {}
    for base, container in containers:
        ends = base[-2] == "initContainers" and container.get("restartPolicy") != "Always"
        for i, name in _named(container["ports"]) if not ends else ():
            protocol = str(container["ports"][i].get("protocol") or "TCP")
            first = together.setdefault((name, protocol), (base, container.get("name")))
            if first[0] != base:
                message = f"ports[{i}].name is {name}, and so is that of a port of container"
                message = f"{message} {first[1]}, which alone is reached by it"
                yield Remark((*base, "ports", i, "name"), f"{message}; expected a name of its own")
