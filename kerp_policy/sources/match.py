"""Matching paths against glob patterns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """`*` and `?` stay within one folder, `**` crosses folders."""
    text = ""
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern):
        text += {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(
            part, re.escape(part)
        )
    return re.compile(text, re.DOTALL)


def matches(pattern: str, path: str) -> bool:
    """Whether the whole path fits the pattern."""
    return bool(_compiled(pattern).fullmatch(path))


def matches_any(patterns: Iterable[str], path: str) -> bool:
    """Whether the path fits one of the patterns."""
    return any(matches(pattern, path) for pattern in patterns)
