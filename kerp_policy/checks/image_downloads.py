"""Checks of what a build fetches from the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction, Stage
from kerp_policy.artifacts.shell import Shell
from kerp_policy.docker.downloads import (
    is_web_address,
    plain_http,
    run_unseen,
    runner,
    verifies,
)
from kerp_policy.docker.walk import effective, runs, steps
from kerp_policy.findings import Remark
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.secrets import redact
from kerp_policy.views import View


def piped(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing that is fetched is run unseen."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, shell in runs([subject.stage]):
        for found in run_unseen(shell, "this RUN"):
            place = subject.place(instruction, found.command.span)
            yield Remark(place, found.message, subject=found.subject)


def unverified_downloads(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What ADD fetches has a checksum, and what curl and wget fetch comes over TLS.

    A RUN that checks a sum or a signature makes up for either: its own downloads, and those of
    ADD above it.
    """
    subject: DockerfileSubject = view.subject
    assert subject.stage
    yield from _added(subject, subject.stage)
    for instruction, shell in runs([subject.stage]):
        if not verifies(shell):
            yield from _fetched(subject, instruction, shell)


def _added(subject: DockerfileSubject, stage: Stage) -> Iterator[Remark]:
    checked = {id(instruction) for instruction, shell in runs([stage]) if verifies(shell)}
    last = max(
        (i for i, found in enumerate(stage.instructions) if id(effective(found)) in checked),
        default=-1,
    )
    for number, (instruction, state) in enumerate(steps([stage])):
        if instruction.keyword != "ADD" or instruction.flag("checksum") or number < last:
            continue
        for word, text in instruction.copied:
            source = state.expand(word).text if "$" in text else text
            if is_web_address(source or text):
                message = (
                    "ADD fetches this with no --checksum, so whatever the server sends is taken"
                )
                yield Remark(subject.place(instruction, word.span), message, subject=redact(text))


def _fetched(
    subject: DockerfileSubject, instruction: Instruction, shell: Shell
) -> Iterator[Remark]:
    for index, command in enumerate(shell.commands):
        word = plain_http(command)
        if word and not runner(index, shell):
            message = f"{command.program} fetches this over plain HTTP, and nothing checks it"
            yield Remark(subject.place(instruction, word.span), message, subject=redact(word.raw))
