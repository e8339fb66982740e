"""Time intervals: ranges of weekdays, days, months, years and times of day.

Source: Alertmanager's documentation, Configuration, `<time_interval>`. Each says what is wrong
with a text, or None.
"""

from __future__ import annotations

from kerp_policy.regex import regex

_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_NUMBER = regex(r"[-+]?[0-9]{1,18}")
_TIME = regex(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_SHORTEST_MONTH = 28


def _bounds(text: str) -> list[str]:
    """The one or two ends of a range; empty where there are more."""
    ends = text.lower().split(":")
    return ends * 2 if len(ends) == 1 else ends if len(ends) == 2 else []


def weekdays_problem(text: str) -> str | None:
    """Why a text is no weekday (`monday`) and no range of them (`monday:friday`)."""
    ends = _bounds(text)
    if not ends or any(end not in _WEEKDAYS for end in ends):
        return "is no weekday and no range of them; full names such as monday:friday are"
    first, last = map(_WEEKDAYS.index, ends)
    return None if first <= last else "ends before it starts (a week starts on sunday)"


def months_problem(text: str) -> str | None:
    """Why a text is no month (`may`, 5) and no range of them."""
    ends = _bounds(text)
    if not ends or not all(end in _MONTHS or _NUMBER.fullmatch(end) for end in ends):
        return "is no month and no range of them; full names or numbers such as 1:3 are"
    first, last = (_MONTHS.index(end) + 1 if end in _MONTHS else int(end) for end in ends)
    return None if first <= last else "ends before it starts"


def years_problem(text: str) -> str | None:
    """Why a text is no year and no range of them."""
    ends = _bounds(text)
    if not ends or not all(map(_NUMBER.fullmatch, ends)):
        return "is no year and no range of them, such as 2026:2027"
    return None if int(ends[0]) <= int(ends[1]) else "ends before it starts"


def days_problem(text: str) -> str | None:
    """Why a text is no day of a month, from its end (-1) or start (1), and no range of them."""
    ends = _bounds(text)
    if not ends or not all(map(_NUMBER.fullmatch, ends)):
        return "is no day and no range of them, such as 1:5 or -3:-1"
    first, last = map(int, ends)
    if not all(1 <= abs(day) <= 31 for day in (first, last)):
        return "holds a day that no month has"
    if first < 0 < last:
        return "starts from the month's end, so it must end there as well"
    starts, stops = (day if day > 0 else _SHORTEST_MONTH + day for day in (first, last))
    return None if starts <= stops else "ends before it starts"


def minutes(text: str) -> int | None:
    """The minute of the day that `HH:MM` names; None when it is no time."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    return int(text[:2]) * 60 + int(text[3:])


def location_problem(text: str) -> str | None:
    """Why a text names no time zone."""
    from kerp_policy.kubernetes.schedule import time_zone_error

    return None if text in ("", "Local") else time_zone_error(text)
