"""Checks of an image's HEALTHCHECK.

Source: Dockerfile reference, "HEALTHCHECK": the defaults, and that it is inherited from the base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from kerp_policy.docker.health import base_has_none
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.image_names import repository
from kerp_policy.estate.images import Dockerfile, Healthcheck, Target
from kerp_policy.estate.running import Images
from kerp_policy.findings import Judged, Place, Remark, unverified
from kerp_policy.kubernetes.durations import parse_duration
from kerp_policy.kubernetes.images import without_digest
from kerp_policy.parameters import COUNT, GO_DURATION, by_name, takes
from kerp_policy.sources.match import matches
from kerp_policy.wording import shown

DEFAULTS = {"interval": "30s", "timeout": "30s", "start-period": "0s", "retries": "3"}


@takes(interval=GO_DURATION, timeout=GO_DURATION, retries=COUNT, start_periods=by_name(GO_DURATION))
def documented_timing(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """There is a HEALTHCHECK in effect, with the timing of the standard.

    That of a base of the project is judged where it is written.
    """
    for dockerfile in estate.all(Dockerfile):
        own = dockerfile.targets[-1]
        target = estate.made(Images).effective(own)
        if target.healthcheck is None:
            yield Judged(dockerfile, (_missing(target),))
        elif target.healthcheck.off:
            message = "HEALTHCHECK NONE turns the health check off; expected one with a command"
            place = target.healthcheck.place if own.healthcheck else target.place
            yield Judged(dockerfile, (Remark(place, message),))
        elif own.healthcheck is None:
            yield Judged(dockerfile, ())
        else:
            yield Judged(dockerfile, tuple(_timings(own.healthcheck, params)))


def _timings(healthcheck: Healthcheck, params: Mapping[str, Any]) -> Iterator[Remark]:
    documented = _wanted(healthcheck.file, params)
    for name, wanted in documented.items():
        yield from _timing(healthcheck, name, wanted)
    for name in ("start-period", "start-interval"):
        text, place = healthcheck.flags.get(name, ("0s", healthcheck.place))
        if name not in documented and parse_duration(text) is None:
            said = f"--{name} is {shown(text)}, which is no duration"
            yield Remark(place, f"{said}; expected one such as 5s")


def _missing(target: Target) -> Remark:
    if base_has_none(target.base):
        message = f"the image has no HEALTHCHECK, and its base {_shown(target.base)} has none"
        return Remark(target.place, f"{message} either")
    message = "there is no HEALTHCHECK in this file, and files do not show whether its base"
    return unverified(
        target.place,
        f"{message} {_shown(target.base)} has one",
        settled_by=f"image/{repository(target.base)}: HEALTHCHECK",
    )


def _shown(image: str) -> str:
    return without_digest(image)


def _wanted(file: str, params: Mapping[str, Any]) -> dict[str, str]:
    wanted = {name: str(params[name]) for name in ("interval", "timeout", "retries")}
    for pattern, period in params["start_periods"].items():
        if matches(pattern, file):
            wanted["start-period"] = period
    return wanted


def _timing(healthcheck: Healthcheck, name: str, wanted: str) -> Iterator[Remark]:
    flag = healthcheck.flags.get(name)
    given = flag[0] if flag else None
    value = _value(name, given or DEFAULTS[name])
    if value == _value(name, wanted):
        return
    if flag and value is None:
        kind = "number" if name == "retries" else "duration"
        message = f"--{name} is {shown(given or '')}, which is no {kind}; expected {wanted}"
    elif flag:
        message = f"--{name} is {given}; expected {wanted}"
    else:
        message = f"--{name} is not set, which means {DEFAULTS[name]}; expected {wanted}"
    where = healthcheck.place
    place = flag[1] if flag else Place(where.span, f"{where.address}.{name}")
    yield Remark(place, message)


@lru_cache(maxsize=256)  # the same few everywhere
def _value(name: str, text: str) -> Fraction | None:
    """The value as a number; 0 stands for the default, except that a start may take no time."""
    if name == "retries":
        number = Fraction(text) if text.isdecimal() and len(text) < 10 else None
    else:
        number = parse_duration(text)
    return _value(name, DEFAULTS[name]) if number == 0 and name != "start-period" else number
