"""Words and judgements that several answers share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from kerp_policy.review.delta import Delta
from kerp_policy.review.model import Answer, Entry, How
from kerp_policy.wording import listed

_ORDER: tuple[How, ...] = ("added", "changed", "removed")
_SHOWN = 3


def tally(entries: Iterable[Entry]) -> str:
    """`2 added, 1 removed`; empty where there is nothing."""
    counts = Counter(entry.how for entry in entries)
    return ", ".join(f"{counts[how]} {how}" for how in _ORDER if counts[how])


def unread_first(delta: Delta, answer: Answer) -> Answer:
    """The answer, left open where something differs that was not read."""
    if not delta.unread:
        return answer
    named = [f"`{file}` ({why})" for file, why in delta.unread[:_SHOWN]]
    more = len(delta.unread) - _SHOWN
    named += [f"{more} more"] if more > 0 else []
    return answer._replace(
        answered=False, says=f"{answer.says}, as far as was read; not read: {listed(named)}"
    )
