"""Matchers: `severity="critical"`, in the classic grammar and in the one of UTF-8 names.

Source: Alertmanager's documentation, Configuration, `<matcher>`, and the rules it gives for which
of the two grammars counts: both are tried, the classic one wins where they differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from msgspec import Struct

from kerp_policy.artifacts.alertmanager.re2 import regexp_problem
from kerp_policy.artifacts.alertmanager.table import Version
from kerp_policy.records import Kept
from kerp_policy.regex import regex

UTF8: Version = (0, 27)
"""The version that brought the second grammar and label names of any characters."""

_SHORT_NAMES: Version = (0, 28)
"""The first version that was built by a Go that knows `(?<name>…)`."""

_CLASSIC = regex(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*?)\s*", re.DOTALL)
_CLASSIC_NAME = regex(r"[a-zA-Z_][a-zA-Z0-9_]*")
_QUOTED = r'"(?:[^"\\\n]|\\.)*"'
_UTF8_TOKEN = regex(rf'\s*(?:(=~|=|!=|!~)|([{{}},])|({_QUOTED})|([^\s{{}}!=~,\\"\'`]+))\s*')
_GO_ESCAPES = regex(
    r"\\(?:[abfnrtv\\\"]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3})|[^\\]"
)
_LONGEST = 10_000


class Matcher(Kept, frozen=True, order=True):
    """One condition on a label; `op` is `=`, `!=`, `=~` or `!~`."""

    name: str
    op: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}{self.op}{json.dumps(self.value, ensure_ascii=False)}"


class MatcherError(Exception):
    """A text is no matcher; the message says why."""


class Reading(Struct, frozen=True):
    """What a text is read as, and whether the newer grammar reads it otherwise or not at all."""

    matchers: tuple[Matcher, ...]
    classic_only: bool = False
    disagrees: bool = False


def read_matchers(text: str, version: Version) -> Reading:
    """Read the matchers in one item of `matchers`.

    Raises:
        MatcherError: Alertmanager of this version refuses the text.
    """
    if len(text) > _LONGEST:
        raise MatcherError(f"has over {_LONGEST} characters")
    if version < UTF8:
        return Reading(_checked(classic(text), version))
    try:
        newer = _checked(utf8(text), version)
    except MatcherError:
        return Reading(_checked(classic(text), version), classic_only=True)
    try:
        older = _checked(classic(text), version)
    except MatcherError:
        return Reading(newer)
    return Reading(older, disagrees=older != newer)


def readable(text: str | None, version: Version) -> tuple[Matcher, ...]:
    """The matchers in a text; none where it is wrong, which the loader's faults tell."""
    try:
        return read_matchers(text or "", version).matchers
    except MatcherError:
        return ()


def label_name_problem(name: str, version: Version) -> str | None:
    """Why a text cannot name a label."""
    if version >= UTF8:
        return None if name else "is empty"
    return None if _CLASSIC_NAME.fullmatch(name) else "is no label name"


def classic_name(name: str) -> bool:
    """Whether a text is a label name as `match` and `match_re` take it, in every version."""
    return _CLASSIC_NAME.fullmatch(name) is not None


def pattern_problem(text: str, version: Version) -> str | None:
    """Why Alertmanager of a version refuses a regular expression."""
    reason = regexp_problem(text, short_names=version >= _SHORT_NAMES)
    return f"a regular expression that RE2 refuses: {reason}" if reason else None


def _checked(matchers: tuple[Matcher, ...], version: Version) -> tuple[Matcher, ...]:
    for matcher in matchers:
        is_pattern = matcher.op in ("=~", "!~")
        if is_pattern and (reason := pattern_problem(matcher.value, version)):
            raise MatcherError(f"has {reason}")
    return matchers


def classic(text: str) -> tuple[Matcher, ...]:
    """Read by the classic grammar: braces are optional, commas outside quotes separate.

    Raises:
        MatcherError: the text does not fit.
    """
    return tuple(map(_classic_matcher, _split(text.removeprefix("{").removesuffix("}"))))


def _split(text: str) -> Iterator[str]:
    start, quoted, escaped = 0, False, False
    for at, character in enumerate(text):
        if character == "," and not quoted:
            yield text[start:at]
            start = at + 1
        elif character == '"':
            quoted ^= not escaped
            escaped = False
        else:
            escaped = character == "\\" and not escaped
    if text[start:].strip():
        yield text[start:].strip()


def _classic_matcher(text: str) -> Matcher:
    found = _CLASSIC.fullmatch(text)
    if not found:
        raise MatcherError('is no matcher; expected one such as severity="critical"')
    return Matcher(found[1], found[2], _classic_value(found[3]))


def _classic_value(raw: str) -> str:
    quoted = raw.startswith('"')
    body = raw[1:] if quoted else raw
    parts = re.findall(r'\\[\\n"]|\\|"|[^\\"]+', body)
    closed = quoted and bool(parts) and parts[-1] == '"'
    inside = parts[:-1] if closed else parts
    if quoted != closed or '"' in inside:
        raise MatcherError("has a quote that is not closed, or one too many")
    escapes = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
    return "".join(escapes.get(part, part) for part in inside)


def utf8(text: str) -> tuple[Matcher, ...]:
    """Read by the newer grammar: names and values with special characters are quoted.

    Raises:
        MatcherError: the text does not fit.
    """
    tokens = list(_tokens(text))
    if tokens and tokens[0] == ("{", True):
        if tokens[-1] != ("}", True) or len(tokens) < 2:
            raise MatcherError("has a brace that is not closed")
        tokens = tokens[1:-1]
    return tuple(_utf8_matchers(tokens))


def _utf8_matchers(tokens: list[tuple[str, bool]]) -> Iterator[Matcher]:
    for at in range(0, len(tokens), 4):
        part = tokens[at : at + 4]
        is_sign = [sign for _, sign in part]
        if is_sign[:3] != [False, True, False] or part[1][0] in ("{", "}", ","):
            raise MatcherError('is no matcher; expected one such as severity="critical"')
        if len(part) == 4 and part[3] != (",", True):
            raise MatcherError("has matchers without a comma between them")
        yield Matcher(part[0][0], part[1][0], part[2][0])


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Each token, and whether it is a sign: an operator, a comma or a brace."""
    at = 0
    text = text.strip()
    while at < len(text):
        found = _UTF8_TOKEN.match(text, at)
        if not found:
            raise MatcherError("has a character that must stand in double quotes")
        operator, sign, quoted, word = found.groups()
        yield (_unquoted(quoted), False) if quoted else (word or operator or sign, not word)
        at = found.end()


def _unquoted(text: str) -> str:
    parts = _GO_ESCAPES.findall(text[1:-1])
    if sum(map(len, parts)) != len(text) - 2:
        raise MatcherError("has an escape in its quotes that means nothing")
    return "".join(_GO_VALUES.get(part) or _code(part) for part in parts)


_GO_VALUES = {
    "\\a": "\a",
    "\\b": "\b",
    "\\f": "\f",
    "\\n": "\n",
    "\\r": "\r",
    "\\t": "\t",
    "\\v": "\v",
    "\\\\": "\\",
    '\\"': '"',
}


def _code(part: str) -> str:
    if not part.startswith("\\"):
        return part
    number = int(part[2:], 16) if part[1] in "xuU" else int(part[1:], 8)
    return chr(min(number, 0x10FFFF))
