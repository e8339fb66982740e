"""What the names of metrics and their matchers say: words, units, kinds.

After Prometheus, Metric and label naming: base units as suffixes, `_total` for counters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache

from kerp_policy.artifacts.prometheus.nodes import Matcher, Selector
from kerp_policy.regex import regex
from kerp_policy.words import name_words

_STATUS_LABELS = frozenset(
    ("code", "status", "status_code", "http_status", "http_code", "response_code")
)
_SERVER_ERROR = regex(r"\^?\(?5(?:[0-9x.\\\[]|$).*")
_GAUGE_ENDS = (
    ("ratio",),
    ("percent",),
    ("percentage",),
    ("celsius",),
    ("info",),
    ("timestamp", "seconds"),
    ("start", "time", "seconds"),
    ("available", "bytes"),
    ("free", "bytes"),
    ("avail", "bytes"),
    ("usage", "bytes"),
    ("working", "set", "bytes"),
    ("rss",),
    ("limit", "bytes"),
    ("replicas",),
    ("queue", "length"),
    ("queue", "depth"),
    ("queue", "size"),
    ("resident", "memory", "bytes"),
    ("virtual", "memory", "bytes"),
    ("open", "fds"),
    ("goroutines",),
    ("load", "1"),
    ("load", "5"),
    ("load", "15"),
    ("in", "use"),
    ("in", "flight"),
    ("up",),
)


class Unit(Enum):
    """What a number counts, as far as a name tells."""

    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    RATIO = "ratio"
    PERCENT = "percent"
    BYTES = "bytes"


_UNITS = {
    "seconds": Unit.SECONDS,
    "milliseconds": Unit.MILLISECONDS,
    "millis": Unit.MILLISECONDS,
    "ms": Unit.MILLISECONDS,
    "ratio": Unit.RATIO,
    "percent": Unit.PERCENT,
    "percentage": Unit.PERCENT,
    "pct": Unit.PERCENT,
    "bytes": Unit.BYTES,
}
_COUNTING = frozenset(("total", "count", "sum", "bucket"))


@lru_cache(maxsize=1024)  # each documented signal asks about the same ones
def selector_words(selector: Selector) -> frozenset[str]:
    """The words of a metric and of what its matchers choose; `!idle` for what they leave out.

    A choice of server errors (`code=~"5.."`) is the word `5xx`.
    """
    found = set(name_words(selector.name))
    for matcher in selector.matchers:
        mark = "!" if matcher.operator.startswith("!") else ""
        found.update(mark + word for word in _matcher_words(matcher))
    return frozenset(found)


def _matcher_words(matcher: Matcher) -> Iterable[str]:
    if matcher.name in _STATUS_LABELS and _SERVER_ERROR.fullmatch(matcher.value):
        return ["5xx"]
    if matcher.operator in ("=", "!=") or matcher.value.isalnum():
        return name_words(matcher.value)
    return ()


def has_words(found: frozenset[str], choices: Iterable[str]) -> bool:
    """Whether all words of one of the choices (`cpu usage`) are there."""
    return any(found.issuperset(choice.split()) for choice in choices)


def unit_of(name: str) -> Unit | None:
    """The unit that a metric's name ends with, before `_total` and its like."""
    parts = name_words(name)
    while parts and parts[-1] in _COUNTING:
        parts.pop()
    return _UNITS.get(parts[-1]) if parts else None


def is_counter_name(name: str) -> bool:
    """Whether a name plainly is a counter's, by its end (OpenMetrics 1.0, Counter, Histogram)."""
    return ":" not in name and name.endswith(("_total", "_bucket"))


def is_gauge_name(name: str) -> bool:
    """Whether a name plainly is a gauge's, by its last words; a recorded name tells nothing."""
    parts: Sequence[str] = name_words(name)
    if ":" in name or (parts and parts[-1] in _COUNTING):
        return False
    return any(tuple(parts[-len(end) :]) == end for end in _GAUGE_ENDS)
