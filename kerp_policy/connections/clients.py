"""Clients of databases whose arguments, and no URL, say whether a connection is encrypted.

Sources: the manuals of libpq (Connection Strings) and of MySQL's and MariaDB's clients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerp_policy.connections.hosts import Where, where
from kerp_policy.connections.model import Level
from kerp_policy.connections.schemes import OFF
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.wording import clipped, listed

_LIBPQ = frozenset(
    (
        *("psql", "pg_dump", "pg_dumpall", "pg_restore", "pg_basebackup", "pg_isready", "pgbench"),
        *("createdb", "dropdb", "reindexdb", "vacuumdb"),
    )
)
_MYSQL = frozenset(
    ("mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlcheck", "mariadb", "mariadb-dump")
)
_SETTINGS = regex(r"(?:[A-Za-z_]++[ \t]*+=[ \t]*+(?:'[^']*+'|[^\s']*+)(?:\s++|\Z))++")
_SETTING = regex(r"([A-Za-z_]+)[ \t]*=[ \t]*(?:'([^']*)'|([^\s']*))")
_WITHOUT = frozenset(("--skip-ssl", "--disable-ssl", "--ssl-mode=disabled"))

Said = Iterator[tuple[int, Level, str]]
"""The index of the word, how bad it is, and what is wrong."""


def judge_client(words: Sequence[str], modes: Sequence[str], mode_given: str) -> Said:
    """Judge what a client of PostgreSQL or MySQL is told.

    Args:
        words: the program and its arguments, expansions as they are written.
        modes: the values of `sslmode` that the standard accepts.
        mode_given: the setting that gives the `sslmode` elsewhere, if any.
    """
    program = words[0].rpartition("/")[2] if words else ""
    for index, word in enumerate(words):
        if program in _LIBPQ and "=" in word and not word.startswith("-"):
            yield from ((index, *said) for said in _libpq(word, modes, mode_given))
        elif program in _MYSQL and _is_off(word, words[index + 1 : index + 2]):
            message = f"{word} leaves the connection unencrypted; expected --ssl-mode=REQUIRED"
            yield index, Level.PLAIN, message


def _libpq(text: str, modes: Sequence[str], mode_given: str) -> Iterator[tuple[Level, str]]:
    """`host=db sslmode=require`."""
    if len(text) > 2000 or not _SETTINGS.fullmatch(text):
        return
    given = {key.lower(): quoted or plain for key, quoted, plain in _SETTING.findall(text)}
    host, mode = given.get("host", ""), given.get("sslmode", "")
    expected = f"expected sslmode={listed(modes, 'or')}"
    if host and (host.startswith("/") or where(host) is Where.LOCAL):
        return
    if is_placeholder(mode):
        yield Level.UNVERIFIED, f"sslmode comes from elsewhere; {expected}"
    elif mode and mode not in modes:
        yield Level.PLAIN, f"sslmode is {clipped(mode, 20)}; {expected}"
    elif host and not mode and not mode_given:
        yield Level.PLAIN, f"the connection does not ask for TLS; {expected}"


def _is_off(word: str, following: Sequence[str]) -> bool:
    name, _, value = word.lower().partition("=")
    if name == "--ssl-mode" and not value:
        value = following[0].lower() if following else ""
    return word.lower() in _WITHOUT or (name in ("--ssl", "--ssl-mode") and value in OFF)
