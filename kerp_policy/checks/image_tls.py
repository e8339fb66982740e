"""Checks of switches that turn verification off while an image is built, and in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction
from kerp_policy.artifacts.shell import Command
from kerp_policy.connections.tls_settings import insecure_variable
from kerp_policy.connections.tls_switches import insecure_command
from kerp_policy.docker.walk import assignment_span, commands, steps
from kerp_policy.findings import Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.sources.source import Span
from kerp_policy.views import View

_RUNNING = ("RUN", "CMD", "ENTRYPOINT")
"""A HEALTHCHECK speaks to its own container, whose certificate is in no other name."""
_ASSIGNMENT = regex(r"([A-Za-z_]\w*)=(.*)", re.ASCII | re.DOTALL)


def switches(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No ENV, ARG or command of a stage turns the verification of certificates or packages off."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, state in steps([subject.stage]):
        for key, value in instruction.pairs if instruction.keyword in ("ENV", "ARG") else ():
            what = insecure_variable(key.text, state.expand(value).text or "") if value else ""
            if what and value:
                span = Span(*key.span.start, *value.span.end)
                yield Remark(subject.place(instruction, span), what, subject=key.text)
    for instruction, command in commands([subject.stage], keywords=_RUNNING):
        yield from _in_command(subject, instruction, command)


def _in_command(
    subject: DockerfileSubject, instruction: Instruction, command: Command
) -> Iterator[Remark]:
    for name, value, span in _variables(command):
        what = insecure_variable(name, value)
        if what:
            yield Remark(subject.place(instruction, span), what, subject=name)
    words = command.unwrapped()
    switch = insecure_command([w.text for w in words], [w.prefix for w in words])
    if switch:
        place = subject.place(instruction, words[switch.position].span)
        yield Remark(place, switch.what, subject=switch.what)


def _variables(command: Command) -> Iterator[tuple[str, str, Span]]:
    """Those that the command is given, and those that `env` gives to another."""
    for assignment in command.assignments:
        yield assignment.name, assignment.value.text or "", assignment_span(assignment)
    for word in command.words[1:] if command.name == "env" else ():
        found = _ASSIGNMENT.fullmatch(word.text or "")
        if found:
            yield found[1], found[2], word.span
