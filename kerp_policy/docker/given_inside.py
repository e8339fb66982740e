"""Passwords inside the words of a command: in SQL, as a variable's default, as an argument.

Each rule is from the manual of the program that it names. Values are as they are written; whether
one is a reference, those who ask decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.regex import regex
from kerp_policy.secrets import secret_name
from kerp_policy.sources.source import Span

Inside = tuple[str, str, Span]
"""A name, its value, and from where on it stands; neither value nor end is to be shown."""

_DEFAULTS = frozenset((":-", "-", ":=", "="))
TEXT_ONLY = frozenset(("grep", "egrep", "fgrep", "sed", "awk", "test", "[", "[["))
"""Programs to which words are patterns and texts."""
_SQL = regex(
    r"\b(?:PASSWORD|IDENTIFIED[ \t]+(?:WITH[ \t]+\S{1,60}[ \t]+)?BY)"
    r"[ \t]*=?[ \t]*\(?'([^'\n]{1,400})'",
    re.IGNORECASE,
)


def given_inside(command: Command, words: Sequence[Word]) -> Iterator[Inside]:
    """Every password that stands inside a word or a here-document.

    Args:
        command: the command.
        words: its words, wrappers such as `sudo` taken off.
    """
    values = [value for name, value in command.assignments if not secret_name(name)]
    for word in (*words[1:], *values):
        yield from _defaults(word)
    yield from _after_words(words)
    if command.program in TEXT_ONLY:
        return
    for word in (*words[1:], *values):
        yield from _sql(word)
    for redirect in command.redirects:
        yield from _sql(redirect.target)


def _defaults(word: Word) -> Iterator[Inside]:
    """`${DB_PASSWORD:-x}`."""
    for part in word.variables:
        if part.operator in _DEFAULTS and part.operand:
            yield part.text, part.operand, word.span


def _sql(word: Word) -> Iterator[Inside]:
    """`CREATE USER kerp PASSWORD 'x'`, `IDENTIFIED BY 'x'`; each on the line where it stands."""
    lines = word.raw.split("\n") if "'" in word.raw else ()
    for row, line in enumerate(lines):
        for found in _SQL.finditer(line):
            at = Span(
                word.span.line + row, found.start() + 1, word.span.line + row, found.end() + 1
            )
            yield "password", found[1], at if row else word.span


def _after_words(words: Sequence[Word]) -> Iterator[Inside]:
    """`htpasswd -b FILE USER x`, `rabbitmqctl add_user USER x`, `openssl … -pass pass:x`."""
    texts = [word.text or word.prefix for word in words]
    program = texts[0].rpartition("/")[2] if texts else ""
    at = None
    if program == "htpasswd" and any(_gives_password(text) for text in texts[1:]):
        at = len(texts) - 1
    elif program == "rabbitmqctl" and {"add_user", "change_password"} & set(texts):
        verb = next(i for i, text in enumerate(texts) if text in ("add_user", "change_password"))
        at = verb + 2
    elif program == "openssl":
        at = next((i for i, text in enumerate(texts) if text.startswith("pass:")), None)
    if at is not None and 0 < at < len(words):
        yield "password", words[at].raw.removeprefix("pass:").strip("\"'"), words[at].span


def _gives_password(text: str) -> bool:
    return text.startswith("-") and not text.startswith("--") and "b" in text
