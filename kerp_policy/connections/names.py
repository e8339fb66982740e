"""Settings that speak of connections by their names: `DB_SSLMODE`, `REDIS_TLS`, `REDIS_HOST`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from kerp_policy.connections.hosts import Where, where
from kerp_policy.connections.model import Level
from kerp_policy.connections.schemes import LIBPQ_MODE, OFF, ON, OPPORTUNISTIC, Said
from kerp_policy.connections.urls import host_of
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import listed

_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = regex(r"[^A-Za-z0-9]+")
_MODE = ("SSLMODE", "SSL_MODE")
_SWITCHES = (
    "TLS",
    "SSL",
    "USE_TLS",
    "USE_SSL",
    "TLS_ENABLED",
    "SSL_ENABLED",
    "ENABLE_TLS",
    "SECURE",
)
_HOSTS = ("HOST", "HOSTNAME")
_ADDRESSES = (
    "ADDR",
    "ADDRS",
    "ADDRESS",
    "ADDRESSES",
    "ENDPOINT",
    "ENDPOINTS",
    "SERVER",
    "SERVERS",
    "BROKER",
    "BROKERS",
    "URL",
    "URLS",
    "URI",
    "NODES",
)
_WITH_MODE = (*_HOSTS, *_ADDRESSES, "DSN")
# Where a service listens itself.
_OWN = frozenset(["LISTEN", "BIND", "SERVER", "APP", "HTTP", "HTTPS"])
_MYSQL_MODES = frozenset(("required", "verify_ca", "verify_identity"))
_WITH_PORT = regex(r"[A-Za-z0-9][A-Za-z0-9.-]{0,253}:\d{1,5}")
_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9.-]{0,253}")

Settings = Mapping[str, str]
"""From normal names to values: the settings of one ConfigMap, Secret or container."""


@lru_cache(maxsize=4096)  # the services of a project have much the same settings
def normal(name: str) -> str:
    """A name as an environment variable has it: `redis.sslMode` is `REDIS_SSL_MODE`."""
    return _OTHER.sub("_", _CAMEL.sub("_", name)).strip("_").upper()


def mode_elsewhere(name: str, settings: Settings) -> str:
    """The setting beside `name` that gives its sslmode and is judged by itself; else empty."""
    owner = _owner(name, _WITH_MODE)
    own = [f"{owner}{mode}" for mode in _MODE if owner is not None]
    return next((each for each in (*own, LIBPQ_MODE) if settings.get(each)), "")


def judge_name(name: str, settings: Settings, modes: Sequence[str]) -> Said:
    """Judge a setting by what its name says it is; None where it says nothing to the purpose."""
    value = settings[name].strip()
    if not value or is_placeholder(value):
        return None
    if name.endswith(_MODE):
        return _mode(value, modes)
    if name.endswith(_SWITCHES):
        return _switch(name, value, settings)
    return _host(name, value, settings)


def _mode(value: str, modes: Sequence[str]) -> Said:
    lower, expected = value.lower(), f"expected {listed(modes, 'or')}"
    if lower in modes or lower in _MYSQL_MODES:
        return None
    if lower in OFF | OPPORTUNISTIC | {"require", "verify-ca"}:
        return Level.PLAIN, f"is {lower}; {expected}"
    return Level.UNVERIFIED, f"is a mode that is not known; {expected}"


def _switch(name: str, value: str, settings: Settings) -> Said:
    """Only beside a host, so that a switch of something else is left alone."""
    owner = _owner(name, _SWITCHES)
    beside = (f"{owner}{part}" for part in (*_HOSTS, *_ADDRESSES))
    if owner and value.lower() in OFF and any(settings.get(each) for each in beside):
        return Level.PLAIN, f"is {value.lower()}, so the connection is not encrypted; expected true"
    return None


def _host(name: str, value: str, settings: Settings) -> Said:
    owner = _owner(name, _HOSTS)
    if owner is not None:
        host = value if _NAME.fullmatch(value) and settings.get(f"{owner}PORT") else ""
        host = host or (value if _WITH_PORT.fullmatch(value) else "")
    else:
        owner = _owner(name, _ADDRESSES)
        host = next(iter(_addresses(value)), "")
    if not host or owner is None or _OWN.intersection(owner.split("_")):
        return None
    if where(host_of(host)) is Where.LOCAL or _vouched_for(owner, settings):
        return None
    return Level.UNVERIFIED, f"names {host} without a scheme; files do not show whether TLS is used"


def _addresses(value: str) -> Iterator[str]:
    """The parts of a list of `host:port`; nothing where one of them is something else."""
    parts = [part.strip() for part in value[:4000].split(",")]
    if all(_WITH_PORT.fullmatch(part) for part in parts):
        yield from parts


def _vouched_for(owner: str, settings: Settings) -> bool:
    """Whether a setting beside it says yes or no to TLS; a no is that setting's own failure."""
    switches = (settings.get(f"{owner}{switch}", "").strip().lower() for switch in _SWITCHES)
    modes = [f"{owner}{mode}" for mode in _MODE]
    if owner in ("PG", "POSTGRES_", "POSTGRESQL_"):
        modes.append(LIBPQ_MODE)
    return any(value in ON | OFF for value in switches) or any(settings.get(each) for each in modes)


@lru_cache(maxsize=4096)
def _owner(name: str, parts: tuple[str, ...]) -> str | None:
    """What comes before one of the last parts: `REDIS_` of `REDIS_HOST`, `PG` of `PGHOST`."""
    for part in sorted(parts, key=len, reverse=True):
        owner = name.removesuffix(part)
        if owner != name and (owner.endswith("_") or owner in ("", "PG")):
            return owner
    return None
