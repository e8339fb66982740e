"""Where a query stops making sense, which the parser does not tell."""

from __future__ import annotations

from collections.abc import Callable

from kerp_policy.regex import regex
from kerp_policy.wording import clipped

_PART = regex(
    r"""\s*+("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|`[^`]*+`|[\w:.]++|[<>=!~]++|[^\w\s])"""
)
_OPERATORS = frozenset("+-*/%^") | {
    "==",
    "!=",
    ">",
    "<",
    ">=",
    "<=",
    "and",
    "or",
    "unless",
    "atan2",
}
_LONGEST = 1000
_MOST_TRIED = 40
_MOST_SHOWN = 20


def misfit(text: str, is_query: Callable[[str], bool]) -> str:
    """What of a text is too much or too little for a query; empty where that is not to be seen.

    Args:
        text: the text, which is no query.
        is_query: whether a text is one; asked of the beginnings of this one, the longest first.
    """
    if len(text) > _LONGEST:
        return ""
    parts = [(found.start(1), found[1]) for found in _PART.finditer(text)]
    for i in range(len(parts) - 1, max(len(parts) - 1 - _MOST_TRIED, 0), -1):
        start, part = parts[i]
        depth = sum((one == "(") - (one == ")") for _, one in parts[:i])
        if depth >= 0 and is_query(text[:start] + ")" * depth):
            following = parts[i + 1][1] if i + 1 < len(parts) else ""
            return _told(parts[i - 1][1], part, following)
    first = parts[0][1] if parts else ""
    return f"nothing comes before {first}" if first in _OPERATORS - {"+", "-"} else ""


def _told(before: str, part: str, following: str) -> str:
    """What is wrong with a part, and the one that follows, behind the beginning that fits."""
    if part == "(":
        return ""  # what is wrong stands behind it
    if part.lower() in _OPERATORS:
        if following in ("", ")"):
            return f"nothing comes after {part}"
        return f"{_clipped(following)} does not fit after {part}"
    return f"{_clipped(part)} does not fit after {_clipped(before)}"


def _clipped(part: str) -> str:
    return clipped(part, _MOST_SHOWN)
