"""Joint check of EXPOSE: does it name the port that the service listens on?

Source: Dockerfile reference, "EXPOSE".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.images import Dockerfile, Target
from kerp_policy.estate.running import Images
from kerp_policy.estate.workloads import Container, Workload
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, Verdict
from kerp_policy.parameters import WORD, any_of, takes
from kerp_policy.wording import listed


class _Sign(Struct, frozen=True):
    """What tells a port that an image listens on."""

    port: int
    says: str
    related: tuple[Related, ...]
    sure: bool = True


class _Runs(Struct, frozen=True):
    workload: Workload
    container: Container
    sure: bool


@takes(variables=any_of(WORD))
def exposed(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """EXPOSE names the port that the HEALTHCHECK asks, or a variable sets, or a container declares.

    Args:
        estate: the estate.
        params: `variables`, those that tell an image its port.
    """
    variables = tuple(params["variables"])
    runs = _runs(estate)
    for dockerfile in estate.all(Dockerfile):
        for target in dockerfile.targets:
            run = runs.get(target.place.address, ())
            if target.final or run:
                whole = estate.made(Images).effective(target)
                signs = list(_signs(whole, run, variables))
                yield Judged(dockerfile, tuple(_judged(dockerfile, whole, signs)))


def _runs(estate: Estate) -> dict[str, list[_Runs]]:
    """The containers that run an image, by the address of the stage that gives it."""
    found: dict[str, list[_Runs]] = {}
    for workload, container, images in estate.made(Images).containers:
        for image in images:
            run = _Runs(workload, container, image.sure)
            found.setdefault(image.target.place.address, []).append(run)
    return found


def _signs(target: Target, runs: Iterable[_Runs], variables: Sequence[str]) -> Iterator[_Sign]:
    health = target.healthcheck
    if health and health.asks is not None:
        related = Related(health.file, health.place, f"it asks port {health.asks}")
        yield _Sign(health.asks, "the HEALTHCHECK asks", (related,))
    for name in variables:
        port = target.numbers.get(name)
        if (not health or health.asks is None) and port is not None:
            yield _Sign(port, f"{name} sets", ())
    for run in runs:
        yield from _declared(run, target, variables)


def _declared(run: _Runs, target: Target, variables: Sequence[str]) -> Iterator[_Sign]:
    """The first port of a container none of whose ports is one of EXPOSE."""
    container = run.container
    told_otherwise = any(name in container.environment for name in variables)
    if not container.long_running or container.command or told_otherwise:
        return
    ports = [p for p in container.ports if type(p.number) is int and p.protocol == "TCP"]
    if ports and not any(_names(target, port.number) for port in ports):
        name = f"{run.workload.kind} {run.workload.name}"
        related = Related(run.workload.file, ports[0].place, f"{name} declares the port here")
        yield _Sign(ports[0].number, f"{name} declares", (related,), run.sure)


def _judged(dockerfile: Dockerfile, target: Target, signs: Sequence[_Sign]) -> Iterator[Remark]:
    missing = [sign for sign in signs if not _names(target, sign.port)]
    if not signs and not target.exposed:
        yield NOT_APPLICABLE
    if not missing:
        return
    told = dict.fromkeys(f"{sign.says} {sign.port}" for sign in missing)
    own = [each for each in target.exposed if each.file == dockerfile.file]
    named = [str(each.ports) for each in own if each.ports]
    unknown = "EXPOSE names no port that is known" if own else "there is no EXPOSE"
    shown = f"EXPOSE names {listed(named)}" if named else unknown
    known = target.base_ports is not None and all(each.ports for each in target.exposed)
    sure = known and any(sign.sure for sign in missing)
    doubt = "" if sure else "; files do not show whether the image exposes that port, or runs there"
    yield Remark(
        own[-1].place if own else target.place,
        f"{shown}, but {listed(list(told))}{doubt}",
        Verdict.FAIL if sure else Verdict.UNVERIFIED,
        related=tuple(dict.fromkeys(each for sign in missing for each in sign.related)),
    )


def _names(target: Target, port: int) -> bool:
    """Whether an image exposes a TCP port."""
    if port in (target.base_ports or ()):
        return True
    ranges = (each.ports for each in target.exposed if each.ports)
    return any(r.first <= port <= r.last and r.protocol == "TCP" for r in ranges)
