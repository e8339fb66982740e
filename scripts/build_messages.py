"""Bring the catalogue of messages up to date: from the sources to the .po, from there to the .mo.

New messages stand in the .po without a translation, for people to write, and those that are gone
leave it. Run: python scripts/build_messages.py
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from inspect import cleandoc
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from kerp_policy.i18n import DOMAIN, FOLDER, KOREAN
from kerp_policy.report.html.words import AUDIT, ENGLISH

PACKAGE = FOLDER.parent
KEYWORDS = {
    "_": (0,),
    "gettext": (0,),
    "noted": (0,),
    "told": (0,),
    "ngettext": (0, 1),
    "forms": (0, 1),
    "amount": (1, 2),
    "phase": (0,),
}
"""Whose calls hold messages, and in which arguments: a message, or its two forms."""
CLICK = (
    "Usage:",
    "Options",
    "Commands",
    "required",
    "env var: {var}",
    "Show the version and exit.",
    "Show this message and exit.",
    "Try '{command} {option}' for help.",
    "Error: {message}",
    "Invalid value: {message}",
    "Invalid value for {param_hint}: {message}",
    "Missing command.",
    "Missing argument",
    "Missing option",
    "No such option {name!r}.",
    "No such command {name!r}.",
    "Choose from:\n\t{choices}",
    "{name} {filename!r} does not exist.",
    "{name} {filename!r} is a file.",
    "Option {name!r} does not take a value.",
    "directory",
    "path",
)
CLICK_FORMS = (
    ("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    ("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    (
        "Got unexpected extra argument ({args})",
        "Got unexpected extra arguments ({args})",
    ),
    (
        "Option {name!r} requires an argument.",
        "Option {name!r} requires {nargs} arguments.",
    ),
)
"""What click says to users of this program; other versions of it may word some differently."""


# A word on its own is none of a path, a name or an option.
_WORD = re.compile(r"(?<![\w./-])[a-z]{3,}(?![\w./-])")
_WORDS = re.compile(r"(?<![\w./-])[A-Za-z]?[a-z]+,? [a-z]{2,}(?![\w./-])")


def file(language: str, suffix: str) -> Path:
    """Where the catalogue of a language lies: `.po` for people, `.mo` for the program."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}{suffix}"


def extracted() -> Catalog:
    """Every message that there is, without translations."""
    catalogue = Catalog(fuzzy=False)
    for path in sorted(PACKAGE.rglob("*.py")):
        for message in messages(path.read_text("utf-8")):
            catalogue.add(message, locations=[(path.relative_to(PACKAGE).as_posix(), None)])
    for text in help_texts():
        catalogue.add(text, locations=[("cli.py", None)])
    for text in (*ENGLISH.values(), *AUDIT.values()):
        catalogue.add(text, locations=[("report/html/words.py", None)])
    for entry in (*CLICK, *CLICK_FORMS):
        catalogue.add(entry, locations=[("click", None)])
    return catalogue


def messages(source: str) -> Iterator[str | tuple[str, ...]]:
    """The messages in a module, those inside f-strings too, which Babel passes over."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            places = KEYWORDS.get(node.func.id, ())
            given = [node.args[place] for place in places if place < len(node.args)]
            texts = tuple(one.value for one in given if isinstance(one, ast.Constant))
            if places and len(texts) == len(places):
                yield texts if texts[1:] else texts[0]


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    """The texts in a module that read like words and that no call marks, with their lines.

    Two words in a row read like that, and of an f-string one, beside what is filled in.
    """
    marked = {text for found in messages(source) for text in texts_of(found)}
    nodes = [*ast.walk(ast.parse(source))]
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = _WORD if id(node) in parts else _WORDS
            is_told = id(node) not in docstrings and node.value not in marked
            if is_told and words.search(node.value):
                yield node.lineno, node.value


def texts_of(message: str | tuple[str, ...]) -> tuple[str, ...]:
    """A message, or both its forms."""
    return (message,) if isinstance(message, str) else message


def help_texts() -> Iterator[str]:
    """What `--help` says of commands and options, as the formatter gets it."""
    from kerp_policy.cli import main

    waiting: list[click.Command] = [main]
    while waiting:
        command = waiting.pop()
        yield cleandoc(command.help or "")
        if isinstance(command, click.Group):
            waiting += command.commands.values()
        for parameter in command.params:
            yield from filter(None, [getattr(parameter, "help", None)])


def read(language: str) -> Catalog:
    """The catalogue of a language as it lies there; an empty one where none does."""
    path = file(language, ".po")
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def written(catalogue: Catalog) -> tuple[bytes, bytes]:
    """The catalogue as .po and as .mo, the same for the same translations."""
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=100, omit_header=False, sort_output=True, no_location=False)
    write_mo(mo, catalogue)
    lines = po.getvalue().splitlines(keepends=True)  # without the version of what wrote them
    return b"".join(x for x in lines if not x.startswith(b'"Generated-By')), mo.getvalue()


def updated(language: str) -> Catalog:
    """The catalogue with the messages that there are now, and what is translated of them."""
    old, new = read(language), extracted()
    fresh = _empty(language)
    for message in new:
        if message.id:
            before = old.get(message.id)
            fresh.add(message.id, before.string if before else None, locations=message.locations)
    return fresh


def _empty(language: str) -> Catalog:
    """A catalogue whose head holds no time, so that the same messages make the same file."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    return Catalog(
        locale=language,
        header_comment="# What kerp-policy says; see scripts/build_messages.py.",
        project="kerp-policy",
        version="0",
        creation_date=day,
        revision_date=day,
        fuzzy=False,
    )


if __name__ == "__main__":
    for suffix, content in zip((".po", ".mo"), written(updated(KOREAN)), strict=True):
        file(KOREAN, suffix).parent.mkdir(parents=True, exist_ok=True)
        file(KOREAN, suffix).write_bytes(content)
