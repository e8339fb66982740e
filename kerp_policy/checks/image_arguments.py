"""Checks of build arguments: is what is used declared where it is used?

Source: Dockerfile reference, "ARG" (scope), "Understand how ARG and FROM interact", "Automatic
platform ARGs in the global scope".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.dockerfile import Stage
from kerp_policy.docker.arguments import Read, reads_in_from, undeclared_reads
from kerp_policy.docker.predefined import PLATFORM_ARGUMENTS, is_predefined
from kerp_policy.findings import Remark, Verdict
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View
from kerp_policy.wording import nearest

_FEW = 50
"""Arguments of a file among which a misspelt one is looked for: comparing takes time."""
_CAUSE = ("dropped-build-argument",)


def undeclared_arguments(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What a stage's instructions read is an ARG or ENV of the stage, or set in the RUN itself.

    That the base image sets it no file shows, so a RUN's finding is unverified; before FROM
    there is no base image. Where a build of the project passes the argument, that is the finding.
    """
    subject: DockerfileSubject = view.subject
    stage = subject.stage
    assert stage
    yield from _in_from(subject, stage)
    for read in undeclared_reads(subject.graph, stage):
        yield _remark(subject, stage, read)


def _in_from(subject: DockerfileSubject, stage: Stage) -> Iterator[Remark]:
    known = subject.graph.global_state.args
    for read in reads_in_from(stage):
        if read.name not in known and not is_predefined(read.name):
            message = f"FROM reads ${read.name}, but no ARG above the first FROM declares it"
            names = sorted({*known, *PLATFORM_ARGUMENTS}) if len(known) < _FEW else []
            close = nearest(read.name[:100], names, 0.8)
            meant = f"; did you mean ${close}?" if close else ""
            place = subject.place(read.instruction, read.span)
            help_text = f"Write `ARG {read.name}=…` above the first FROM."
            text = f"{message}, so it is empty{meant}"
            yield Remark(place, text, subject=read.name, help=help_text)


def _remark(subject: DockerfileSubject, stage: Stage, read: Read) -> Remark:
    keyword, name = read.instruction.keyword, read.name
    message = f"{keyword} reads ${name}, which no ARG or ENV above it declares"
    if name in PLATFORM_ARGUMENTS:
        message = f"{keyword} reads ${name}, which Docker sets only where ARG names it"
    elif name in subject.graph.global_state.args:
        message = f"{keyword} reads ${name}, declared only above the first FROM"
        message += ", which does not reach into a stage"
    elif any(pair.key.text == name for pair in read.instruction.pairs):
        message = f"{keyword} reads ${name}, which this {keyword} sets only for what is below it"
    elif name in stage.state.args or name in stage.state.env:
        message = f"{keyword} reads ${name}, which is declared only below"
    place = subject.part(read.instruction, read.span, read.name)
    message += ": it is empty, unless the base image sets it"
    help_text = f"Write `ARG {name}` above this line, in the same stage."
    return Remark(place, message, Verdict.UNVERIFIED, name, help_text, consequence_of=_CAUSE)
