"""Question: does the database need a migration?

Which files are migrations, by the layouts that the tools document: golang-migrate
(`N_name.up.sql`, `.down.sql`), Flyway (`V1__name.sql`, `U1__`, `R__`), Django
(`migrations/0001_name.py`), Alembic (`versions/*.py`), Prisma (`migrations/…/migration.sql`),
Rails (`db/migrate/*.rb`), Liquibase (changelogs), Knex, TypeORM and Sequelize (`migrations/*.ts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from kerp_policy.findings import Place
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.regex import regex
from kerp_policy.review.delta import Delta
from kerp_policy.review.model import Answer, Entry, How
from kerp_policy.review.wording import tally
from kerp_policy.sources.source import START, Source

_FOLDER = r"(?:^|/)(?:migrations?|migrate|changelogs?|alembic/versions)/"
_MIGRATION = regex(
    rf"{_FOLDER}(?:[^/]+/)*[^/]+\.(?:sql|py|js|ts|cjs|mjs|rb|go|xml|ya?ml|json)$"
    r"|(?:^|/)[VUR][0-9._]*__[^/]+\.sql$|(?:^|/)[0-9]+_[^/]+\.(?:up|down)\.sql$|\.sql$",
    re.IGNORECASE,
)
_NO_MIGRATION = regex(r"(?:^|/)(?:__init__\.py|__pycache__/.*|env\.py|package\.json)$")
_SCRIPT = regex(r"(?:^|/)[^/]*migrat[^/]*\.(?:sh|bash)$", re.IGNORECASE)
_UP = regex(r"\.up\.sql$", re.IGNORECASE)
_DOWN = regex(r"\.down\.sql$|(?:^|/)U[0-9._]+__[^/]+\.sql$", re.IGNORECASE)
_VERSIONED = regex(r"(?P<folder>^|.*/)V(?P<version>[0-9._]+)__[^/]+\.sql$")
_UNDO = regex(r"(?P<folder>^|.*/)U(?P<version>[0-9._]+)__[^/]+\.sql$")
_ALEMBIC = regex(r"/versions/[^/]+\.py$")
_PRISMA = regex(r"(?:^|/)migrations/[^/]+/migration\.sql$")
_MARKS = regex(rb"^--\s*(?:\+goose|\+migrate|migrate:)\s*(?P<way>up|down)\b", re.I | re.M)
_DOWN_IN_PYTHON = regex(rb"^\s*def downgrade\b", re.MULTILINE)
_RUNS_ONCE = noted("where it has run already it does not run again")


def is_migration(path: str) -> bool:
    """Whether a file is a migration, or SQL, by its path."""
    return bool(_MIGRATION.search(path)) and not _NO_MIGRATION.search(path)


def concerns_database(path: str) -> bool:
    """Whether a file is a migration or runs some."""
    return is_migration(path) or bool(_SCRIPT.search(path))


def database(delta: Delta) -> Answer:
    """The migrations that the change brings, with what is missing to go back."""
    entries = tuple(_entry(delta, file) for file in delta.files if concerns_database(file))
    migrations = [entry for entry in entries if is_migration(entry.file)]
    title = _("Database migration")
    if migrations:
        return Answer(
            "database", title, True, _("yes: {tally}").format(tally=tally(migrations)), entries
        )
    return Answer("database", title, *_without(delta, entries), entries)


def _without(delta: Delta, entries: Sequence[Entry]) -> tuple[bool, str]:
    """Whether files say that there is none, which they can only where migrations lie here."""
    if entries:
        return False, _("no migration differs, but a script that runs them does")
    if any(is_migration(file) for end in (delta.base, delta.head) for file in end.files):
        return True, _("no: no migration differs")
    return False, _("no file here is a migration by its name; they may lie elsewhere")


def _entry(delta: Delta, file: str) -> Entry:
    before, after = file in delta.base.files, file in delta.head.files
    how: How = "removed" if not after else "changed" if before else "added"
    holder = _("migration") if is_migration(file) else _("script")
    note = "; ".join(_notes(delta, file, how)) if is_migration(file) else ""
    return Entry(how, holder, "", None, None, file, Place(START, file), note=note)


def _notes(delta: Delta, file: str, how: How) -> Iterator[str]:
    if how != "added" and not re.search(r"(?:^|/)R__", file):
        yield _(_RUNS_ONCE)
    if how != "removed":
        yield from _way_back(delta, file)


def _way_back(delta: Delta, file: str) -> Iterator[str]:
    """What is missing to undo a migration, where the layout has a place for it."""
    if _DOWN.search(file):
        return
    files = delta.head.files
    if _UP.search(file):
        down = _UP.sub(".down.sql", file)
        if down not in files:
            note = _("there is no `{file}`, so a rollback leaves the database as it is")
            yield note.format(file=down)
    elif found := _VERSIONED.search(file):
        if (found["folder"], found["version"]) not in _undone(files):
            yield _(
                "no undo migration (U…) goes with it, so a rollback leaves the database as it is"
            )
    elif _PRISMA.search(file):
        yield _("Prisma keeps no way back")
    else:
        yield from _inside(delta, file)


@lru_cache(maxsize=2)
def _undone(files: frozenset[str]) -> frozenset[tuple[str, str]]:
    """The folders and versions of Flyway's undo migrations."""
    found = (_UNDO.search(file) for file in files)
    return frozenset((each["folder"], each["version"]) for each in found if each)


def _inside(delta: Delta, file: str) -> Iterator[str]:
    """What the file itself says of the way back."""
    source = delta.head.tree.read(file)
    data = source.data if isinstance(source, Source) else b""
    ways = {found["way"].lower() for found in _MARKS.finditer(data)}
    lacks_down = ways == {b"up"} or (_ALEMBIC.search(file) and not _DOWN_IN_PYTHON.search(data))
    if lacks_down:
        yield _("it says nothing of the way back, so a rollback leaves the database as it is")
    elif not ways and not _ALEMBIC.search(file):
        yield _("its name does not tell whether there is a way back")
