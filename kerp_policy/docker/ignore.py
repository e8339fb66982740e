r"""What a .dockerignore keeps from the build.

Source: "Build context", .dockerignore files, in Docker's documentation, and the matching of
BuildKit: patterns in order, the last that fits decides, and what fits a folder fits what is in it.
`*` and `?` stay within a folder, `**` crosses folders, `[…]` is a class of characters and `\`
escapes.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from kerp_policy.records import Kept
from kerp_policy.regex import regex
from kerp_policy.sources.match import MAX_PATTERN, encodable

MAX_PATTERNS = 1_000
"""Patterns of a file; of one with more, nothing is known, which its reader tells."""
_SIGN = regex(r"\*\*/?|[*?]|\\.|\\$|\[|\]|[.+()|{}$^]", re.DOTALL)
_PLAIN = regex(r"[^*?\[\]\\]*")
_SIGNS = {"*": "[^/]*", "?": "[^/]", "[": "[", "]": "]", "^": "^", "\\": r"\\"}
_ANY = frozenset("*?[")


class Pattern(Kept, frozen=True):
    """A pattern: its text without the `!`, whether it brings files back, and its line."""

    text: str
    keeps: bool
    line: int


def read_patterns(text: str) -> tuple[Pattern, ...]:
    """The patterns of a .dockerignore, in order."""
    return tuple(_patterns(text))


def _patterns(text: str) -> Iterator[Pattern]:
    for number, line in enumerate(text.split("\n"), 1):
        pattern = "" if line.startswith("#") else line.strip()
        keeps = pattern.startswith("!")
        pattern = pattern[keeps:].strip()
        if pattern:
            yield Pattern(_clean(pattern), keeps, number)


def _clean(path: str) -> str:
    """A path without `.` and needless slashes, from the top of the context."""
    return posixpath.normpath(path).lstrip("/") or "/"


def hidden_by(source: str, patterns: Sequence[Pattern]) -> Pattern | None:
    """The pattern that keeps all of a source from the build; None where something may be left.

    Args:
        source: what COPY names, from the top of the context, with its own `*`, `?` and `[…]`.
        patterns: those of the .dockerignore.
    """
    path = _clean(posixpath.normpath(f"/{source}"))
    if _ANY.intersection(path):
        path = posixpath.dirname(path[: min(path.find(sign) for sign in _ANY if sign in path)])
    if path in ("", "/", ".") or "\\" in path or len(patterns) > MAX_PATTERNS:
        return None
    folders = _folders(path)
    decides: Pattern | None = None
    for pattern in patterns:
        if pattern.keeps == (decides is not None) and _fits_any(pattern.text, folders):
            decides = None if pattern.keeps else pattern
    if decides and any(p.keeps and _may_fit_inside(p.text, path) for p in patterns):
        return None
    return decides


def _folders(path: str) -> list[str]:
    """The path and the folders that it lies in."""
    parts = path.split("/")[:100]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def _fits_any(pattern: str, paths: Sequence[str]) -> bool:
    fits = _matcher(pattern)
    return any(map(fits, paths))


def _may_fit_inside(pattern: str, folder: str) -> bool:
    """Whether a pattern may fit something in a folder: it may if it is one that holds it, too."""
    start = _PLAIN.match(pattern)
    fixed = start[0] if start else ""
    inside = f"{folder}/"
    return fixed.startswith(inside) or (fixed != pattern and inside.startswith(fixed))


@lru_cache(maxsize=4096)
def _matcher(pattern: str) -> Callable[[str], object]:
    """Whether a path fits a pattern, as BuildKit decides it; what is no pattern fits nothing."""
    plain = pattern.removeprefix("**").removesuffix("**")
    if _PLAIN.fullmatch(plain):
        if plain == pattern:
            return pattern.__eq__
        if plain and pattern.startswith("**") and not pattern.endswith("**"):
            return lambda path: path.endswith(plain) or path == plain.removeprefix("/")
        if plain and not pattern.startswith("**"):
            return lambda path: path.startswith(plain)
    if len(pattern) > MAX_PATTERN:
        return lambda path: False
    import re2

    try:
        fullmatch = re2.compile(f"(?s){_expression(pattern)}").fullmatch
    except re2.error:
        return lambda path: False
    return lambda path: fullmatch(encodable(path))


def _expression(pattern: str) -> str:
    parts: list[str] = []
    at = 0
    for sign in _SIGN.finditer(pattern):
        parts.append(pattern[at : sign.start()])
        at = sign.end()
        parts.append(_sign(sign[0], is_last=at == len(pattern)))
    return "".join((*parts, pattern[at:]))


def _sign(sign: str, *, is_last: bool) -> str:
    if sign.startswith("**"):
        return ".*" if is_last else "(?:.*/)?"
    if sign in _SIGNS:
        return _SIGNS[sign]
    return re.escape(sign.removeprefix("\\"))
