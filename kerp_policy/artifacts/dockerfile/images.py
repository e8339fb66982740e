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

_KINDS: dict[str, Kind] = {"COPY": "COPY --from", "RUN": "RUN --mount"}


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
        for written in stage.instructions:
            instruction = written.inner or written
            for text in instruction.sources:
                if not _is_internal(graph, instruction.keyword, text.text):
                    kind = _KINDS[instruction.keyword]
                    yield _reference(kind, text, Expanded(text.text), stage, written)


def _reference(
    kind: Kind, text: Text, expanded: Expanded, stage: Stage, instruction: Instruction
) -> ImageReference:
    resolved, unknown = expanded.text, expanded.unknown
    return ImageReference(kind, text.text, resolved, unknown, text.span, stage, instruction)


def _is_internal(graph: StageGraph, keyword: str, name: str) -> bool:
    """Whether a name is a stage, or one that Docker refuses without looking for an image."""
    refused = "$" in name or (keyword == "COPY" and name.isdecimal())
    return refused or name in ("", "scratch") or graph.stage(name) is not None
