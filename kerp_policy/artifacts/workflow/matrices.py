"""Matrices whose combinations are not what they look like.

Source: GitHub documentation, "Run variations of jobs in a workflow".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow.model import Job
from kerp_policy.paths import Path
from kerp_policy.views import lookup
from kerp_policy.wording import meant, shown

Found = Iterator[tuple[Path, str]]

_FEW = 20
"""Keys among which one is looked for that may be meant."""
_MOST = 256
"""Combinations that a matrix has at most, so that more values of a key are not looked at."""


def matrix_problems(job: Job) -> Found:
    """Values that stand twice, and exclusions of what there is not."""
    matrix = lookup(job.data, ("strategy", "matrix"))
    if not isinstance(matrix, dict):
        return
    path = (*job.path, "strategy", "matrix")
    for key, listed in matrix.items():
        if key not in ("include", "exclude"):
            yield from _repeated((*path, key), listed)
    values = {key: _plain(listed) for key, listed in matrix.items()}
    excluded = matrix.get("exclude")
    for i, each in enumerate(excluded[:_MOST] if isinstance(excluded, list) else ()):
        for key, value in each.items() if isinstance(each, dict) else ():
            if error := _unknown(matrix, values, key, value):
                yield (*path, "exclude", i, key), error


def _repeated(path: Path, listed: Any) -> Found:
    seen = set[tuple[type, Any]]()
    for i, value in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(value, dict | list) or "${{" in str(value):
            continue
        if (type(value), value) in seen:
            yield (*path, i), f"{shown(value)} stands twice in {path[-1]}, so its jobs run twice"
        seen.add((type(value), value))


def _unknown(matrix: Mapping[str, Any], values: Mapping[str, Any], key: str, value: Any) -> str:
    """Why an exclusion fits no combination; keys that only `include` has are added later."""
    if key not in matrix or key in ("include", "exclude"):
        near = matrix if len(matrix) <= _FEW else ()
        return f"exclude names {key[:60]}, which is no key of this matrix{meant(key[:60], near)}"
    known, wanted = values[key], _plain([value])
    if not known or None in known or wanted in ([], [None]) or wanted[0] in known:
        return ""
    return f"{key} is never {shown(value)}, so this excludes nothing"


def _plain(listed: Any) -> list[str | None]:
    """Values as text, as GitHub compares them; None for one with parts or an expression."""
    return [
        None if isinstance(value, dict | list) or "${{" in str(value) else str(value).lower()
        for value in (listed[:_MOST] if isinstance(listed, list) else ())
    ]
