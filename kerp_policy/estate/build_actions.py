"""Builds by docker/build-push-action.

Source: the descriptions of docker/build-push-action and docker/metadata-action, their inputs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.workflow import Job, Step
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.artifacts.workflow.steps import text as text_of
from kerp_policy.estate.builds import (
    Argument,
    Build,
    argument,
    default_dockerfile,
    file_at,
    names,
    target,
)
from kerp_policy.estate.image_names import filled_in
from kerp_policy.findings import Place
from kerp_policy.regex import regex

ACTION = "docker/build-push-action"
_METADATA = "docker/metadata-action"
_TAGS_OF_STEP = regex(r"\$\{\{\s*steps\.([\w-]+)\.outputs\.tags\s*\}\}", re.ASCII)
_SEPARATORS = regex(r"[\n,]")


class Setting(Struct, frozen=True):
    """What a step that builds is surrounded by.

    Attributes:
        file: the workflow.
        environment: of the job.
        job: its address.
        folder: the folder of the project that it works in; None where that is not known.
        matrix: what its matrix sets for this run of it, as `matrix.X`.
        metadata: the images that each docker/metadata-action of the job names, by its id.
        is_untouched: whether nothing before the step may have written files.
        serves: the environments that what is built may be deployed to.
    """

    file: str
    environment: str | None
    job: str
    folder: str | None
    matrix: Mapping[str, str]
    metadata: Mapping[str, list[str]]
    is_untouched: bool
    serves: tuple[str, ...] = ()


def action_build(step: Step, setting: Setting) -> Build:
    """The build of a step that runs the action."""
    variables = variables_of(step, setting.matrix)

    def place(name: str) -> Place:
        path = step.input_path(name) if name in step.inputs else (*step.path, "uses")
        return Place(step.file.span(path), address(step))

    def value(name: str) -> str:
        return filled_in(str(step.inputs.get(name) or ""), variables)

    context = file_at(place("context"), value("context") or ".", setting.folder)
    if value("context").startswith("{{"):
        context = replace(context, path=None)
    named = value("file")
    found = file_at(place("file"), named, setting.folder) if named else default_dockerfile(context)
    given = list(_arguments(step))
    readable = tuple(each for each in given if "$" not in each.name)
    return Build(
        setting.file,
        Place(step.file.span((*step.path, "uses")), address(step)),
        setting.environment,
        setting.job,
        found,
        context,
        target(value("target"), variables),
        names(_tags(str(step.inputs.get("tags") or ""), setting.metadata), variables),
        readable,
        len(readable) < len(given),
        setting.is_untouched,
        setting.serves,
    )


def _arguments(step: Step) -> Iterator[Argument]:
    """The lines of `build-args`, each with its own place."""
    path, at = step.input_path("build-args"), 0
    for line in text_of(step.inputs.get("build-args")).split("\n"):
        text = line.strip()
        start = at + len(line) - len(line.lstrip())
        if text:
            span = step.file.span(path, start, start + len(text))
            yield argument(text, Place(span, address(step)))
        at += len(line) + 1


def variables_of(step: Step, matrix: Mapping[str, str]) -> dict[str, str]:
    """The environment of a step, and what the matrix sets."""
    return {name: str(value.value) for name, value in step.env.items()} | dict(matrix)


def metadata_of(job: Job, matrix: Mapping[str, str]) -> dict[str, list[str]]:
    """The images of each step that runs docker/metadata-action, by its id."""
    found = {}
    for step in job.steps:
        if step.action == _METADATA:
            variables = variables_of(step, matrix)
            images = _SEPARATORS.split(str(step.inputs.get("images") or ""))
            named = [filled_in(image.strip(), variables) for image in images]
            found[str(step.data.get("id")).lower()] = named
    return found


def _tags(text: str, metadata: Mapping[str, list[str]]) -> Iterator[str]:
    """The lines of `tags`, with the images of docker/metadata-action for its output."""
    for line in _SEPARATORS.split(text):
        found = _TAGS_OF_STEP.fullmatch(line.strip())
        yield from metadata.get(found[1].lower(), ()) if found else [line]
