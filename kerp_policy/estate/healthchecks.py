"""What a HEALTHCHECK says."""

from __future__ import annotations

from kerp_policy.artifacts.dockerfile import Instruction, Stage
from kerp_policy.artifacts.dockerfile.history import word_value
from kerp_policy.docker.ports import Request, request
from kerp_policy.estate.images import Healthcheck
from kerp_policy.scopes.dockerfile import DockerfileSubject


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
