"""Checks of an image's HEALTHCHECK.

Source: Dockerfile reference, "HEALTHCHECK": the defaults, and that it is inherited from the base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction
from kerp_policy.docker.health import base_has_none
from kerp_policy.findings import Place, Remark, unverified
from kerp_policy.kubernetes.durations import parse_duration
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.sources.match import matches
from kerp_policy.views import View

DEFAULTS = {"interval": "30s", "timeout": "30s", "start-period": "0s", "retries": "3"}


def documented_timing(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """There is a HEALTHCHECK in effect, with the timing of the standard."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    instruction = subject.stage.state.healthcheck
    if instruction is None:
        yield _missing(subject)
    elif instruction.inner and instruction.inner.keyword == "NONE":
        message = "HEALTHCHECK NONE turns the health check off; expected one with a command"
        yield Remark(subject.place(instruction), message)
    else:
        for name, wanted in _wanted(view, params).items():
            yield from _timing(subject, instruction, name, wanted)


def _missing(subject: DockerfileSubject) -> Remark:
    assert subject.stage
    root = subject.stage.root
    place = subject.place(subject.stage.instruction)
    image = root.base_text.text if root.base.text is None else root.base.text
    if base_has_none(image):
        message = f"the image has no HEALTHCHECK, and its base {_shown(image)} has none either"
        return Remark(place, message)
    message = "there is no HEALTHCHECK in this file, and whether the base"
    return unverified(place, f"{message} {_shown(image)} has one is not known")


def _shown(image: str) -> str:
    return image.partition("@")[0]


def _wanted(view: View, params: Mapping[str, Any]) -> dict[str, str]:
    wanted = {name: str(params[name]) for name in ("interval", "timeout", "retries")}
    for pattern, period in params["start_periods"].items():
        if matches(pattern, view.facts["file"]):
            wanted["start-period"] = period
    return wanted


def _timing(
    subject: DockerfileSubject, instruction: Instruction, name: str, wanted: str
) -> Iterator[Remark]:
    flag = instruction.flag(name)
    given = flag.value.text if flag and flag.value else None
    value = _value(name, given or DEFAULTS[name])
    if value == _value(name, wanted):
        return
    if flag and value is None:
        kind = "a number" if name == "retries" else "a duration like 30s"
        message = f"--{name}={given or ''} is not {kind}; expected {wanted}"
    elif flag:
        message = f"--{name} is {given}; expected {wanted}"
    else:
        message = f"--{name} is not set, so {DEFAULTS[name]}; expected {wanted}"
    place = subject.place(instruction, flag.text.span if flag else None)
    yield Remark(Place(place.span, f"{place.address}.{name}"), message)


def _value(name: str, text: str) -> Fraction | None:
    """The value as a number; 0 stands for the default, except that a start may take no time."""
    if name == "retries":
        number = Fraction(text) if text.isdecimal() and len(text) < 10 else None
    else:
        number = parse_duration(text)
    return _value(name, DEFAULTS[name]) if number == 0 and name != "start-period" else number
