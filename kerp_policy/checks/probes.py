"""Checks of probes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.artifacts.pods import Container
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")


def distinct(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Liveness and readiness ask different things: another path, port or command."""
    liveness, readiness = (as_dict(view.data.get(name)) for name in PROBES[:2])
    if not liveness or not readiness:
        yield NOT_APPLICABLE
        return
    asked = _asked(view.subject, liveness)
    if asked and asked == _asked(view.subject, readiness):
        path: Path = ("readinessProbe", asked[0])
        if asked[0] == "httpGet":
            path = (*path, "path")
        yield Remark(path, f"livenessProbe and readinessProbe both ask {_described(asked)}")


def _asked(container: Container, probe: dict[str, Any]) -> tuple[str, ...] | None:
    for handler in _HANDLERS:
        if isinstance(probe.get(handler), dict):
            return (handler, *_target(container, handler, probe[handler]))
    return None


def _target(container: Container, handler: str, spec: dict[str, Any]) -> Iterator[str]:
    """What is asked, with a port's name resolved and defaults filled in."""
    if handler == "exec":
        yield " ".join(str(word) for word in spec.get("command") or ())
        return
    yield _port_number(container, spec.get("port"))
    if handler == "httpGet":
        yield str(spec.get("path") or "/")
    if handler == "grpc":
        yield str(spec.get("service") or "")


def _port_number(container: Container, port: Any) -> str:
    named = (p.get("containerPort") for p in container.ports if p.get("name") == port)
    return str(next(named, port))


def _described(asked: tuple[str, ...]) -> str:
    handler, *target = asked
    if handler == "httpGet":
        return f"{target[1]} at port {target[0]}"
    return f"the command {target[0]!r}" if handler == "exec" else f"port {target[0]}"


def declared_port(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every probe's port is one that the container declares, by name or number."""
    container: Container = view.subject
    names = {port.get("name") for port in container.ports}
    numbers = {port.get("containerPort") for port in container.ports}
    for probe in PROBES:
        for handler in ("httpGet", "tcpSocket", "grpc"):
            path: Path = (probe, handler, "port")
            port = lookup(view.data, path)
            if port is None or lookup(view.data, (*path[:2], "host")):
                continue
            if isinstance(port, str) and is_placeholder(port):
                yield unverified(path, f"{probe} asks port {port}, filled in elsewhere")
            elif port not in names and port not in numbers:
                yield Remark(path, f"{probe} asks port {port}; {_declares(names, numbers)}")


def _declares(names: set[Any], numbers: set[Any]) -> str:
    known = [str(value) for value in (*sorted(filter(None, numbers)), *sorted(filter(None, names)))]
    return f"the container declares {', '.join(known)}" if known else "the container declares none"


DEFAULTS = {
    "initialDelaySeconds": 0,
    "periodSeconds": 10,
    "timeoutSeconds": 1,
    "failureThreshold": 3,
}
"""What holds where a probe does not say (Kubernetes API, Probe)."""


def timing(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The probes have the numbers of the standard, defaults counted in."""
    for name in ("liveness", "readiness"):
        probe = as_dict(view.data.get(f"{name}Probe"))
        for key, wanted in params[name].items() if probe else ():
            value = probe.get(key, DEFAULTS[key])
            if value != wanted:
                path = (f"{name}Probe", key)
                default = "" if key in probe else " by default"
                yield Remark(path, f"{name}Probe.{key} is {value}{default}; expected {wanted}")
