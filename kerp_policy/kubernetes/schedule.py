"""Schedules and time zones of CronJobs, as the API server accepts them.

Source: "CronJob" in the Kubernetes documentation, and the standard syntax of the cron library
that it names (robfig/cron, version 3): five fields or one of the `@` words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from kerp_policy.kubernetes.durations import parse_duration
from kerp_policy.regex import regex
from kerp_policy.shipped import DATA
from kerp_policy.wording import meant, nearest, shown


class _Field(Struct, frozen=True):
    name: str
    lowest: int
    highest: int
    words: Mapping[str, int]


class _Times(Struct, frozen=True):
    """What a field names, and whether it is a plain `*`."""

    values: frozenset[int]
    is_any: bool


_MONTHS = {
    **{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6},
    **{"jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12},
}
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 6, _DAYS),
)
_WORDS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
_LONGEST_MONTH = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
_NUMBER = regex(r"\+?[0-9]{1,9}")
_MAX_LENGTH = 1000
_LONGEST_ZONE = 64


class _ScheduleError(ValueError):
    pass


def schedule_error(text: str) -> str | None:
    """What is wrong with a CronJob's schedule, as words that follow "the schedule …".

    A schedule that is accepted but names no day that exists (`0 0 31 2 *`) is wrong as well.
    """
    if len(text) > _MAX_LENGTH:
        return f"has {len(text)} characters, which nobody can read"
    if "TZ" in text:
        return "must not hold TZ= or CRON_TZ=; name the zone in spec.timeZone"
    try:
        return _word_error(text) if text.startswith("@") else _fields_error(text.split())
    except _ScheduleError as error:
        return str(error)


def least_minutes(text: str) -> int:
    """How many minutes lie at least between two runs of one hour, or of one and the next.

    Args:
        text: five fields without an error; 60 is what once an hour comes to, or less often.
    """
    minute, hour = (_times(field, t) for field, t in zip(_FIELDS, text.split()[:2], strict=False))
    times = sorted(minute.values)
    if any(value + 1 in hour.values for value in hour.values) or {0, 23} <= hour.values:
        times.append(times[0] + 60)
    return min((after - before for before, after in pairwise(times)), default=60)


def time_zone_error(text: str) -> str | None:
    """What is wrong with a CronJob's time zone, as words that follow `timeZone "…"`.

    A name of the IANA database is expected; the API server refuses `Local` and none.
    """
    if text in _shipped_zones():
        return None
    if not text or text.lower() == "local":
        return "names no time zone; write one such as Etc/UTC or Asia/Seoul"
    if text in _time_zones():
        return None
    return f"is no time zone of the IANA database{_zone_hint(text, _time_zones())}"


def _word_error(text: str) -> str | None:
    if text in _WORDS:
        return None
    if text.partition(" ")[0] == "@every":
        duration = text.removeprefix("@every").removeprefix(" ")
        return (
            None
            if parse_duration(duration) is not None
            else (f'has no duration after @every but "{duration}"; write one such as 1h30m')
        )
    return "is no word that Kubernetes knows" + meant(text, _WORDS)


def _fields_error(texts: list[str]) -> str | None:
    if len(texts) != len(_FIELDS):
        return f"has {len(texts)} fields; expected five: {_names()}{_seconds_hint(len(texts))}"
    times = [_times(field, text) for field, text in zip(_FIELDS, texts, strict=True)]
    empty = [field.name for field, time in zip(_FIELDS, times, strict=True) if not time.values]
    if empty:
        return f"never runs: its {empty[0]} is empty"
    _, _, day, month, weekday = times
    if not weekday.is_any or any(
        min(day.values) <= _LONGEST_MONTH.get(m, 31) for m in month.values
    ):
        return None  # with a day of the week, cron takes either day
    return f"never runs: no month that it names has a day {min(day.values)}"


def _names() -> str:
    return ", ".join(field.name for field in _FIELDS)


def _seconds_hint(count: int) -> str:
    return "; a field of seconds or years is not known here" if count in (6, 7) else ""


def _times(field: _Field, text: str) -> _Times:
    ranges = [_range(field, part) for part in text.split(",") if part]
    values = frozenset(value for one in ranges for value in one.values)
    return _Times(values, any(one.is_any for one in ranges))


def _range(field: _Field, text: str) -> _Times:
    span, slash, step_text = text.partition("/")
    low_text, hyphen, high_text = span.partition("-")
    if "/" in step_text or "-" in high_text:
        raise _ScheduleError(f"has {text} as {field.name}; expected a range as low-high/step")
    is_any = low_text in ("*", "?")
    low = field.lowest if is_any else _value(field, low_text)
    high = _high(field, low, high_text if hyphen else None, is_any, is_open=bool(slash))
    step = _number(field, step_text, "step") if slash else 1
    _expect_order(field, text, low, high, step)
    return _Times(frozenset(range(low, high + 1, step)), is_any and step == 1)


def _high(field: _Field, low: int, text: str | None, is_any: bool, *, is_open: bool) -> int:
    """Where a range ends: `*` and `5/10` run to the field's last value."""
    if is_any or (text is None and is_open):
        return field.highest
    return low if text is None else _value(field, text)


def _expect_order(field: _Field, text: str, low: int, high: int, step: int) -> None:
    if step == 0:
        raise _ScheduleError(f"has step 0 in {text} as {field.name}; expected a step of 1 or more")
    for value in (low, high):
        if not field.lowest <= value <= field.highest:
            sunday = "; Sunday is 0" if field.words is _DAYS and value == 7 else ""
            bounds = f"{field.lowest} to {field.highest}"
            raise _ScheduleError(f"has {value} as {field.name}; expected {bounds}{sunday}")
    if low > high:
        raise _ScheduleError(
            f"has {text} as {field.name}, which runs backwards; "
            f"write {low}-{field.highest},{field.lowest}-{high}"
        )


def _value(field: _Field, text: str) -> int:
    return (
        field.words.get(text.lower(), -1) if text.lower() in field.words else _number(field, text)
    )


def _number(field: _Field, text: str, what: str = "value") -> int:
    if not _NUMBER.fullmatch(text):
        raise _ScheduleError(f"has {shown(text)} as {field.name}, which is no {what}{_hint(text)}")
    return int(text)


def _hint(text: str) -> str:
    """What to write instead of what other crons know."""
    if re.fullmatch(r"[Ll]|[Ll][Ww]", text):
        return "; run on 28-31 and let the job test for the last day, or run on the 1st"
    if re.fullmatch(r"[0-9]{1,2}[Ww]|[0-9A-Za-z]{1,3}#[0-9]|[0-9A-Za-z]{1,3}[Ll]", text):
        return "; W, L and # are not known here, so let the job test for its day"
    return ""


@lru_cache(maxsize=1)
def _shipped_zones() -> frozenset[str]:
    return frozenset((DATA / "time_zones.txt").read_text("utf-8").split())


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    """The names that ship, and any newer ones that this machine knows; to list these takes long."""
    import zoneinfo

    return _shipped_zones() | zoneinfo.available_timezones() - {"localtime"}


def _zone_hint(text: str, names: frozenset[str]) -> str:
    if len(text) > _LONGEST_ZONE:
        return ""
    if re.search(r"[+-][0-9]", text):
        return "; offsets are no names, write one such as Asia/Seoul"
    if text.upper() == "KST":
        return "; Korea is Asia/Seoul"
    by_case = {name.lower(): name for name in sorted(names)}
    close = nearest(text.lower().replace(" ", "_"), by_case)
    return f"; did you mean {by_case[close]}?" if close else "; write one such as Asia/Seoul"
