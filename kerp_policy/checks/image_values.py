"""Checks of what instructions of a Dockerfile are given.

Source: the Dockerfile reference at each instruction; the build checks of Docker; the annotations
of the OCI image specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction, StageGraph
from kerp_policy.artifacts.dockerfile.expansion import Missing, expand
from kerp_policy.docker.signals import never_handled
from kerp_policy.docker.walk import steps
from kerp_policy.findings import Remark
from kerp_policy.kubernetes.images import ImageError, parse_image
from kerp_policy.regex import regex
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.sources.source import Span
from kerp_policy.views import View
from kerp_policy.wording import listed, shown

_MAPPED = regex(r"(?:[^\s/$]*:)([\d-]+(?:/\w+)?)")
_TARGET = regex(r"\$(?:TARGETPLATFORM|\{TARGETPLATFORM\})")
_URI = regex(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)
_TIME = regex(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")
_NAME = r"[(\s]*+[A-Za-z0-9][A-Za-z0-9.+:-]*+"
_LICENSE = regex(rf"{_NAME}(?:[)\s]++(?:AND|OR|WITH)\s{_NAME})*+[)\s]*+")
_DIGEST = regex(r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]+")
_OCI = "org.opencontainers.image."
_LABELS: Mapping[str, tuple[re.Pattern[str], str]] = {
    f"{_OCI}created": (_TIME, "a time as in RFC 3339, 2026-01-31T09:00:00Z"),
    f"{_OCI}url": (_URI, "a URL"),
    f"{_OCI}source": (_URI, "a URL"),
    f"{_OCI}documentation": (_URI, "a URL"),
    f"{_OCI}licenses": (_LICENSE, "SPDX, as Apache-2.0 or MIT OR Apache-2.0"),
    f"{_OCI}base.digest": (_DIGEST, "a digest"),
}


def port_mapping(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """EXPOSE names ports of the container: it maps none."""
    instruction: Instruction = view.subject.instruction
    for word in instruction.words:
        found = _MAPPED.fullmatch(word.text)
        if found:
            message = f"EXPOSE maps no port of the host: {word.text} comes to {found[1]} alone"
            place = view.subject.place(instruction, word.span)
            yield Remark(place, f"{message}; expected {found[1]}", subject=word.text)


def stop_signal(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A program can shut down at the signal that it is stopped by."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, state in steps([subject.stage]):
        text = state.expand(instruction.value).text if instruction.keyword == "STOPSIGNAL" else None
        reason = never_handled(text) if text else ""
        if reason:
            place = subject.place(instruction, instruction.value.span)
            yield Remark(place, f"{reason}; expected one such as SIGTERM")


def platform(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """FROM leaves the platform to who builds, but in a stage whose name tells another."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    instruction = subject.stage.instruction
    flag = instruction.flag("platform")
    if flag is None or flag.value is None:
        return
    text = flag.value.text
    place = subject.place(instruction, flag.text.span)
    if _TARGET.fullmatch(text):
        yield Remark(place, f"--platform={text} is what Docker takes anyway; expected no flag")
    elif text and "$" not in text and not _tells(subject.stage.name, text):
        message = f"this stage is of {text} wherever and for whatever it is built"
        yield Remark(place, f"{message}; expected no --platform, or $BUILDPLATFORM in it")


def _tells(name: str, text: str) -> bool:
    """Whether the name of a stage has the system or the architecture of a platform in it."""
    return any(part in name for part in text.lower().split("/")[:2] if part)


def default_base(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Without any build argument, FROM names an image."""
    subject: DockerfileSubject = view.subject
    stage = subject.stage
    assert stage
    if stage.parent or stage.base.text is not None or not stage.base.unknown:
        return
    image = _without_arguments(subject.graph, stage.base_text.text, stage.instruction.escape)
    if image is None or _is_image(image):
        return
    names = listed(stage.base.unknown)
    comes = f"the image is {shown(image)}, which is none" if image else "there is no image"
    message = f"without a build argument for {names} {comes}; expected a default"
    yield Remark(subject.place(stage.instruction, stage.base_text.span), message)


def _without_arguments(graph: StageGraph, text: str, escape: str) -> str | None:
    """The image with nothing for declared arguments without a default; None where it is open."""
    state = graph.global_state

    def lookup(name: str) -> str | Missing:
        found = state.lookup(name)
        declared = name in state.args
        return Missing.UNSET if found is Missing.OPTIONAL and declared else found

    return expand(text, lookup, escape).text


def _is_image(text: str) -> bool:
    try:
        parse_image(text)
    except ImageError:
        return False
    return True


def blank_continuation(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No blank line stands inside an instruction."""
    instruction: Instruction = view.subject.instruction
    first, last = instruction.span.line, instruction.value.span.end_line
    for line in range(first + 1, last):
        if not instruction.lines[line - 1].strip():
            message = f"line {line} is blank, and {instruction.keyword} goes on behind it"
            place = view.subject.place(instruction, instruction.name.span)
            yield Remark(place, f"{message}; expected no blank line in an instruction")
            return


def legacy_pairs(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """ENV and LABEL join a name and its value by an equals sign."""
    instruction: Instruction = view.subject.instruction
    pairs = instruction.pairs
    if pairs and pairs[0].value is not None and "=" not in instruction.words[0].text:
        name, value = pairs[0].key, pairs[0].value
        keyword = instruction.keyword
        message = f"{keyword} {name.text} takes all of the line as its value"
        place = view.subject.place(instruction, Span(*name.span.start, *value.span.end))
        yield Remark(place, f"{message}; expected {keyword} {name.text}=…", subject=name.text)


def label_values(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Labels of the OCI have values of the form that the specification gives them."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for name, setting in subject.stage.state.labels.items():
        form, expected = _LABELS.get(name, (None, ""))
        text = setting.value.text
        if form and text is not None and not form.fullmatch(text.strip()):
            message = f"{name} is {shown(text)}; expected {expected}"
            yield Remark(subject.place(setting.instruction, setting.span), message, subject=name)
