"""Every image that a Dockerfile names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from kerp_policy.artifacts.dockerfile.expansion import Expanded
from kerp_policy.artifacts.dockerfile.instructions import Instruction
from kerp_policy.artifacts.dockerfile.stages import Stage, StageGraph
from kerp_policy.artifacts.dockerfile.text import Text
from kerp_policy.sources.source import Span

Kind = Literal["FROM", "COPY --from", "RUN --mount", "syntax"]


class ImageReference(Struct, frozen=True):
    """An image that a build pulls.

    Attributes:
        kind: what names it.
        text: as written.
        resolved: with its variables expanded; None where one is unknown.
        unknown: the names of those.
        span: where it is written.
        stage: the stage in which; None for `# syntax=`.
        instruction: the instruction that names it; None for `# syntax=`.
    """

    kind: Kind
    text: str
    resolved: str | None
    unknown: tuple[str, ...]
    span: Span
    stage: Stage | None
    instruction: Instruction | None


def image_references(graph: StageGraph) -> tuple[ImageReference, ...]:
    """The images that a file names, in its order; its own stages and `scratch` are none."""
    return tuple(_references(graph))


def _references(graph: StageGraph) -> Iterator[ImageReference]:
    syntax = graph.dockerfile.directive("syntax")
    if syntax:
        image = syntax.value.text
        yield ImageReference("syntax", image, image, (), syntax.value.span, None, None)
    for stage in graph.stages:
        if not stage.parent and stage.base.text != "scratch" and stage.instruction.words:
            yield _reference("FROM", stage.base_text, stage.base, stage, stage.instruction)
        for instruction, state in stage.steps():
            for kind, text in _sources(instruction.inner or instruction):
                expanded = state.expand(text)
                if expanded.text is None or not _is_internal(graph, expanded.text):
                    yield _reference(kind, text, expanded, stage, instruction)


def _reference(
    kind: Kind, text: Text, expanded: Expanded, stage: Stage, instruction: Instruction
) -> ImageReference:
    resolved, unknown = expanded.text, expanded.unknown
    return ImageReference(kind, text.text, resolved, unknown, text.span, stage, instruction)


def _sources(instruction: Instruction) -> Iterator[tuple[Kind, Text]]:
    if instruction.keyword == "COPY":
        flag = instruction.flag("from")
        if flag and flag.value:
            yield "COPY --from", flag.value
    if instruction.keyword == "RUN":
        for mount in instruction.mounts:
            if "from" in mount:
                yield "RUN --mount", mount["from"]


def _is_internal(graph: StageGraph, name: str) -> bool:
    return name in ("", "scratch") or graph.stage(name) is not None
