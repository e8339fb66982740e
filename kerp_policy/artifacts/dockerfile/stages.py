"""The stages of a Dockerfile and what each has in effect.

Source: Dockerfile reference, "FROM", "Understand how ARG and FROM interact", and BuildKit: stage
names are compared in lower case, and FROM finds only a stage that stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise, takewhile

from msgspec import Struct

from kerp_policy.artifacts.dockerfile.expansion import Expanded, Missing
from kerp_policy.artifacts.dockerfile.instructions import Dockerfile, Instruction
from kerp_policy.artifacts.dockerfile.prepass import POLICY
from kerp_policy.artifacts.dockerfile.scripts import scripts
from kerp_policy.artifacts.dockerfile.state import State
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.artifacts.shell import Shell
from kerp_policy.docker.bases import sets_nothing
from kerp_policy.regex import regex
from kerp_policy.sources.source import Problem

MAX_STAGES = 256
"""Stages whose base is followed; the base of a later one is unknown."""
_WINDOWS = regex(r"/windows/|windowsservercore|nanoserver|servercore|ltsc20\d\d", re.IGNORECASE)
"""Microsoft's base images (Microsoft Artifact Registry), and tags that others take from them."""
_WINDOWS_USERS = ("containeradministrator", "containeruser")
_WINDOWS_SHELL = ("cmd", "/S", "/C")


class Stage(Struct, frozen=True, eq=False, dict=True):
    """A stage.

    Attributes:
        index: its number, from 0.
        name: in lower case; empty where it has none.
        instruction: its FROM.
        base: the image or stage that it starts from, expanded.
        base_text: where that is written.
        parent: the stage that it starts from; None for an image.
        instructions: those behind FROM.
    """

    index: int
    name: str
    instruction: Instruction
    base: Expanded
    base_text: Text
    parent: Stage | None
    instructions: tuple[Instruction, ...]
    global_state: State

    @property
    def lineage(self) -> tuple[Stage, ...]:
        """The stages it is made of: the one that starts from an image first, itself last."""
        found = [self]
        while found[-1].parent:
            found.append(found[-1].parent)
        return tuple(reversed(found))

    @property
    def root(self) -> Stage:
        """The stage at the bottom, which starts from an image."""
        return self.lineage[0]

    @cached_property
    def state(self) -> State:
        """What is in effect at its end."""
        state = self._start()
        for instruction in self.instructions:
            state.apply(instruction)
        return state

    def steps(self) -> Iterator[tuple[Instruction, State]]:
        """Each instruction with what is in effect before it; the state is one and moves on."""
        state = self._start()
        for instruction in self.instructions:
            yield instruction, state
            state.apply(instruction)

    @cached_property
    def shells(self) -> dict[Instruction, tuple[Shell, ...]]:
        """The shell commands of each instruction that runs some, by the SHELL in effect."""
        return {
            instruction: tuple(script.parse() for script in found)
            for instruction, state in self.steps()
            if (found := scripts(instruction, state.shell))
        }

    def _start(self) -> State:
        below: State | None = None
        for stage in self.lineage[:-1]:  # from the bottom up, so that nothing recurses deeply
            below = stage.state
        if below and self.parent:
            state = below.child()
            for instruction in self.parent.instructions:
                if instruction.keyword == "ONBUILD" and instruction.inner:
                    state.apply(instruction.inner)
            return state
        base = self.base.text or self.base_text.text
        inherited = Missing.UNSET if sets_nothing(base) else Missing.UNKNOWN
        state = State(self.instruction.escape, inherited)
        state.global_args = self.global_state.args
        state.shell = _WINDOWS_SHELL if _is_windows(self) else state.shell
        return state


def _is_windows(stage: Stage) -> bool:
    """Whether a stage surely runs on Windows, where cmd reads what RUN says.

    Its platform, base or user tells; Dockerfile reference, "SHELL".
    """
    platform = stage.instruction.flag("platform")
    users = (found.value.text for found in stage.instructions if found.keyword == "USER")
    return (
        bool(platform and platform.value and platform.value.text.startswith("windows"))
        or bool(_WINDOWS.search(stage.base.text or stage.base_text.text))
        or any(user.lower() in _WINDOWS_USERS for user in users)
    )


