"""A service of an estate, drawn by chance: what it is, where it runs, what it does wrong."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from benchmarks.estate.names import BREACHES, ENVIRONMENTS, LANGUAGES

_BREACHED = 0.12
"""How likely a service breaks a given rule; what real projects break is as uneven."""
_OBJECTS = {
    "deployment": 1.0,
    "service": 0.95,
    "configmap": 0.9,
    "serviceaccount": 0.7,
    "hpa": 0.6,
    "pdb": 0.6,
    "networkpolicy": 0.5,
    "ingress": 0.35,
    "cronjob": 0.25,
}
"""Kinds of manifests, and how many services have one."""
_SETTINGS = (
    "DB",
    "CACHE",
    "QUEUE",
    "STORAGE",
    "SEARCH",
    "MAIL",
    "HTTP",
    "GRPC",
    "RETRY",
    "TIMEOUT",
    "POOL",
    "BATCH",
)


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a service runs, and with which objects."""

    name: str
    namespace: str
    objects: tuple[str, ...]
    replicas: int
    cpu: int
    memory: int


@dataclass(frozen=True, slots=True)
class Service:
    """What the templates of a service are filled with."""

    name: str
    component: str
    team: str
    folder: str
    language: str
    port: int
    image: str
    version: str
    digest: str
    commit: str
    uuid: str
    minute: int
    hour: int
    upstream: str
    metric: str
    alert: str
    settings: tuple[tuple[str, str], ...]
    breaches: frozenset[str]
    environments: tuple[Environment, ...]


def draw(chance: Random, team: str, name: str, component: str, upstream: str) -> Service:
    """A service of a team; the same state of chance gives the same service."""
    words = name.split("-")
    return Service(
        name=name,
        component=component,
        team=team,
        folder=f"teams/{team}/{name}",
        language=chance.choice(LANGUAGES),
        port=chance.randrange(8000, 9000),
        image=f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/{name}",
        version=f"{chance.randrange(1, 9)}.{chance.randrange(40)}.{chance.randrange(20)}",
        digest=chance.randbytes(32).hex(),
        commit=chance.randbytes(20).hex(),
        uuid="-".join(chance.randbytes(size).hex() for size in (4, 2, 2, 2, 6)),
        minute=chance.randrange(60),
        hour=chance.randrange(24),
        upstream=upstream,
        metric="_".join(words),
        alert="".join(word.title() for word in words),
        settings=_settings(chance),
        breaches=frozenset(name for name in BREACHES if chance.random() < _BREACHED),
        environments=_environments(chance, team),
    )


def _settings(chance: Random) -> tuple[tuple[str, str], ...]:
    names = chance.sample(_SETTINGS, chance.randrange(3, 9))
    return tuple((f"{name}_LIMIT", str(chance.randrange(1, 500))) for name in names)


def _environments(chance: Random, team: str) -> tuple[Environment, ...]:
    objects = tuple(kind for kind, share in _OBJECTS.items() if chance.random() < share)
    cpu, memory = chance.choice((100, 250, 500)), chance.choice((128, 256, 512))
    return tuple(
        Environment(name, f"{team}-{name}", objects, number + 1, cpu, memory)
        for number, name in enumerate(ENVIRONMENTS)
    )
