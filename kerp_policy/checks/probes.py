"""Checks of probes."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.pods import Container
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.parameters import COUNT, record, takes
from kerp_policy.paths import Path, format_path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import filled_in, listed, shown

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")
_SECONDS = {"type": "integer", "minimum": 0}
_PROBE = record(
    initialDelaySeconds=_SECONDS,
    periodSeconds=COUNT,
    timeoutSeconds=COUNT,
    successThreshold=COUNT,
    failureThreshold=COUNT,
    terminationGracePeriodSeconds=COUNT,
)


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
        message = f"livenessProbe and readinessProbe both ask {_described(asked)}"
        yield Remark(path, f"{message}; expected two different ones")


def _asked(container: Container, probe: dict[str, Any]) -> tuple[str, ...] | None:
    for handler in _HANDLERS:
        if isinstance(probe.get(handler), dict):
            return (handler, *_target(container, handler, probe[handler]))
    return None


def _target(container: Container, handler: str, spec: dict[str, Any]) -> Iterator[str]:
    """What is asked, with a port's name resolved and defaults filled in."""
    if handler == "exec":
        yield shlex.join(str(word) for word in as_list(spec.get("command")))
        return
    yield _port_number(container, spec.get("port"))
    if handler == "httpGet":
        yield "/" + str(spec.get("path") or "").removeprefix("/")
        yield str(as_list(spec.get("httpHeaders")))
        yield str(spec.get("host") or "")
    if handler == "grpc":
        yield str(spec.get("service") or "")


def _port_number(container: Container, port: Any) -> str:
    named = (p.get("containerPort") for p in container.ports if p.get("name") == port)
    return str(next(named, port))


def _described(asked: tuple[str, ...]) -> str:
    handler, *target = asked
    if handler == "httpGet":
        return f"{target[1]} at port {target[0]}"
    if handler == "grpc" and target[1]:
        return f"the service {target[1]} at port {target[0]}"
    return f"the command {shown(target[0])}" if handler == "exec" else f"port {target[0]}"


def declared_port(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every probe's port is one that the container declares, by name or number."""
    container: Container = view.subject
    declared = _declared(container.ports)
    for probe in PROBES:
        for handler in ("httpGet", "tcpSocket", "grpc"):
            path: Path = (probe, handler, "port")
            port = lookup(view.data, path)
            elsewhere = lookup(view.data, (*path[:2], "host"))
            if not isinstance(port, (int, str)) or port in declared or elsewhere:
                continue
            if any(is_placeholder(str(known)) for known in (port, *declared)):
                message = f"files do not show whether the container declares port {port}"
                yield unverified(path, f"{message}, which {probe} asks")
            else:
                yield _undeclared(path, port, container)


def _declared(ports: Iterable[Mapping[str, Any]]) -> list[int | str]:
    """The numbers of declared ports, then their names, each once."""
    ports = list(ports)
    found = [port.get(key) for key in ("containerPort", "name") for port in ports]
    return list(dict.fromkeys(value for value in found if isinstance(value, (int, str))))


def _undeclared(path: Path, port: int | str, container: Container) -> Remark:
    """What to ask instead: a port of TCP, as no probe speaks another protocol."""
    fit = [each for each in container.ports if each.get("protocol") not in ("UDP", "SCTP")]
    declared = _declared(fit)
    if isinstance(port, str) and port.isdecimal() and port in map(str, declared):
        message = f'{path[0]} asks the port named "{port}"; write the number {port}'
        return Remark(path, f"{message} without quotes")
    message = f"{path[0]} asks port {port}"
    if not declared:
        kind = "port of TCP" if container.ports else "port"
        return Remark(path, f"{message}, and the container declares no {kind}")
    names = listed([str(each) for each in declared], "or")
    return Remark(path, f"{message}; expected {names}, which the container declares")


DEFAULTS = {
    "initialDelaySeconds": 0,
    "periodSeconds": 10,
    "timeoutSeconds": 1,
    "successThreshold": 1,
    "failureThreshold": 3,
}
"""What holds where a probe does not say (Kubernetes API, Probe)."""


@takes(liveness=_PROBE, readiness=_PROBE)
def timing(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The main container's probes have the standard's numbers, defaults counted in."""
    container: Container = view.subject
    if not container.is_main:
        yield NOT_APPLICABLE
        return
    for name in ("liveness", "readiness"):
        probe = as_dict(view.data.get(f"{name}Probe"))
        for key, wanted in params[name].items() if probe else ():
            yield from _timing((f"{name}Probe", key), probe.get(key), wanted)


def _timing(path: Path, stated: Any, wanted: Any) -> Iterator[Remark]:
    value = DEFAULTS.get(str(path[1])) if stated is None else stated
    if is_placeholder(str(value)):
        yield unverified(path, filled_in(format_path(path), value, wanted))
    elif value != wanted:
        said = shown(value) if stated is not None else f"not set, which means {value}"
        yield Remark(path, f"{format_path(path)} is {said}; expected {wanted}")
