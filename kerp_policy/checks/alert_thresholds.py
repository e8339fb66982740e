"""What the alerts of an estate say of documented thresholds.

Not a check itself: what the joint check of alerts looks at where there are any.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.prometheus.documented import asked, meets, readings, said, thresholds
from kerp_policy.artifacts.prometheus.nodes import Node
from kerp_policy.artifacts.prometheus.promql import PromqlError, parse_promql
from kerp_policy.artifacts.prometheus.signals import Reading
from kerp_policy.estate.alerting import Alert, Recording, Rules
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import file_of
from kerp_policy.findings import Judged, Place, Related, Remark, unverified
from kerp_policy.secrets import is_placeholder

Wanted = Mapping[str, Any]
"""A documented threshold."""


class _Read(Struct, frozen=True):
    """What an alert says of a signal."""

    alert: Alert
    reading: Reading

    @property
    def place(self) -> Place:
        """Where its query stands."""
        return self.alert.query_place


def judged(
    estate: Estate, signals: Mapping[str, Any], documented: Sequence[Wanted], titles: str
) -> Iterator[Judged]:
    """Each documented threshold, with what there is to say of the alerts on its signal.

    Args:
        estate: which has an alert.
        signals: those of `rule_thresholds.documented`, by name.
        documented: the thresholds.
        titles: of all signals, in words.
    """
    read = _read(estate, signals)
    if not any(read.values()):
        home = _home(estate, [])
        message = f"there is no alert on a documented signal; expected alerts on {titles}"
        yield Judged(home, (Remark(home.place, message),))
        return
    for wanted in documented:
        found = read[wanted["signal"]]
        home = _home(estate, [*found, *(one for each in read.values() for one in each)])
        remarks = _missing(signals[wanted["signal"]], wanted, found, home.place)
        yield Judged(home, tuple(remarks))


def _read(estate: Estate, signals: Mapping[str, Any]) -> dict[str, list[_Read]]:
    """By signal, what the alerts of the estate say of it."""
    everywhere = _recorded(estate.by(Recording, _name), same_file=False)
    own = estate.by(Recording, file_of)
    found: dict[str, list[_Read]] = {name: [] for name in signals}
    for file, alerts in estate.by(Alert, file_of).items():
        here: dict[str, list[Recording]] = {}
        for recording in own.get(file, ()):
            here.setdefault(recording.name, []).append(recording)
        recorded = ChainMap(_recorded(here, same_file=True), everywhere)
        for alert in alerts:
            if query := _parsed(alert.query):
                question = asked(query, recorded)
                for name, signal in signals.items():
                    found[name] += (_Read(alert, each) for each in readings(signal, question))
    return found


def _name(recording: Recording) -> str:
    return recording.name


def _recorded(by_name: Mapping[str, Any], *, same_file: bool) -> dict[str, Node]:
    """What each name stands for; files that are copies of one another record the same."""
    known: dict[str, Node] = {}
    for name, recordings in by_name.items():
        queries = {recording.query for recording in recordings}
        query = _parsed(queries.pop()) if len(queries) == 1 else None
        if query and not (same_file and len(recordings) > 1):
            known[name] = query
    return known


@lru_cache(maxsize=1024)  # a rule counts in its own file, in all others and at both ends
def _parsed(query: str) -> Node | None:
    try:
        return parse_promql(query)
    except PromqlError:
        return None


def _home(estate: Estate, near: list[_Read]) -> Rules:
    """Where a missing alert would stand: in the file of one on the same signal, or on another."""
    files = [*(one.alert.file for one in near[:1]), estate.all(Alert)[0].file]
    return estate.by(Rules, file_of)[files[0]][0]


def _missing(
    signal: Mapping[str, Any], wanted: Wanted, found: list[_Read], at: Place
) -> Iterator[Remark]:
    level, subject = wanted["level"], f"{wanted['signal']}/{wanted['level']}"
    if any(one.alert.severity == level and meets(one.reading, wanted) for one in found):
        return
    what = f"alert on {signal['title']} {thresholds(signal, [wanted])}"
    for one in found:
        if reason := _perhaps(one, wanted):
            other = Related(one.alert.file, one.place, f"alert {one.alert.name} may be it")
            remark = unverified(at, f"files do not show whether there is an {what}: {reason}")
            yield replace(remark, subject=subject, related=(other,))
            return
    wrong = [one for one in found if _instead(one, wanted)]
    near = wrong or [one for one in found if one.reading.value is not None]
    related = tuple(_related(signal, one) for one in near[:1])
    cause = ("alert-threshold",) if wrong else ()
    yield Remark(at, f"there is no {what}", subject=subject, related=related, consequence_of=cause)


def _perhaps(one: _Read, wanted: Wanted) -> str:
    """Why an alert may be the one that is wanted; empty where it is not."""
    level = one.alert.severity
    is_open = not level or "{{" in level or is_placeholder(level)
    if level != wanted["level"] and not is_open:
        return ""
    if one.reading.value is None:
        return f"in alert {one.alert.name}, {one.reading.untold}"
    if not meets(one.reading, wanted):
        return ""
    return f"alert {one.alert.name} " + (
        "has a level that is filled in" if level else "sets no level"
    )


def _instead(one: _Read, wanted: Wanted) -> bool:
    """Whether an alert has the level with another threshold, or the threshold at another."""
    return one.alert.severity == wanted["level"] or meets(one.reading, wanted)


def _related(signal: Mapping[str, Any], one: _Read) -> Related:
    words = f"alert {one.alert.name} compares with {said(signal, one.reading)}"
    return Related(one.alert.file, one.place, f"{words} at level {one.alert.severity or 'none'}")
