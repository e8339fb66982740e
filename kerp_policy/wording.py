"""Words that messages share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def meant(name: str, choices: Collection[str]) -> str:
    """Words that continue a message about a name that is unknown: the nearest there is."""
    near = get_close_matches(name, choices, 1)
    return f"; did you mean {near[0]}?" if near else ""
