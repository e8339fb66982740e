"""Checks of single instructions of a Dockerfile.

Source: the Dockerfile reference, at the instruction that each check is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction, Setting
from kerp_policy.artifacts.dockerfile.expansion import expand
from kerp_policy.docker.walk import steps
from kerp_policy.findings import Related, Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View

_ABSOLUTE = regex(r"[/\\]|[A-Za-z]:|\$")
_ARCHIVE = regex(r"\.(?:tar|t?gz|tgz|t?bz2?|t?xz|tzst|zst|txz|tbz2|lzma)\b", re.IGNORECASE)
_REMOTE = regex(r"[a-z][a-z0-9+]*://|git@|<<|github\.com/", re.IGNORECASE)
_PORTS = regex(r"(?:[^\s/]*:)?(\d{1,5})(?:-(\d{1,5}))?(?:/tcp)?", re.IGNORECASE)
_SSH = 22


def insecure_run(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """RUN keeps the sandbox of the build and a network of its own."""
    instruction: Instruction = view.subject.instruction
    for name, value, effect in (
        ("security", "insecure", "the command runs without the sandbox of the build"),
        ("network", "host", "the command sees the network of the machine that builds"),
    ):
        flag = instruction.flag(name)
        if flag and flag.value and flag.value.text == value:
            place = view.subject.place(instruction, flag.text.span)
            yield Remark(place, f"--{name}={value}: {effect}", subject=name)


def relative_workdir(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The first WORKDIR is absolute; one below it may be relative to it."""
    assert view.subject.stage
    for instruction, state in steps([view.subject.stage]):
        path = state.expand(instruction.value).text if instruction.keyword == "WORKDIR" else None
        if path and state.workdir is None and not _ABSOLUTE.match(path):
            message = f"WORKDIR {path} is relative to a folder that only the base image knows"
            yield Remark(view.subject.place(instruction, instruction.value.span), message)


def add_for_copy(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """ADD is there for archives, URLs and repositories; files are copied."""
    assert view.subject.stage
    for instruction, state in steps([view.subject.stage]):
        if instruction.keyword != "ADD" or instruction.flag("unpack"):
            continue
        written = (text for _, text in instruction.copied)
        sources = [expand(text, state.lookup, state.escape).text for text in written]
        if sources and all(source and _is_plain(source) for source in sources):
            shown = sources[0] if len(sources) == 1 else f"{len(sources)} files"
            message = f"ADD of {shown} does no more than COPY does; expected COPY"
            yield Remark(view.subject.place(instruction, instruction.name.span), message)


def _is_plain(source: str) -> bool:
    """Whether a source is surely no archive, URL or repository."""
    last = source.rstrip("/").rpartition("/")[2]
    if _REMOTE.match(source) or _ARCHIVE.search(last):
        return False
    return "*" not in last or "." in last.rpartition("*")[2]


def repeated(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A stage sets its command, its entry point and its health check once."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    last: dict[str, Instruction] = {}
    for instruction in reversed(subject.stage.instructions):
        if instruction.keyword not in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
            continue
        later = last.setdefault(instruction.keyword, instruction)
        if later is not instruction:
            there = subject.place(later)
            message = (
                f"this {instruction.keyword} has no effect: line {there.span.line} replaces it"
            )
            related = (Related(subject.file, there, "what is in effect"),)
            yield Remark(subject.place(instruction), message, related=related)


def ssh_port(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The image exposes no port of an SSH server."""
    assert view.subject.stage
    exposed: list[Setting] = view.subject.stage.state.exposed
    for setting in exposed:
        for port in (setting.value.text or "").split():
            found = _PORTS.fullmatch(port)
            if found and int(found[1]) <= _SSH <= int(found[2] or found[1]):
                what = f"has the port of SSH, {_SSH}, in it" if found[2] else "is the port of SSH"
                place = view.subject.place(setting.instruction, setting.span)
                yield Remark(place, f"EXPOSE {port} {what}", subject=port)


def maintainer(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """MAINTAINER is deprecated (Dockerfile reference, "MAINTAINER")."""
    place = view.subject.place(view.subject.instruction)
    yield Remark(place, "MAINTAINER is deprecated; expected a LABEL")
