"""Whose a check is: ours, or of a package that somebody has installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_CHECKS = Path(__file__).parent.parent / "checks"


@cache
def own_modules() -> frozenset[str]:
    """The modules of `kerp_policy.checks`, none of which is imported for it."""
    return frozenset(file.stem for file in _CHECKS.glob("*.py")) - {"__init__"}


def is_installed(check: str) -> bool:
    """Whether the check that a policy names is of a package of others.

    Such a package may be gone or another since an earlier run, which is seen nowhere.
    """
    return bool(check) and check.partition(".")[0] not in own_modules()
