"""Tokens of known formats in a text, in one pass a format and linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import count
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.secrets.escapes import resolved
from kerp_policy.secrets.format import Format
from kerp_policy.secrets.formats import FORMATS
from kerp_policy.secrets.references import is_reference

COMMON = ("://", "@")
"""The words that tell of a token and that many texts have: those of URLs."""
_ALL = tuple((each, keyword) for each in FORMATS for keyword in each.keywords)
_COMMON_ONES = tuple(pair for pair in _ALL if pair[1] in COMMON)
_FEW = 200
"""Texts that are searched for one word after the other, which is sooner done than to make what
looks for all at once; from then on it is not."""
_searched = count()


class Token(Struct, frozen=True):
    """A secret of a known format; `text[start:end]` is it, and is never to be shown.

    Attributes:
        kind: the format's id: `github-token`.
        title: what it is, in words, with an article.
        start: the index of its first character.
        end: the index after its last.
        prefix: the public beginning that all tokens of the kind share; may be empty.
    """

    kind: str
    title: str
    start: int
    end: int
    prefix: str

    def __repr__(self) -> str:
        """Without the places: the distance between them is the secret's length."""
        return f"Token(kind={self.kind!r}, prefix={self.prefix!r})"


@lru_cache(maxsize=4096)  # several policies look at one value, and many files have the same
def find_tokens(text: str) -> tuple[Token, ...]:
    """The tokens in a text, in order, none within another.

    Only whole tokens that pass the format's own test (checksum, header, key body) and that are
    neither reference nor placeholder.
    """
    found = _written(text)
    if plain := resolved(text):
        for token in _written(plain.text):
            start, end = plain.written(token.start, token.end)
            found.append(replace(token, start=start, end=end))
    return tuple(_outermost(found)) if found else ()


def has_sign(text: str) -> bool:
    """Whether something in a text tells that it may hold a token."""
    return bool(_to_look_for(text)) or resolved(text) is not None


def _written(text: str) -> list[Token]:
    """The tokens in a text as it stands there, in no order."""
    words = _to_look_for(text)
    return [t for each, word in words if word in text for t in _at(each, word, text)]


def _to_look_for(text: str) -> Sequence[tuple[Format, str]]:
    """The formats that may be in a text, each with a word that tells of it."""
    if next(_searched) < _FEW or has_rare_word(text):
        return _ALL
    return _COMMON_ONES if "@" in text else ()  # a password in a URL has an @, too


def has_rare_word(text: str) -> bool:
    """Whether a text has a word that tells of a token, other than the common ones."""
    try:
        return bool(_words().is_valid(text))
    except UnicodeEncodeError:  # of a name that is no UTF-8
        return True


@cache
def _words() -> Any:
    """All of these words, for an engine that looks for them at once."""
    from kerp_policy.schema_engine import compiled

    words = sorted({keyword for _, keyword in _ALL} - {*COMMON})
    return compiled({"type": "string", "pattern": "|".join(map(re.escape, words))})


def _outermost(found: list[Token]) -> Iterator[Token]:
    end = 0
    for token in sorted(found, key=lambda token: (token.start, -token.end)):
        if token.start >= end:
            end = token.end
            yield token


def _at(each: Format, keyword: str, text: str) -> Iterator[Token]:
    """The tokens of a format that begin with, or are told by, one of its keywords."""
    at = text.find(keyword)
    while at >= 0:
        if token := _token(each, text, at):
            yield token
        at = text.find(keyword, max(at + len(keyword), token.end if token else 0))


def _token(each: Format, text: str, at: int) -> Token | None:
    match = each.pattern.match(text, at)  # from one place on, where the head is searched for
    if match is None:
        return None
    begin = max(0, at - each.reach)
    head = each.head.search(text[begin:at]) if each.head else None
    if each.head and head is None:
        return None
    start, end = _stretch(match, head, begin)
    if not each.accepts(match) or _stands_for_another(text[start:end]):
        return None
    prefix = (head[0] if head and each.head_is_public else "") + (_group(match, "prefix") or "")
    return Token(each.kind, each.title, start, end, prefix)


def _stretch(match: re.Match[str], head: re.Match[str] | None, begin: int) -> tuple[int, int]:
    """Where the secret is: its group, or all of the match with its head, which begins there."""
    if _group(match, "secret") is not None:
        return match.span("secret")
    if head and _group(head, "secret") is not None:
        return begin + head.start("secret"), begin + head.end("secret")
    return match.start() - len(head[0] if head else ""), match.end()


def _group(match: re.Match[str], name: str) -> str | None:
    return match.groupdict().get(name)


def _stands_for_another(secret: str) -> bool:
    plain = resolved(secret)
    return is_reference(secret) or (plain is not None and is_reference(plain.text))
