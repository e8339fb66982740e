"""Checks of the stages that a Dockerfile is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction, Stage
from kerp_policy.artifacts.dockerfile.stages import MAX_STAGES
from kerp_policy.artifacts.shell import Command
from kerp_policy.docker.builds import build_step, installs_development, is_toolchain
from kerp_policy.docker.walk import commands, steps, texts
from kerp_policy.findings import Place, Related, Remark, unverified
from kerp_policy.kubernetes.images import without_digest
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.sources.source import Span
from kerp_policy.views import View
from kerp_policy.wording import nearest

_RESERVED = ("context", "scratch")
_FILLING = frozenset({"ADD", "COPY", "ONBUILD", "RUN", "WORKDIR"})
"""Instructions that bring files into an empty stage."""
_NEARBY = 64
"""Stages above whose names are compared with one that no stage has."""
_LONGEST = 40
_MOST_NAMES = 50
"""Characters of such a name, and names of a stage, that are compared: each takes its time."""
_WHOLE_CONTEXT = frozenset({".", "./", "/"})


def multi_stage(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing is built in what is shipped, and no sources are copied into it."""
    subject: DockerfileSubject = view.subject
    for find in (_built_here, _on_toolchain, _whole_context):
        remark = find(subject)
        if remark:
            yield remark
            return


def _built_here(subject: DockerfileSubject) -> Remark | None:
    for instruction, command in commands(subject.shipped, onbuild=False):
        words = texts(command.unwrapped())
        step = build_step(words)
        if not step and not _is_production(subject, command):
            step = installs_development(words)
        if step:
            message = f"{step} runs in a stage that is shipped, so its tools and inputs are too"
            return Remark(subject.place(instruction, command.span), message, subject=step)
    return None


def _is_production(subject: DockerfileSubject, command: Command) -> bool:
    """Whether NODE_ENV tells npm and its like to leave out what only a build needs."""
    own = {found.name: found.value.text for found in command.assignments}
    if "NODE_ENV" in own:
        return own["NODE_ENV"] == "production"
    assert subject.stage
    setting = subject.stage.state.env.get("NODE_ENV") or subject.stage.state.args.get("NODE_ENV")
    return setting is not None and setting.value.text in ("production", None)


def _on_toolchain(subject: DockerfileSubject) -> Remark | None:
    root = subject.shipped[0]
    image = root.base.text or ""
    copies = any(found.keyword in ("COPY", "ADD") for found, _ in steps(subject.shipped))
    if not is_toolchain(image) or not copies:
        return None
    message = f"the image is shipped on {without_digest(image)}, which is there to build in"
    return Remark(subject.place(root.instruction, root.base_text.span), message)


def _context_sources(subject: DockerfileSubject) -> Iterator[tuple[Instruction, list[str]]]:
    """COPY and ADD from the build context into the image, with what they copy."""
    for instruction, _ in steps(subject.shipped):
        if instruction.keyword in ("COPY", "ADD") and not instruction.flag("from"):
            yield instruction, [text for _, text in instruction.copied]


def _whole_context(subject: DockerfileSubject) -> Remark | None:
    if not any(_builds(subject, stage) for stage in subject.graph.stages):
        return None
    for instruction, sources in _context_sources(subject):
        whole = next((source for source in sources if source in _WHOLE_CONTEXT), None)
        if whole:
            message = (
                f"{instruction.keyword} {whole} copies the whole build context into the image "
                "beside a stage that builds; expected only what that stage has built"
            )
            return Remark(subject.place(instruction), message)
    return None


def _builds(subject: DockerfileSubject, stage: Stage) -> bool:
    if stage in subject.shipped:
        return False
    return any(build_step(texts(command.unwrapped())) for _, command in commands([stage]))


def stage_name(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A stage's name is its own and means nothing else to Docker."""
    subject: DockerfileSubject = view.subject
    stage = subject.stage
    if stage is None or not stage.name:
        return
    place = subject.place(stage.instruction, stage.instruction.words[2].span)
    if stage.name in _RESERVED:
        yield Remark(
            place,
            f"the stage is named {stage.name}, which Docker keeps for itself",
        )
        return
    earlier = subject.graph.first_of(stage.name)
    if earlier is not stage:
        first = subject.place(earlier.instruction)
        message = f"a stage on line {first.span.line} is named {stage.name} already"
        related = Related(subject.file, first, "the stage of the same name")
        yield Remark(place, message, related=(related,))


def copy_source(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What COPY and RUN take files from is a stage above, if it is meant to be a stage."""
    subject: DockerfileSubject = view.subject
    stage = subject.stage
    if stage is None:
        return
    asked: set[str] = set()
    for instruction, _ in steps([stage]):
        for source in instruction.sources:
            name = source.text.lower()
            if not name or set("/:@$") & set(name):
                continue
            asked.add(name)
            remark = _empty_source(subject, instruction, name, source.span)
            remark = remark or _unknown_source(subject, stage, instruction, name, source.span)
            if remark is None and len(asked) <= _MOST_NAMES:
                remark = _misspelt(subject, stage, subject.place(instruction, source.span), name)
            if remark:
                yield remark


def _empty_source(
    subject: DockerfileSubject, instruction: Instruction, name: str, span: Span
) -> Remark | None:
    """Where COPY takes files from a stage that has none."""
    found = subject.graph.stage(name)
    if found is None or instruction.keyword != "COPY" or found.root.base.text != "scratch":
        return None
    if any(each.keyword in _FILLING for stage in found.lineage for each in stage.instructions):
        return None
    there = subject.place(found.instruction)
    message = f"the stage {name} is empty: it starts from scratch, and nothing is copied into it"
    related = Related(subject.file, there, "the empty stage")
    return Remark(subject.place(instruction, span), message, subject=name, related=(related,))


def unused(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A stage without a name is the last one, or one from which a later one copies."""
    subject: DockerfileSubject = view.subject
    stage = subject.stage
    assert stage
    if stage.name or stage is subject.graph.final:
        return
    if str(stage.index) not in subject.graph.source_names:
        message = (
            "this stage has no name, and nothing is copied from it: none of it is in the image"
        )
        yield Remark(
            subject.place(stage.instruction), f"{message}; expected a name and a COPY --from"
        )


def _unknown_source(
    subject: DockerfileSubject, stage: Stage, instruction: Instruction, name: str, span: Span
) -> Remark | None:
    place = subject.place(instruction, span)
    found = subject.graph.stage(name)
    if found and found.index < stage.index:
        return None
    if found and found.index > stage.index:
        below = subject.place(found.instruction)
        message = f"the stage {name} stands below, on line {below.span.line}; expected it above"
        related = Related(subject.file, below, "the stage of that name")
        return Remark(place, message, subject=name, related=(related,))
    if name.isdecimal() and found is None:
        return Remark(place, f"there is no stage {name}: this one is stage {stage.index}")
    return None


def _misspelt(subject: DockerfileSubject, stage: Stage, place: Place, name: str) -> Remark | None:
    """Where an image is pulled whose name is nearly that of a stage above."""
    if subject.graph.stage(name) or name == "scratch" or stage.index >= MAX_STAGES:
        return None
    nearby = subject.graph.stages[max(stage.index - _NEARBY, 0) : stage.index]
    names = [each.name[:_LONGEST] for each in nearby if each.name]
    close = nearest(name[:_LONGEST], names, 0.8)
    if not close:
        return None
    message = f"no stage above is named {name}, so it is pulled; did you mean {close}?"
    return unverified(place, message)
