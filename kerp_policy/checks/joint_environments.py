"""Joint checks of environments among themselves: hosts of their own, settings in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.hosts import Host
from kerp_policy.estate.image_names import deployed_repository
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.workloads import Container, Workload
from kerp_policy.findings import Judged, Place, Related, Remark, unverified
from kerp_policy.parameters import ENVIRONMENT, by_name, one_of, some, takes
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import listed

_SHOWN = 5


@takes(hosts=by_name({"type": "string", "pattern": "^[A-Za-z0-9*.-]+$"}, ENVIRONMENT, least=1))
def hosts(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """Each environment is reached under hosts of its own, among them the one of the standard.

    `params["hosts"]` has the host of each environment. A host with a placeholder may be any.
    """
    told = (each for each in estate.all(Host) if not is_placeholder(each.host))
    known = [each for each in told if each.environment]
    by_host: dict[str, list[Host]] = {}
    by_environment: dict[str, list[Host]] = {}
    for each in known:
        by_host.setdefault(each.host, []).append(each)
        by_environment.setdefault(each.environment or "", []).append(each)
    owners = {host: environment for environment, host in params["hosts"].items()}
    reached = {e for e, found in by_environment.items() if _is_reached(e, found, params["hosts"])}
    for each in known:
        first = each is by_environment[each.environment or ""][0]
        wanted = params["hosts"].get(each.environment)
        remarks = list(_shared(each, by_host[each.host], owners.get(each.host)))
        if first and not remarks and wanted and each.environment not in reached:
            message = f"{each.environment} is reached under {each.host}; expected {wanted}"
            asked = f"host/{wanted}: {each.environment}"
            remarks.append(unverified(each.place, message, settled_by=asked))
        yield Judged(each, tuple(remarks))


def _is_reached(environment: str, found: Sequence[Host], wanted: Mapping[str, str]) -> bool:
    host = wanted.get(environment, "")
    names = {each.host for each in found}
    return host in names or f"*.{host.partition('.')[2]}" in names


def _shared(host: Host, alike: Sequence[Host], owner: str | None) -> Iterator[Remark]:
    """A host that is also another environment's; told once for each of its owners but the first."""
    if owner and owner != host.environment:
        message = f"{host.host} is the host of {owner}, not of {host.environment}"
        others = [each for each in alike if each.environment == owner][:1]
        yield Remark(host.place, message, related=tuple(map(_served, others)))
        return
    first = alike[0]
    if first.environment != host.environment and owner is None:
        message = f"{host.host} is served in {host.environment} and in {first.environment} alike"
        yield Remark(host.place, f"{message}; expected one each", related=(_served(first),))


def _served(host: Host) -> Related:
    return Related(host.file, host.place, f"{host.owner} serves it in {host.environment}")


class _Setting(Struct, frozen=True):
    """What a thing is set to, in words (empty where that is not known), and where."""

    value: str
    place: Place


@takes(reference=ENVIRONMENT, alike=some(one_of("image", "ports", "probes", "security", "keys")))
def alike(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What has one name in two environments is set alike, but for what may differ.

    `params["alike"]` names what is compared, `params["reference"]` the environment that the others
    are compared with. Only things that are there once in an environment are compared, and none
    that a kustomization changes.
    """
    settings = [(name, _SETTINGS[name]) for name in params["alike"]]
    for one, other in _pairs(estate, estate.all(Workload), params["reference"]):
        found = [
            remark
            for name, setting in settings
            for remark in _compared(name, setting(one), setting(other), other)
        ]
        yield Judged(one, tuple(found))
    if "keys" in params["alike"]:
        maps = [each for each in estate.all(Declared) if each.kind == "ConfigMap" and each.keys]
        for one_map, other_map in _pairs(estate, maps, params["reference"]):
            yield Judged(one_map, tuple(_keys(one_map, other_map)))


def _pairs(estate: Estate, things: Sequence[Any], reference: str) -> Iterator[tuple[Any, Any]]:
    """Each thing with the one of the same kind and name in the environment of reference."""
    found: dict[tuple[str, str], dict[str, list[Any]]] = {}
    for each in things:
        if each.environment and each.file not in estate.kustomize.overrides:
            by_environment = found.setdefault(each.kind_and_name, {})
            by_environment.setdefault(each.environment, []).append(each)
    for by_environment in found.values():
        others = by_environment.get(reference, ())
        for environment, own in by_environment.items():
            if environment != reference and len(own) == len(others) == 1:
                yield own[0], others[0]


Settings = Mapping[str, _Setting]
"""By the name of a container."""


def _of_containers(read: Callable[[Container], _Setting]) -> Callable[[Workload], Settings]:
    return lambda workload: {each.name: read(each) for each in workload.containers}


def _image(each: Container) -> _Setting:
    return _Setting(deployed_repository(each.image or ""), each.places["image"])


def _ports(each: Container) -> _Setting:
    ports = sorted(f"{port.number}/{port.protocol}" for port in each.ports)
    where = each.ports[0].place if each.ports else each.place
    return _Setting(", ".join(ports) or "none", where)


def _probes(each: Container) -> _Setting:
    probes = [f"{p.which} {p.handler} {p.path or ''} {p.port or ''}".strip() for p in each.probes]
    where = each.probes[0].place if each.probes else each.place
    return _Setting(", ".join(sorted(" ".join(p.split()) for p in probes)) or "none", where)


def _security(each: Container) -> _Setting:
    names = ("runAsNonRoot", "runAsUser", "readOnlyRootFilesystem", "allowPrivilegeEscalation")
    values = {name: each.security[name] for name in names if name in each.security}
    told = ", ".join(f"{name} {str(value).lower()}" for name, value in values.items())
    return _Setting(told or "none", each.places["securityContext.runAsUser"])


_SETTINGS: Mapping[str, Callable[[Workload], Settings]] = {
    "image": _of_containers(_image),
    "ports": _of_containers(_ports),
    "probes": _of_containers(_probes),
    "security": _of_containers(_security),
    "keys": lambda _: {},
}


def _compared(name: str, own: Settings, others: Settings, thing: Workload) -> Iterator[Remark]:
    for container, here in own.items():
        there = others.get(container, here)
        values = (here.value, there.value)
        if here.value == there.value or any("$" in value or not value for value in values):
            continue
        wanted = f"{there.value} as in {thing.environment}"
        verb = "are" if name.endswith("s") else "is"
        message = f"the {name} of container {container} {verb} {here.value}; expected {wanted}"
        related = Related(thing.file, there.place, f"{there.value} in {thing.environment}")
        yield Remark(here.place, message, subject=f"{container} {name}", related=(related,))


def _keys(own: Declared, other: Declared) -> Iterator[Remark]:
    here, there = own.keys or frozenset(), other.keys or frozenset()
    missing = sorted(there - here)
    added = sorted(here - there)
    told = [
        *([f"{_few(missing)} only in {other.environment}"] if missing else []),
        *([f"{_few(added)} only here"] if added else []),
    ]
    if told:
        related = Related(other.file, other.place, f"ConfigMap {own.name} of {other.environment}")
        message = f"ConfigMap {own.name} has other keys than in {other.environment}"
        yield Remark(own.place, f"{message}: {', '.join(told)}", related=(related,))


def _few(names: Sequence[str]) -> str:
    return listed([*names[:_SHOWN], *(["others"] if len(names) > _SHOWN else [])])
