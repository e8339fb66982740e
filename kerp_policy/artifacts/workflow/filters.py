"""Patterns of branches, tags and paths that start a workflow for nothing.

Source: GitHub documentation, "Workflow syntax", `on.<event>.branches` and "Filter pattern cheat
sheet".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kerp_policy.paths import Path
from kerp_policy.regex import regex

Found = Iterator[tuple[Path, str]]

_REFS = {"branches": "refs/heads/", "tags": "refs/tags/"}
_SET = regex(r"\[[^\]]*\]?")
_RANGE = regex(r"([0-9A-Za-z])-([0-9A-Za-z])")


def filter_problems(event: str, settings: Any) -> Found:
    """What is wrong with the patterns of one event."""
    for key in settings if isinstance(settings, dict) else ():
        kind = key.removesuffix("-ignore")
        if kind not in ("branches", "tags", "paths"):
            continue
        path: Path = ("on", event, key)
        patterns = settings[key]
        for i, pattern in enumerate(patterns if isinstance(patterns, list) else [patterns]):
            if isinstance(pattern, str) and (error := _error(kind, pattern.removeprefix("!"))):
                where = (*path, i) if isinstance(patterns, list) else path
                yield where, f"the pattern {pattern[:60]} {error}"
        if key == kind and _only_excludes(patterns):
            message = f"{key} only excludes, so nothing starts this; expected {kind}-ignore"
            yield path, f"{message}, or a pattern without ! before them"


def _only_excludes(patterns: Any) -> bool:
    return (
        isinstance(patterns, list)
        and bool(patterns)
        and all(isinstance(each, str) and each.startswith("!") for each in patterns)
    )


def _error(kind: str, pattern: str) -> str:
    if kind == "paths" and (pattern.startswith("/") or {".", ".."} & {*pattern.split("/")}):
        return "fits no path; expected one from the top of the repository, as src/**"
    if pattern.startswith(_REFS.get(kind, "\n")):
        return f"fits nothing; expected the name alone, without {_REFS[kind]}"
    for found in _SET.finditer(pattern.replace("\\[", "")):
        if not found[0].endswith("]"):
            return "has a [ that no ] closes"
        if found[0] == "[]":
            return "has nothing between [ and ]"
        for low, high in _RANGE.findall(found[0]):
            if low > high:
                return f"has {low}-{high}; expected the smaller one first"
    return "begins with what asks for a character before it" if pattern[:1] in "?+" else ""
