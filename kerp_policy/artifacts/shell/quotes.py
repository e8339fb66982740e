"""Escapes inside `$'…'` and inside backquotes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerp_policy.regex import regex

_ANSI_PIECE = regex(
    r"[^\\]++|\\(?:x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{1,4}|U[0-9A-Fa-f]{1,8}|[0-7]{1,3}|c.|.)",
    re.DOTALL,
)
_BACKQUOTE_PIECE = regex(r"[^\\]++|\\[`$\\]|\\", re.DOTALL)
_ESCAPES = dict(zip("abeEfnrtv\\'\"?", "\a\b\x1b\x1b\f\n\r\t\v\\'\"?", strict=True))


def ansi_pieces(source: str) -> Iterator[tuple[str, int]]:
    """The values of a `$'…'` and where in it each begins; nothing for an empty one."""
    for found in _ANSI_PIECE.finditer(source, 2, max(2, len(source) - 1)):
        yield _unescaped(found[0]), found.start()


def backquote_pieces(source: str) -> Iterator[tuple[str, int]]:
    """The commands between backquotes in pieces, unescaped, and where in it each begins."""
    for found in _BACKQUOTE_PIECE.finditer(source, 1, len(source) - 1):
        escaped = len(found[0]) > 1 and found[0][0] == "\\"
        yield found[0][escaped:], found.start() + escaped


def _unescaped(piece: str) -> str:
    if piece[0] != "\\" or len(piece) == 1:
        return piece
    kind, digits = piece[1], piece[2:]
    if kind in "xuU" and digits:
        code = int(digits, 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    if kind in "01234567":
        return chr(int(piece[1:], 8) % 256)
    return _ESCAPES.get(kind, piece)