class StageGraph(Struct, frozen=True, dict=True):
    """The stages of a file, in order, and what Docker would refuse in them."""

    dockerfile: Dockerfile
    stages: tuple[Stage, ...]
    global_state: State

    @property
    def final(self) -> Stage | None:
        """The last stage: the image that a build gives; None without any FROM."""
        return self.stages[-1] if self.stages else None

    @cached_property
    def _by_name(self) -> dict[str, Stage]:
        return {stage.name: stage for stage in self.stages if stage.name}

    def first_of(self, name: str) -> Stage:
        """The first stage of a name that some stage has."""
        return self._first_by_name[name]

    @cached_property
    def _first_by_name(self) -> dict[str, Stage]:
        return {stage.name: stage for stage in reversed(self.stages)}

    def stage(self, name: str | int) -> Stage | None:
        """A stage by name (in any case; the last of that name) or number, also as text."""
        if isinstance(name, str):
            found = self._by_name.get(name.lower())
            if found or not name.isdecimal() or len(name) > 6:
                return found
        index = int(name)
        return self.stages[index] if 0 <= index < len(self.stages) else None

    def needed(self, target: Stage) -> frozenset[int]:
        """The numbers of the stages that a build of one runs: itself, its base, what it copies."""
        found = {target.index: target}
        for index in (queue := [target.index]):
            stage = found[index]
            sources = (s for i in stage.instructions for s in (i.inner or i).sources)
            for other in (stage.parent, *(self.stage(source.text) for source in sources)):
                if other and other.index not in found:
                    found[other.index] = other
                    queue.append(other.index)
        return frozenset(found)

    @cached_property
    def source_names(self) -> frozenset[str]:
        """The stages and images that any COPY or RUN takes files from, as they are written."""
        return frozenset(
            source.text
            for stage in self.stages
            for instruction in stage.instructions
            for source in (instruction.inner or instruction).sources
        )

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Words that cannot be expanded, bases that come out empty, sources that Docker refuses."""
        errors = [*self.global_state.errors]
        for stage in self.stages:
            errors += stage.state.errors
            errors += _refused_sources(stage)
            if stage.base.text == "" and stage.instruction.words:
                errors.append((stage.base_text, "the base image's name comes out empty"))
        found = sorted({Problem(POLICY, text.span, message) for text, message in errors})
        return tuple(found[:100])


def _refused_sources(stage: Stage) -> Iterator[tuple[Text, str]]:
    """A source that is the stage itself, and one with a variable, which Docker does not expand."""
    own = {stage.name, str(stage.index)} - {""}
    for instruction in stage.instructions:
        for source in (instruction.inner or instruction).sources:
            if "$" in source.text:
                yield source, "from= takes no variable; expected a stage whose FROM reads it"
            elif instruction.keyword == "COPY" and source.text.lower() in own:
                yield source, f"the stage {source.text} copies from itself"


def stage_graph(dockerfile: Dockerfile) -> StageGraph:
    """Cut a file into its stages."""
    instructions = dockerfile.instructions
    head = tuple(takewhile(lambda found: found.keyword != "FROM", instructions))
    global_state = State(dockerfile.escape, Missing.OPTIONAL)
    for instruction in head:
        if instruction.keyword == "ARG":
            global_state.declare(instruction)
    stages: list[Stage] = []
    by_name: dict[str, Stage] = {}
    for body in _bodies(instructions[len(head) :]):
        stage = _stage(body, len(stages), by_name, global_state)
        stages.append(stage)
        if stage.name:
            by_name[stage.name] = stage
    return StageGraph(dockerfile, tuple(stages), global_state)


def _bodies(instructions: tuple[Instruction, ...]) -> Iterator[tuple[Instruction, ...]]:
    starts = [i for i, found in enumerate(instructions) if found.keyword == "FROM"]
    for start, end in pairwise([*starts, len(instructions)]):
        yield instructions[start:end]


def _stage(
    body: tuple[Instruction, ...], index: int, by_name: dict[str, Stage], state: State
) -> Stage:
    first, *rest = body
    words = first.words
    base_text = words[0] if words else first.name
    base = state.expand(base_text) if words else Expanded(None)
    if index >= MAX_STAGES:
        base = Expanded(None)
    parent = by_name.get(base.text.lower()) if base.text else None
    named = len(words) == 3 and words[1].text.upper() == "AS"
    name = words[2].text.lower() if named else ""
    return Stage(index, name, first, base, base_text, parent, tuple(rest), state)
