"""Blotting secrets out of a line that is about to be shown."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from kerp_policy.regex import regex
from kerp_policy.secrets.find import Token, find_tokens, has_sign
from kerp_policy.secrets.logins import likely_passwords
from kerp_policy.secrets.names import secret_name
from kerp_policy.secrets.random_words import random_words
from kerp_policy.secrets.references import is_reference

BLOT = "***"
Stretch = tuple[int, int, str]
"""From where to where, and what is shown instead."""

_MAPPING = r"""\[?\{[ \t]*+["']?[\w.-]++["']?[ \t]*+:"""
_VALUE = rf"""(?P<value>[\[$]?"(?:[^"\\]|\\.)*+"|[\[$]?'[^']*+'|(?!{_MAPPING})[^\s"',;&|]++)"""
_SETTING = regex(rf"""(?P<name>[A-Za-z_][\w.-]*+)["']?[ \t]*+[:=][ \t]*+{_VALUE}""")
_LEGACY_ENV = regex(r"^[ \t]*+ENV[ \t]++(?P<name>[A-Za-z_]\w*+)[ \t]++(?P<value>.++)$", re.I)
_NAME_ABOVE = regex(r"""^[\s-]*["']?name["']?\s*:\s*["']?(?P<name>[\w.-]+)""")
_VALUE_HERE = regex(rf"""^[\s-]*["']?value["']?\s*:\s*{_VALUE}""")
_OPENERS = "\"'`(["
_WORD = regex(r"[^\s|;&]+")
_OPENING = regex(r"""\$?["']+|\[["']*""")
"""Quotes, those of a shell that knows escapes among them, and a list of one."""
_LINE_END = regex(r"\n")
_ASKS_PASSWORD = regex(r"(?:mysql|mariadb)\w*|sshpass|docker|podman")
"""Programs whose `-p` is a password."""


@lru_cache(maxsize=512)
def redact(line: str, above: str = "", within: tuple[Stretch, ...] = ()) -> str:
    """The line with what looks like a secret replaced by `***`.

    Lines come again: several findings are in one, and many files have the same.

    Args:
        line: one line of any artifact.
        above: the line before it, where `name:` tells what this line's `value:` is.
        within: what of the line belongs to tokens on several lines, by `on_lines`.
    """
    stretches = {*_tokens(line), *_named(line), *_named_above(line, above), *_words(line)}
    stretches.update((start, end, BLOT) for start, end in random_words(line))
    return _blotted(line, stretches.union(within))


@lru_cache(maxsize=64)  # all findings of a file ask, one after the other
def on_lines(text: str) -> dict[int, tuple[Stretch, ...]]:
    """By the number of the line, what tokens on several lines have of it: keys, continued lines."""
    found = dict[int, tuple[Stretch, ...]]()
    tokens = [token for token in find_tokens(text) if "\n" in text[token.start : token.end]]
    starts = [0, *(each.end() for each in _LINE_END.finditer(text))] if tokens else []
    for token in tokens:
        first, last = bisect_right(starts, token.start), bisect_right(starts, token.end - 1)
        for number in range(first, last + 1):
            begin = starts[number - 1]
            line = text[begin : starts[number] - 1 if number < len(starts) else None]
            indent = len(line) - len(line.lstrip())
            stretch = (max(token.start - begin, indent), min(token.end - begin, len(line)), BLOT)
            found[number] = (*found.get(number, ()), stretch)
    return found


@lru_cache(maxsize=16384)  # findings of one thing share most words, and both ends of a change all
def without_tokens(text: str) -> str:
    """The text with each token of a known form replaced by its public prefix and `***`.

    For words of ours that name what an artifact says; `redact` is for lines of artifacts.
    """
    found = set(_tokens(text))
    return _blotted(text, found) if found else text


def may_hold_tokens(text: str) -> bool:
    """Whether `without_tokens` may change the text; asked once of many texts, joined by lines."""
    return "@" in text or has_sign(text)


def _blotted(line: str, stretches: set[Stretch]) -> str:
    """The line without any character of a stretch; several that overlap are one."""
    end, parts = 0, list[str]()
    for start, stop, shown in sorted(stretches):
        if start >= end:
            parts += [line[end:start], shown]
        end = max(end, stop)
    return "".join([*parts, line[end:]])


def _tokens(line: str) -> Iterator[Stretch]:
    for token in find_tokens(line):
        yield token.start, token.end, _prefix(line, token) + BLOT
    for start, end in likely_passwords(line):
        yield start, end, BLOT


def _prefix(line: str, token: Token) -> str:
    return token.prefix if line.startswith(token.prefix, token.start) else ""


def _named(line: str, start: int = 0, depth: int = 2) -> Iterator[Stretch]:
    """What stands under a telling name, also within what another is set to: `--env=TOKEN=…`."""
    for setting in (_SETTING, _LEGACY_ENV):
        for found in setting.finditer(line):
            at = start + found.start("value")
            if secret_name(found["name"]):
                yield from _value(found["value"], at)
            elif depth > 1:
                yield from _named(found["value"], at, depth - 1)


def _named_above(line: str, above: str) -> Iterator[Stretch]:
    name, here = _NAME_ABOVE.match(above), _VALUE_HERE.match(line)
    if name and here and secret_name(name["name"]):
        yield from _value(here["value"], here.start("value"))


def _words(line: str) -> Iterator[Stretch]:
    """Words of commands: after an option or key of a telling name, `-u user:…`, `-p…`."""
    if line.lstrip().startswith(("#", "//")):
        return
    words = [(found[0], found.start()) for found in _WORD.finditer(line)]
    sets = "chpasswd" in line
    asks = any(
        _ASKS_PASSWORD.fullmatch(word.rpartition("/")[2].lstrip(_OPENERS)) for word, _ in words
    )
    for word, start in words:
        if asks and word.startswith("-p") and not word.startswith("--"):
            yield from _value(word[2:], start + 2)
        if sets and ":" in word:
            yield from _after_colon(word, start)
    for (before, _), (word, start) in pairwise(words):
        if before in ("-u", "--user") or word.startswith("--user="):
            yield from _after_colon(word, start)
        elif (asks and before == "-p") or _is_name(before):
            yield from _value(word, start)


def _is_name(word: str) -> bool:
    """Whether what follows a word is the value of what it names, and that is a secret."""
    return word[-1] not in ":=,." and secret_name(word.strip("\"'").lstrip("-"))


def _after_colon(word: str, start: int) -> Iterator[Stretch]:
    name, _, value = word.partition(":")
    if value:
        yield from _value(value, start + len(name) + 1)


def _value(value: str, start: int) -> Iterator[Stretch]:
    begin = _OPENING.match(value)
    lead = begin.end() if begin else 0
    plain = value[lead:].rstrip("\"']" if value[:1] == "[" else "\"'")
    if plain and not is_reference(plain):
        yield start + lead, start + lead + len(plain), BLOT
