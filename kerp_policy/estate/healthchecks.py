"""What a HEALTHCHECK says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kerp_policy.artifacts.dockerfile import Instruction, Stage
from kerp_policy.artifacts.dockerfile.history import word_value
from kerp_policy.docker.ports import Request, request
from kerp_policy.findings import Place
from kerp_policy.scopes.dockerfile import DockerfileSubject


class Healthcheck(NamedTuple):
    """A HEALTHCHECK.

    Attributes:
        file: the Dockerfile.
        place: the instruction.
        off: whether it is `HEALTHCHECK NONE`.
        flags: each flag by its name, with its value and its place.
        asks: the port that it asks of the container; None where that is not known.
        path: the path that it asks for; None where it speaks no HTTP.
    """

    file: str
    place: Place
    off: bool
    flags: Mapping[str, tuple[str, Place]]
    asks: int | None
    path: str | None


def healthcheck_of(subject: DockerfileSubject, stage: Stage) -> Healthcheck | None:
    """The HEALTHCHECK in effect at the end of a stage; None where no instruction sets one."""
    instruction = stage.state.healthcheck
    if instruction is None:
        return None
    asked = _asked(stage, instruction)
    off = instruction.inner is not None and instruction.inner.keyword == "NONE"
    flags = {
        flag.name: (flag.value.text if flag.value else "",
                    subject.part(instruction, flag.text.span, flag.name))
        for flag in reversed(instruction.flags)
    }  # fmt: skip
    place = subject.place(instruction)
    port, path = (asked.port, asked.path) if asked else (None, None)
    return Healthcheck(subject.file, place, off, flags, port, path)


def _asked(stage: Stage, instruction: Instruction) -> Request | None:
    """What the command of a HEALTHCHECK asks of its own container."""
    owner = next((part for part in stage.lineage if instruction in part.shells), stage)
    commands = (c for shell in owner.shells.get(instruction, ()) for c in shell.commands)
    words = ([word_value(word, stage.state, set()) for word in c.unwrapped()] for c in commands)
    found = (request([word or "" for word in each]) for each in words)
    return next((asked for asked in found if asked), None)
