"""Checks of build arguments: is what is used declared where it is used?

Source: Dockerfile reference, "ARG" (scope), "Understand how ARG and FROM interact", "Automatic
platform ARGs in the global scope".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction, Script, Stage, State, scripts
from kerp_policy.artifacts.dockerfile.state import PLATFORM_ARGUMENTS
from kerp_policy.docker.variables import Use, undeclared
from kerp_policy.docker.walk import effective
from kerp_policy.findings import Remark, Verdict
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.sources.source import Span
from kerp_policy.views import View

_VARIABLE = re.compile(r"(?<!\\)\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", re.ASCII)
_EXPANDING = frozenset({"ADD", "COPY", "ENV", "EXPOSE", "LABEL", "USER", "VOLUME", "WORKDIR"})
_AT_BUILD = ("BUILDKIT_", "SOURCE_DATE_EPOCH")


def undeclared_arguments(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What a stage's instructions read is an ARG or ENV of the stage, or set in the RUN itself.

    That the base image sets it no file shows, so a RUN's finding is unverified; before FROM
    there is no base image.
    """
    subject: DockerfileSubject = view.subject
    stage = subject.stage
    assert stage
    yield from _in_from(subject, stage)
    for written, state in stage.steps():
        instruction = effective(written)
        if instruction is not written:
            continue  # ONBUILD: what is declared then, another file decides
        if instruction.keyword == "RUN":
            yield from _in_run(subject, instruction, state)
        elif instruction.keyword in _EXPANDING:
            yield from _in_words(subject, instruction, state)


def _in_from(subject: DockerfileSubject, stage: Stage) -> Iterator[Remark]:
    known = subject.graph.global_state.args
    for word in stage.instruction.words[:1]:
        for found in word.find(_VARIABLE):
            name = found.text.strip("${}")
            if name in known or name in PLATFORM_ARGUMENTS or name.startswith(_AT_BUILD):
                continue
            message = f"FROM reads ${name}, but no ARG above the first FROM declares it"
            place = subject.place(stage.instruction, found.span)
            help_text = f"Write `ARG {name}=…` above the first FROM."
            yield Remark(place, f"{message}, so it is empty", subject=name, help=help_text)


def _in_run(subject: DockerfileSubject, instruction: Instruction, state: State) -> Iterator[Remark]:
    assert subject.stage
    found = scripts(instruction, state.shell)
    secrets = {mount["env"].text for mount in instruction.mounts if "env" in mount}
    for script, shell in zip(found, subject.stage.shells.get(instruction, ()), strict=True):
        for use in undeclared(script.text, shell):
            if use.name not in secrets and use.name not in state.env.keys() | state.args.keys():
                span = _span(use, script)
                yield _remark(subject, instruction, use.name, span)


def _span(use: Use, script: Script) -> Span:
    """The variable alone, where its text stands in the file as it is."""
    if use.offset is None:
        return use.word.span
    line, column = script.locate(use.offset)
    around = 3 if script.text.startswith("${", use.offset) else 1
    return Span(line, column, line, column + len(use.name) + around)


def _in_words(
    subject: DockerfileSubject, instruction: Instruction, state: State
) -> Iterator[Remark]:
    """Outside RUN only names that the file declares, but where they do not reach."""
    elsewhere = subject.graph.global_state.args
    for found in instruction.value.find(_VARIABLE):
        name = found.text.strip("${}")
        if name in elsewhere and name not in state.env and name not in state.args:
            yield _remark(subject, instruction, name, found.span)


def _remark(subject: DockerfileSubject, instruction: Instruction, name: str, span: Span) -> Remark:
    assert subject.stage
    message = f"{instruction.keyword} reads ${name}, which no ARG or ENV above it declares"
    if name in PLATFORM_ARGUMENTS:
        message = f"{instruction.keyword} reads ${name}, which Docker sets only where ARG names it"
    elif name in subject.graph.global_state.args:
        message = f"{instruction.keyword} reads ${name}, declared only above the first FROM"
        message += ", which does not reach into a stage"
    elif name in subject.stage.state.args or name in subject.stage.state.env:
        message = f"{instruction.keyword} reads ${name}, which is declared only below"
    place = subject.place(instruction, span)
    message += ": it is empty, unless the base image sets it"
    help_text = f"Write `ARG {name}` above this line, in the same stage."
    return Remark(place, message, Verdict.UNVERIFIED, name, help_text)
