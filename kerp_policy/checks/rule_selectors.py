"""Checks of what the queries of rules select: matchers that exclude each other, or are odd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.alertmanager.matchers import Matcher
from kerp_policy.artifacts.alertmanager.matching import contradiction
from kerp_policy.artifacts.prometheus.nodes import Number, Selector, selectors
from kerp_policy.findings import Remark
from kerp_policy.regex import regex
from kerp_policy.views import View

_EXPR = ("expr",)
_EVERYTHING = (".*", "(.*)")
_EXACT = {"=~": "=", "!~": "!="}
_PLAIN = regex(r"[A-Za-z0-9_-]+")


def contradictory(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No selector asks for what no series can have, as two values of one label."""
    for selector in _selectors(view):
        if why := _never(selector):
            called = selector.name or "a selector"
            message = f"{called} finds no series: {why}"
            yield Remark(_EXPR, message, subject=selector.name)


def _never(selector: Selector) -> str:
    matchers = [Matcher(each.name, each.operator, each.value) for each in selector.matchers]
    for matcher in matchers:
        if matcher.op == "!~" and matcher.value in _EVERYTHING:
            return f"{matcher} excludes every value, the empty one, too"
    pair = contradiction(matchers)
    return f"{pair[0]} and {pair[1]} never hold together" if pair else ""


def plain(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A regular expression is one, and is not anchored by hand.

    Source: Prometheus documentation, "Querying basics": regex matches are fully anchored.
    """
    for selector in _selectors(view):
        for each in selector.matchers:
            if each.operator in _EXACT and (written := _simpler(each.operator, each.value)):
                op, value = written
                found = Matcher(each.name, each.operator, each.value)
                message = f"{found} is anchored anyway; write {Matcher(each.name, op, value)}"
                yield Remark(_EXPR, message, subject=str(found))


def _simpler(operator: str, pattern: str) -> tuple[str, str] | None:
    """The operator and text that mean the same; None where there is nothing simpler."""
    bare = pattern
    if "|" not in pattern or pattern.startswith(("^(", "(")):
        bare = pattern.removeprefix("^")
        bare = bare[:-1] if bare.endswith("$") and not bare.endswith("\\$") else bare
    if _PLAIN.fullmatch(bare):
        return _EXACT[operator], bare
    return (operator, bare) if bare != pattern else None


def _selectors(view: View) -> list[Selector]:
    return list(dict.fromkeys(selectors(view.subject.rule.expression or Number(0))))
