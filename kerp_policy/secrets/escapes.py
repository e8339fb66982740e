r"""A text as whoever reads it gets it: escapes and joined lines resolved, places kept.

What stands in `https%3A%2F%2F…`, in `"https:\/\/…"`, right behind `\n`, or on two lines that a
backslash joins is a secret as well.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from msgspec import Struct

from kerp_policy.regex import regex

_ESCAPE = regex(
    r"""
      %[0-9A-Fa-f]{2}                                    # RFC 3986, 2.1
    | \\u[0-9A-Fa-f]{4} | \\x[0-9A-Fa-f]{2} | \\[nrt/"]  # JSON, YAML, printf
    | \\\r?\n[ \t]*+                                     # the line goes on
    """,
    re.VERBOSE,
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


class Resolved(Struct, frozen=True):
    """A text without its escapes.

    Attributes:
        text: what it says.
        raw: how it is written.
        ends: the index in `text` behind what each escape stands for.
        shifts: by how much what stands behind so many escapes is further on in `raw`.
    """

    text: str
    raw: str
    ends: tuple[int, ...]
    shifts: tuple[int, ...]

    def written(self, start: int, end: int) -> tuple[int, int]:
        """From where to where a stretch of the text, which is not empty, is written."""
        last = self._at(end - 1)
        escape = _ESCAPE.match(self.raw, last)
        return self._at(start), escape.end() if escape else last + 1

    def _at(self, index: int) -> int:
        return index + self.shifts[bisect_right(self.ends, index)]


def resolved(text: str) -> Resolved | None:
    """The text without its escapes; None where it has none."""
    found = [*_ESCAPE.finditer(text)] if "%" in text or "\\" in text else []
    if not found:
        return None
    meant = [_meant(escape[0]) for escape in found]
    gone = [len(escape[0]) - len(char) for escape, char in zip(found, meant, strict=True)]
    shifts = tuple(accumulate(gone, initial=0))
    ends = tuple(each.end() - shift for each, shift in zip(found, shifts[1:], strict=True))
    characters = iter(meant)
    return Resolved(_ESCAPE.sub(lambda _: next(characters), text), text, ends, shifts)


def _meant(escape: str) -> str:
    """The character that an escape stands for; none where lines are joined."""
    if escape[0] == "%":
        return chr(int(escape[1:], 16))
    if escape[1] in "ux":
        return chr(int(escape[2:], 16))
    return "" if escape[1] in "\r\n" else _LETTERS.get(escape[1], escape[1])
