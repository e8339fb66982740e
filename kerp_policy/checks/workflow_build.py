"""Is what is deployed built once, and its version handed on?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.shell import Word
from kerp_policy.artifacts.shell.arguments import is_command
from kerp_policy.artifacts.workflow import Job, Script, Step, Workflow
from kerp_policy.artifacts.workflow.expressions import find_expressions, references
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.findings import Place, Remark, unverified
from kerp_policy.parameters import TEXT, takes
from kerp_policy.regex import regex
from kerp_policy.sources.source import Span
from kerp_policy.views import View, lookup
from kerp_policy.wording import counted_few
from kerp_policy.words import name_words, word_set

_BUILDS = (("docker", "build"), ("docker", "buildx"), ("podman", "build"), ("buildah", "build"))
_BUILD_ACTION = "docker/build-push-action"
_VARIABLE = regex(r"\$\{?([A-Za-z_]\w*)\}?")
_COMMIT = regex(r"GITHUB_SHA|github\.sha|git rev-parse|git describe")

_OF_A_BUILD = word_set("version app application build deploy docker full image new release service")


class Deployed(Struct, frozen=True):
    """An image that a step deploys: its word, and the tag as it is written."""

    step: Step
    image: str
    span: Span


def once(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No image is built in two jobs, and none where it is deployed after a build elsewhere."""
    workflow: Workflow = view.subject
    builders = {job.id: list(_builds(job)) for job in workflow.jobs.values()}
    builders = {id: places for id, places in builders.items() if places}
    names = counted_few("job", list(builders))
    for id in list(builders)[1:]:
        job = workflow.jobs[id]
        if any(workflow.waits_for(job, workflow.jobs[other]) for other in builders):
            message = f"images are built in {names}; expected one job, and its version handed on"
            yield Remark(builders[id][0], message, subject=id)


def _builds(job: Job) -> Iterator[Place]:
    for step in job.steps:
        if step.action == _BUILD_ACTION:
            yield Place(step.file.span((*step.path, "uses")), address(step))
        for command in step.script.shell.commands if step.script else ():
            if is_command(command, *_BUILDS):
                yield Place(command.span, address(step))


def version(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What is deployed is named by an output of the job that built it."""
    job: Job = view.subject
    for deployed in _deployed(job):
        tag = _tag(deployed.image)
        place = Place(deployed.span, address(deployed.step))
        sources = list(_sources(deployed.step, tag))
        if any(source.startswith("needs.") for source in sources):
            continue
        if not sources and "$" not in tag:
            said = f"the tag {tag}" if tag else "no tag"
            message = f"job {job.id} deploys an image with {said}; expected the version of this run"
            yield Remark(place, message)
        elif any(source.startswith("github.") for source in sources):
            message = f"job {job.id} deploys an image named by {sources[0]}"
            yield Remark(place, f"{message}; expected the version that the build handed on")
        else:
            message = f"job {job.id} deploys {deployed.image}"
            message = f"{message}; files do not show that it was built here"
            yield unverified(place, message)


def _deployed(job: Job) -> Iterator[Deployed]:
    """The images of `kubectl set image`."""
    for step in job.steps:
        for command in step.script.shell.commands if step.script else ():
            if is_command(command, ("kubectl", "set", "image")) and step.script:
                for word in command.unwrapped()[3:]:
                    yield from _assigned(step, step.script, word)


def _assigned(step: Step, script: Script, word: Word) -> Iterator[Deployed]:
    written = script.written(word)
    name, equals, image = written.partition("=")
    if equals and image and not name.startswith("-"):
        yield Deployed(step, image.strip("\"'"), word.span)


def _tag(image: str) -> str:
    """What comes after the colon of an image; all of it where a variable may hold the colon."""
    if "@" in image:
        return image.rpartition("@")[2]
    last = re.sub(r"\$\{\{.*?\}\}", lambda found: found[0].replace("/", "\0"), image)
    last = last.rpartition("/")[2].replace("\0", "/")
    name, colon, tag = last.partition(":")
    return tag if colon else name if "$" in name else ""


def _sources(step: Step, tag: str) -> Iterator[str]:
    """The references that a tag comes from, through the variables of the step."""
    texts = [tag]
    for found in _VARIABLE.finditer(re.sub(r"\$\{\{.*?\}\}", "", tag)):
        if found[1] == "GITHUB_SHA":
            yield "github.sha"
        elif found[1] in step.env:
            texts.append(str(step.env[found[1]].value))
    for text in texts:
        for expression in find_expressions(text):
            yield from (node.text for node in references(expression))


@takes(form=TEXT)
def stamp(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The version that a building job hands on holds the commit and a time.

    Only a step that can be read is judged: the command that writes the output.
    """
    job: Job = view.subject
    outputs = job.data.get("outputs")
    for name in outputs if isinstance(outputs, dict) and any(_builds(job)) else ():
        step, key = _origin(job, lookup(job.data, ("outputs", name)))
        if not _is_version(name) or step is None or not _writes(step, key):
            continue
        if not _COMMIT.search(step.run):
            message = f"the version does not hold the commit; expected {params['form']}"
            yield Remark(Place(step.file.span((*step.path, "run")), address(step)), message)


def _is_version(name: str) -> bool:
    """Whether an output is the version of what is built; `go-version` is that of a tool."""
    words = frozenset(name_words(name))
    return "version" in words and words <= _OF_A_BUILD


def _origin(job: Job, value: Any) -> tuple[Step | None, str]:
    found = find_expressions(value) if isinstance(value, str) else ()
    for expression in found:
        for node in references(expression):
            parts = node.text.split(".")
            if parts[0] == "steps" and len(parts) == 4:
                by_id = (s for s in job.steps if str(s.data.get("id")).lower() == parts[1])
                return next(by_id, None), parts[3]
    return None, ""


def _writes(step: Step, key: str) -> bool:
    return bool(step.script) and f"{key}=" in step.run.lower() and "GITHUB_OUTPUT" in step.run
