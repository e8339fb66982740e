"""Matching paths and names against glob patterns, in time that grows with their length alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from kerp_policy.regex import regex

MAX_PATTERN = 1_000
"""Characters of a pattern; a longer one fits nothing but itself."""

_SIGNS = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_SIGN = regex(r"(\*\*/|\*\*|\*|\?)")
_PLAIN = regex(r"(?:\*\*/)?[^*]*(?:\*(?!\*)[^*]*|\*\*)?", re.DOTALL)
"""Patterns that never go back far: nothing comes after `**`, and at most one `*` stands in them."""


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Callable[[str], object]:
    """`*` and `?` stay within one folder, `**` crosses folders.

    Python's own engine tries every way to share a text among several `*`, which may take years.
    """
    if not _SIGN.search(pattern):
        return pattern.__eq__
    regex = "".join(_SIGNS.get(part) or re.escape(part) for part in _SIGN.split(pattern))
    if _PLAIN.fullmatch(pattern):
        return re.compile(regex, re.DOTALL).fullmatch
    import re2

    fullmatch = re2.compile(f"(?s){regex}").fullmatch
    return lambda path: fullmatch(encodable(path))


def encodable(path: str) -> str:
    """A path that UTF-8 can hold: RE2 takes nothing else, and names of files may be any bytes."""
    return path.encode("utf-8", "replace").decode()


def matches(pattern: str, path: str) -> bool:
    """Whether the whole path fits the pattern."""
    if len(pattern) > MAX_PATTERN:
        return pattern == path
    return bool(_matcher(pattern)(path))


def matches_any(patterns: Iterable[str], path: str) -> bool:
    """Whether the path fits one of the patterns."""
    return any(matches(pattern, path) for pattern in patterns)
