"""Text in terminal cells: a Korean syllable takes two, a combining mark none."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from functools import lru_cache

_SECOND_HALF = "\0"
"""Stands behind a character of two cells while lines are made; no text that is shown holds it."""


def width(text: str) -> int:
    """How many terminal cells a text takes (Unicode Standard Annex 11)."""
    return len(text) if text.isascii() else sum(map(cells, text))


@lru_cache(maxsize=4096)
def cells(character: str) -> int:
    """How many terminal cells one character takes: 0, 1 or 2."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, columns: int) -> str:
    """The text with spaces behind it, so that it takes so many cells."""
    return text + " " * (columns - width(text))


@lru_cache(maxsize=512)
def wrapped(
    text: str, columns: int, indent: str = "", *, break_long_words: bool = True
) -> tuple[str, ...]:
    """The lines of a text, none of which is broken at a hyphen; reports say the same again.

    Args:
        text: what to wrap, without control characters; line breaks and runs of spaces count as
            one space.
        columns: how many cells a line may take, with the indent.
        indent: what each line begins with.
        break_long_words: whether a word that no line can hold is broken; else it juts out.
    """
    wide = " ".join(text.split())
    if not wide.isascii():
        wide = "".join(c + _SECOND_HALF if cells(c) == 2 else c for c in wide)
    # A word that is broken may be broken inside a character, which then takes a cell more.
    room = max(1, columns - len(indent) - (break_long_words and _SECOND_HALF in wide))
    lines = _filled(wide, room, break_long_words=break_long_words)
    return tuple(indent + line.replace(_SECOND_HALF, "") for line in lines)


def _filled(text: str, room: int, *, break_long_words: bool) -> list[str]:
    """Lines of as many words as there is room for; where all words fit, a pattern is faster."""
    if max(map(len, text.split(" "))) <= room:
        return re.findall(rf"(.{{1,{room}}})(?: |$)", text)
    return textwrap.wrap(text, room, break_on_hyphens=False, break_long_words=break_long_words)
