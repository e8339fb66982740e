"""Going through the instructions of stages as checks want them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from kerp_policy.artifacts.dockerfile import Instruction, Stage, State
from kerp_policy.artifacts.shell import Command, Shell, Word
from kerp_policy.artifacts.shell.model import Assignment
from kerp_policy.sources.source import Span


def effective(instruction: Instruction) -> Instruction:
    """The instruction, or the one that ONBUILD holds."""
    inner = instruction.inner if instruction.keyword == "ONBUILD" else None
    return inner or instruction


def steps(stages: Iterable[Stage]) -> Iterator[tuple[Instruction, State]]:
    """Each instruction of some stages, with what is in effect before it; ONBUILD is looked into.

    The state is one for a stage and moves on.
    """
    for stage in stages:
        for instruction, state in stage.steps():
            yield effective(instruction), state


def runs(
    stages: Iterable[Stage], *, onbuild: bool = True, keywords: Collection[str] = ("RUN",)
) -> Iterator[tuple[Instruction, Shell]]:
    """Each RUN of some stages with the shell text in it.

    Args:
        stages: the stages.
        onbuild: whether those inside ONBUILD count, which run when the image is built upon.
        keywords: the instructions in question; CMD, ENTRYPOINT and HEALTHCHECK hold commands, too.
    """
    for stage in stages:
        for written, shells in stage.shells.items():
            instruction = effective(written)
            if instruction.keyword in keywords and (onbuild or instruction is written):
                yield from ((instruction, shell) for shell in shells)


def commands(
    stages: Iterable[Stage], *, onbuild: bool = True, keywords: Collection[str] = ("RUN",)
) -> Iterator[tuple[Instruction, Command]]:
    """Each command of every RUN, or of other instructions."""
    for instruction, shell in runs(stages, onbuild=onbuild, keywords=keywords):
        yield from ((instruction, command) for command in shell.commands)


def texts(words: Iterable[Word]) -> list[str]:
    """The words' values; of one that an expansion decides, the literal text before it."""
    return [word.prefix if word.text is None else word.text for word in words]


def assignment_span(assignment: Assignment) -> Span:
    """From the variable's name to the end of its value."""
    span = assignment.value.span
    return replace(span, column=max(span.column - len(assignment.name) - 1, 1))
