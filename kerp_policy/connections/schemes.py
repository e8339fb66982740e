"""What each scheme of a connection URL says about encryption.

Sources: the manuals of libpq and the PostgreSQL JDBC driver, of MySQL and its drivers, MongoDB's
connection string specification, the IANA list of URI schemes, Kafka's `security.protocol`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kerp_policy.connections.hosts import Where, where
from kerp_policy.connections.model import Level
from kerp_policy.connections.urls import Url
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import clipped, listed

Said = tuple[Level, str] | None

OFF = frozenset(("false", "0", "no", "off", "disable", "disabled", "none"))
ON = frozenset(("true", "1", "yes", "on", "enable", "enabled", "required", "require"))
LIBPQ_MODE = "PGSSLMODE"
"""The variable that libpq, and nothing but PostgreSQL's clients, reads."""
OPPORTUNISTIC = frozenset(("allow", "prefer", "preferred"))
"""TLS where the other side offers it: an attacker in between sees to it that it does not."""

_ENCRYPTED_INSTEAD = {
    "redis": "rediss://",
    "valkey": "valkeys://",
    "amqp": "amqps://",
    "pyamqp": "amqps://",
    "mqtt": "mqtts://",
    "ftp": "ftps:// or sftp://",
    "plaintext": "SSL://",
    "sasl_plaintext": "SASL_SSL://",
}
_UPGRADING = {
    "nats": "NATS may upgrade to TLS or not; tls:// says it does",
    "ldap": "LDAP may upgrade by StartTLS or not; ldaps:// is always encrypted",
    "smtp": "SMTP may upgrade by STARTTLS or not; smtps:// is always encrypted",
    "kafka": "the scheme does not tell",
    "grpc": "the scheme does not tell; grpcs:// does",
    "tcp": "the scheme does not tell; tls:// does",
}
_TLS_DRIVERS = frozenset(("tls", "ssl"))


def judge_url(url: Url, modes: Sequence[str], *, mode_elsewhere: str) -> Said:
    """Judge one URL; None where it is encrypted, leaves the machine nowhere, or is none of ours.

    Args:
        url: the URL.
        modes: the values of `sslmode` that the standard accepts.
        mode_elsewhere: the setting beside it that gives the `sslmode`, else empty.
    """
    if all(where(host) is Where.LOCAL for host in url.hosts) or url.driver in _TLS_DRIVERS:
        return None
    if url.scheme in _DATABASES:
        return _DATABASES[url.scheme](url, modes, mode_elsewhere)
    if url.scheme in ("http", "ws"):
        return _http(url)
    if url.scheme in _ENCRYPTED_INSTEAD and not _switched_on(url):
        return Level.PLAIN, f"is not encrypted; expected {_ENCRYPTED_INSTEAD[url.scheme]}"
    if url.scheme in _UPGRADING:
        return Level.UNVERIFIED, f"may not be encrypted: {_UPGRADING[url.scheme]}"
    return None


def _switched_on(url: Url) -> bool:
    return any(url.params.get(key, "").lower() in ON for key in ("ssl", "tls"))


def _http(url: Url) -> Said:
    places = {where(host) for host in url.hosts}
    secure = "https://" if url.scheme == "http" else "wss://"
    if Where.OUTSIDE in places:
        return Level.PLAIN, f"is not encrypted; expected {secure}"
    if Where.UNKNOWN in places:
        return Level.UNVERIFIED, "is not encrypted; files do not show how far it goes"
    return Level.PLAIN_INSIDE, f"is not encrypted inside the cluster; expected {secure}"


def _postgres(url: Url, modes: Sequence[str], mode_elsewhere: str) -> Said:
    mode, ssl = (url.params.get(key, "").lower() for key in ("sslmode", "ssl"))
    expected = f"expected sslmode={listed(modes, 'or')}"
    if "host" in url.params and where(url.params["host"]) is Where.LOCAL:
        return None
    if is_placeholder(mode) or is_placeholder(ssl):
        return Level.UNVERIFIED, f"takes its sslmode from elsewhere; {expected}"
    if mode:
        return (
            None if mode in modes else (Level.PLAIN, f"has sslmode={clipped(mode, 20)}; {expected}")
        )
    if ssl in ON or ssl in modes or mode_elsewhere:
        return None
    said = "turns TLS off with ssl" if ssl in OFF else "does not ask for TLS"
    return Level.PLAIN, f"{said}; {expected}"


_MYSQL_PARAMS = ("tls", "usessl", "requiressl", "sslmode", "ssl-mode", "ssl_mode", "ssl")
_MYSQL_FILES = ("sslaccept", "ssl_ca", "ssl-ca", "sslca", "sslcert", "sslrootcert")


def _mysql(url: Url, modes: Sequence[str], mode_elsewhere: str) -> Said:
    given = {key: url.params[key].lower() for key in _MYSQL_PARAMS if key in url.params}
    expected = "expected ssl-mode=REQUIRED, tls=true or useSSL=true, as the driver has it"
    if any(is_placeholder(value) for value in given.values()):
        return Level.UNVERIFIED, f"takes its TLS mode from elsewhere; {expected}"
    weak = OFF | OPPORTUNISTIC
    if any(value not in weak for value in given.values()):
        return None
    if given:
        return Level.PLAIN, f"turns TLS off or only prefers it ({', '.join(given)}); {expected}"
    if any(key in url.params for key in _MYSQL_FILES) or mode_elsewhere not in ("", LIBPQ_MODE):
        return None
    return Level.PLAIN, f"does not ask for TLS; {expected}"


def _mongodb(url: Url, modes: Sequence[str], mode_elsewhere: str) -> Said:
    values = [url.params[key].lower() for key in ("tls", "ssl") if key in url.params]
    if any(value in OFF for value in values):
        return Level.PLAIN, "turns TLS off; expected tls=true"
    if values and is_placeholder(values[0]):
        return Level.UNVERIFIED, "takes its TLS mode from elsewhere; expected tls=true"
    if values or url.driver == "srv":
        return None
    return Level.PLAIN, "does not ask for TLS; expected tls=true"


def _sqlserver(url: Url, modes: Sequence[str], mode_elsewhere: str) -> Said:
    """Newer drivers encrypt unless told not to, older ones the other way round."""
    encrypt = url.params.get("encrypt", "").lower()
    if encrypt in OFF or encrypt == "optional":
        return Level.PLAIN, f"has encrypt={encrypt}; expected encrypt=true"
    if encrypt and not is_placeholder(encrypt):
        return None
    return Level.UNVERIFIED, "does not say encrypt=true, without which some drivers do not encrypt"


_DATABASES: dict[str, Callable[[Url, Sequence[str], str], Said]] = {
    "postgres": _postgres,
    "postgresql": _postgres,
    "mysql": _mysql,
    "mysql2": _mysql,
    "mariadb": _mysql,
    "mongodb": _mongodb,
    "sqlserver": _sqlserver,
    "mssql": _sqlserver,
}

IN_FILES = frozenset((*_DATABASES, *_ENCRYPTED_INSTEAD, "nats")) - {"ftp"}
"""Schemes that mean a connection wherever they stand; the others are often names or links."""
