"""What matchers mean: which values a label may have, which conditions imply or exclude others.

Only what is certain is said: a regular expression counts by the values it is tried on, or where
it lists them (`critical|warning`). A label that an alert lacks is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice

from kerp_policy.artifacts.alertmanager.matchers import Matcher
from kerp_policy.regex import regex

_LISTED = regex(r"\(?(?:\?:)?([\w :/@%&=,;~<>'\"#!-]*(?:\|[\w :/@%&=,;~<>'\"#!-]*)*)\)?")
_FIELD = regex(r"\{\{-?\s*(?:\.(?:Common|Group)?Labels|\$labels)\b")
_MOST_VALUES = 100


@lru_cache(maxsize=4096)
def listed_values(pattern: str) -> frozenset[str] | None:
    """The values that an expression lists (`a|b`); None where it does more than that."""
    found = _LISTED.fullmatch(pattern)
    if not found or pattern.startswith("(") != pattern.endswith(")"):
        return None
    if pattern.startswith("?:") or (not pattern.startswith("(") and found[1] != pattern):
        return None
    values = frozenset(found[1].split("|"))
    return values if len(values) <= _MOST_VALUES else None


@lru_cache(maxsize=4096)
def accepts(matcher: Matcher, value: str) -> bool | None:
    """Whether a value fulfils a matcher; None where the expression cannot be tried."""
    if matcher.op in ("=", "!="):
        return (matcher.value == value) == (matcher.op == "=")
    values = listed_values(matcher.value)
    hit = value in values if values is not None else _fits(matcher.value, value)
    return None if hit is None else hit == (matcher.op == "=~")


@lru_cache(maxsize=4096)
def _fits(pattern: str, value: str) -> bool | None:
    """Tried on an engine that takes linear time; None where it does not know the grammar."""
    from kerp_policy.policy.require import valid

    try:
        return valid({"type": "string", "pattern": f"^(?:{pattern})$"}, value)
    except ValueError:
        return None


def values(matcher: Matcher) -> frozenset[str] | None:
    """The only values that fulfil a matcher; None where it does not list them."""
    if matcher.op == "=":
        return frozenset((matcher.value,))
    return listed_values(matcher.value) if matcher.op == "=~" else None


def excluded(matcher: Matcher) -> frozenset[str] | None:
    """The only values that do not fulfil a matcher; None where it does not list them."""
    if matcher.op == "!=":
        return frozenset((matcher.value,))
    return listed_values(matcher.value) if matcher.op == "!~" else None


def implies(given: Matcher, other: Matcher) -> bool:
    """Whether every alert that fulfils the first also fulfils the other."""
    if given == other:
        return True
    if given.name != other.name:
        return False
    listed = values(given)
    if listed is not None:
        return all(accepts(other, value) for value in listed)
    without, allowed = excluded(given), excluded(other)
    return without is not None and allowed is not None and allowed <= without


def always(matcher: Matcher) -> bool:
    """Whether a matcher holds for every alert (`team=~".*"`)."""
    return matcher.op == "=~" and matcher.value in (".*", "(.*)", ".*|", "|.*")


def excludes(one: Matcher, other: Matcher) -> bool:
    """Whether no alert fulfils both."""
    if one.name != other.name:
        return False
    for given, against in ((one, other), (other, one)):
        listed = values(given)
        if listed is not None and all(accepts(against, value) is False for value in listed):
            return True
    return False


def by_label(matchers: Iterable[Matcher]) -> dict[str, list[Matcher]]:
    """Matchers by the label that they are about."""
    given: dict[str, list[Matcher]] = {}
    for matcher in matchers:
        given.setdefault(matcher.name, []).append(matcher)
    return given


def covers(general: Sequence[Matcher], special: Mapping[str, Sequence[Matcher]]) -> bool:
    """Whether whatever fulfils all of `special`, by label, fulfils all of `general`."""
    for matcher in general:
        given = special.get(matcher.name, ())
        if not any(implies(one, matcher) for one in given[:20]) and not always(matcher):
            return False
    return True


def contradiction(matchers: Sequence[Matcher]) -> tuple[Matcher, Matcher] | None:
    """Two matchers that no alert fulfils at once, if there are any; the later one last."""
    seen: dict[str, list[Matcher]] = {}
    for matcher in matchers:
        for earlier in islice(seen.get(matcher.name, ()), 20):
            if excludes(earlier, matcher):
                return earlier, matcher
        seen.setdefault(matcher.name, []).append(matcher)
    return None


def is_template(matcher: Matcher) -> bool:
    """Whether a value asks for a label, as notifications may; a matcher compares the braces."""
    return matcher.op in ("=", "!=") and _FIELD.search(matcher.value) is not None
