"""Checks of the time intervals that mute a route: one that never or always holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.findings import Remark
from kerp_policy.scopes.alertmanager import Alertmanager
from kerp_policy.views import View
from kerp_policy.wording import clipped

_LIMITS = ("times", "weekdays", "days_of_month", "months", "years")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days of the months; February has 29 in some years."""


def telling(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No route is muted at all times, or active at none.

    Source: Alertmanager's documentation, Configuration, `<time_interval>`: a field that is not set
    takes all times, and days that a month does not have are left out.
    """
    found: Alertmanager = view.subject
    known = dict(_intervals(view.data))
    for path, route in found.routes.items():
        for key, wrong, what in (
            ("mute_time_intervals", _always, "holds at all times, so the route tells nobody"),
            ("active_time_intervals", _never, "holds at no time, so the route tells nobody"),
        ):
            names = [each for each in route.own.get(key) or [] if each in known]
            is_wrong = [wrong(known[name]) for name in names]
            if is_wrong and (any if wrong is _always else all)(is_wrong):
                at = is_wrong.index(True)
                yield Remark((*path, key), f"the time interval {names[at]} {what}")


def used(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every time interval is named by a route."""
    found: Alertmanager = view.subject
    named = {
        name
        for route in found.routes.values()
        for key in ("mute_time_intervals", "active_time_intervals")
        for name in route.own.get(key) or []
    }
    for key in ("time_intervals", "mute_time_intervals"):
        for i, interval in enumerate(view.data.get(key) or []):
            name = (interval or {}).get("name")
            if name and name not in named:
                message = f"no route names the time interval {clipped(str(name))}"
                yield Remark((key, i, "name"), message, subject=str(name))


def _intervals(data: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """By name, the ranges of which any may hold."""
    for key in ("time_intervals", "mute_time_intervals"):
        for named in data.get(key) or []:
            ranges = (named or {}).get("time_intervals")
            if isinstance(ranges, list) and isinstance(named.get("name"), str):
                yield named["name"], ranges


def _always(ranges: list[Any]) -> bool:
    return any(not any((each or {}).get(limit) for limit in _LIMITS) for each in ranges)


def _never(ranges: list[Any]) -> bool:
    return all(_is_no_day(each or {}) for each in ranges)


def _is_no_day(given: Mapping[str, Any]) -> bool:
    """Whether none of the months has any of the days; False where that cannot be read."""
    months = [_range(each, _MONTHS) for each in given.get("months") or []]
    days = [_range(each, ()) for each in given.get("days_of_month") or []]
    spans = [(month[0], month[1]) for month in months if month and month[0] <= month[1]]
    if not days or not spans or len(spans) < len(months):
        return False
    longest = max(max(_LENGTHS[first - 1 : last], default=31) for first, last in spans)
    return all(day and day[0] > longest for day in days)


def _range(written: Any, names: Sequence[str]) -> tuple[int, int] | None:
    """Both ends of a range, `1:3` or `january:march`; None where it is none."""
    ends = str(written).lower().split(":")[:2]
    numbers = [names.index(end) + 1 if end in names else _number(end) for end in ends]
    return (numbers[0], numbers[-1]) if all(numbers) else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
