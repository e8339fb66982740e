"""Blotting secrets out of a line that is about to be shown."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from kerp_policy.regex import regex
from kerp_policy.secrets.command_words import secret_words
from kerp_policy.secrets.find import Token, find_tokens, has_sign
from kerp_policy.secrets.logins import likely_passwords
from kerp_policy.secrets.named_values import named_beside, named_values
from kerp_policy.secrets.names import may_hold_secret_name
from kerp_policy.secrets.random_words import random_words
from kerp_policy.secrets.references import is_reference

BLOT = "***"
Stretch = tuple[int, int, str]
"""From where to where, and what is shown instead."""

_OPENING = regex(r"""\$?["']+|\[["']*""")
"""Quotes, those of a shell that knows escapes among them, and a list of one."""
_NO_SECRETS = ("read", "write", "|", "|-", "|+", ">", ">-", ">+")
"""What a workflow says of a token (`id-token: write`), and how a text of several lines begins."""
_LINE_END = regex(r"\n")


def redact(line: str, above: str = "", within: tuple[Stretch, ...] = (), *, below: str = "") -> str:
    """The line with what looks like a secret replaced by `***`; arguments as `blots` has them."""
    return blotted(line, blots(line, above, within, below=below))


def blots(
    line: str, above: str = "", within: tuple[Stretch, ...] = (), *, below: str = ""
) -> tuple[Stretch, ...]:
    """What is to be blotted out of a line, from left to right; several that overlap are one.

    Args:
        line: one line of any artifact.
        above: the line before it, where `name:` tells what this line's `value:` is.
        within: what of the line belongs to tokens on several lines, by `on_lines`.
        below: the line after it, where `name:` may stand as well.
    """
    found = _blots(line)
    if may_hold_secret_name(above) or may_hold_secret_name(below):
        beside = named_beside(line, above, below)
        within = (*within, *(each for one in beside for each in _value(*one)))
    return _merged({*found, *within}) if within else found


@lru_cache(maxsize=4096)  # several findings are in one line, and many files have the same
def _blots(line: str) -> tuple[Stretch, ...]:
    named = named_values(line) if may_hold_secret_name(line) else ()
    given = chain(named, secret_words(line))
    stretches = {*_tokens(line), *(each for one in given for each in _value(*one))}
    stretches.update((start, end, BLOT) for start, end in random_words(line))
    return _merged(stretches)


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
    return blotted(text, _merged(found)) if found else text


def may_hold_tokens(text: str) -> bool:
    """Whether `without_tokens` may change the text; asked once of many texts, joined by lines."""
    return "@" in text or has_sign(text)


def _merged(stretches: set[Stretch]) -> tuple[Stretch, ...]:
    found = list[Stretch]()
    for start, stop, shown in sorted(stretches):
        if found and start < found[-1][1]:
            first, end, before = found.pop()
            found.append((first, max(end, stop), before))
        else:
            found.append((start, stop, shown))
    return tuple(found)


def blotted(line: str, stretches: tuple[Stretch, ...]) -> str:
    """The line without any character of a stretch."""
    end, parts = 0, list[str]()
    for start, stop, shown in stretches:
        parts += [line[end:start], shown]
        end = stop
    return "".join([*parts, line[end:]])


def moved(index: int, stretches: tuple[Stretch, ...], *, is_end: bool = False) -> int:
    """Where a place in a line is once the stretches are blotted out; of one in a blot, its edge."""
    shift = 0
    for start, stop, shown in stretches:
        if index <= start:
            break
        if index < stop:
            return start + shift + (len(shown) if is_end else 0)
        shift += len(shown) - (stop - start)
    return index + shift


def _tokens(line: str) -> Iterator[Stretch]:
    for token in find_tokens(line):
        yield token.start, token.end, _prefix(line, token) + BLOT
    for start, end in likely_passwords(line):
        yield start, end, BLOT


def _prefix(line: str, token: Token) -> str:
    return token.prefix if line.startswith(token.prefix, token.start) else ""


def _value(value: str, start: int) -> Iterator[Stretch]:
    begin = _OPENING.match(value)
    lead = begin.end() if begin else 0
    plain = value[lead:].rstrip("\"']" if value[:1] == "[" else "\"'")
    if plain and plain not in _NO_SECRETS and not is_reference(plain):
        yield start + lead, start + lead + len(plain), BLOT
