"""Is what a job pushes there to be pushed?

Source: the manuals of `docker push` and `docker tag`: a push takes an image of this machine by
its name and tag, and a job begins on a machine without any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.workflow import Job, Step, address
from kerp_policy.artifacts.workflow.steps import text
from kerp_policy.docker.build_command import read_build, read_tag
from kerp_policy.docker.pushed import canonical, differ, holes_of, split
from kerp_policy.estate.build_commands import variables_in, writer_of
from kerp_policy.estate.image_names import filled_in
from kerp_policy.estate.writes import step_writes_nothing, writes_nothing
from kerp_policy.findings import Place, Remark, unverified
from kerp_policy.regex import regex
from kerp_policy.sources.source import START, Span
from kerp_policy.views import View
from kerp_policy.wording import listed
from kerp_policy.words import word_set

_BUILD_ACTION = "docker/build-push-action"
_DOCKER = frozenset({"docker", "podman"})
_NO_IMAGE = word_set(
    "awk basename cat chmod cosign cp cut curl dirname find git go grep head helm jq kubectl ls"
    " mkdir mv pip printenv rm sed set sleep sort syft tail tar tee tr trivy wget yq"
)
_NO_IMAGES = {("npm", "ci"), ("npm", "install"), ("npm", "test"), ("yarn", "install")}
"""Programs and commands that make no image for docker to push."""
_OF_DOCKER = word_set("login logout info version images ps inspect run rm rmi manifest scout")
_PUSH = regex(r"\b(?:docker|podman)\b[^\n]*\bpush\b")
_SEPARATORS = regex(r"[\n,]")
_COMMIT = regex(r"(?i)github[._]sha|git rev-parse|git describe|github[._]run_|\bdate\b")
_NAME = regex(r"\$\{(\w+)\W?.*\}|\$\{\{\s*steps\.([\w-]+)\.outputs\.[\w-]+\s*\}\}", re.DOTALL)
_SHOWN = 3
_MOST_NAMES, _MOST_PUSHED = 40, 10
"""What is compared, each with each: of more names in a job, or more pushes, nothing is said."""


class _Act(Struct, frozen=True):
    """The names that a command gives to images, or the one that it pushes.

    `names` is None where nobody can tell which; `whole` is whether all tags are pushed.
    """

    names: Sequence[str] | None
    pushed: str = ""
    span: Span = START
    whole: bool = False


class _Pushed(Struct, frozen=True):
    """A name that is pushed, and by their canonical form those that images have by then."""

    step: Step
    act: _Act
    written: str
    known: Mapping[str, str]

    @property
    def name(self) -> str:
        """The name in its canonical form."""
        return canonical(self.written)


def present(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A job builds, tags or pulls what it pushes, under the name that it pushes.

    Nothing is said where a program that is not known may have done so.
    """
    job: Job = view.subject
    if "self-hosted" in str(job.data.get("runs-on")) or not _PUSH.search(_scripts(job.steps)):
        return
    unknown = (pushed for pushed in _pushed(job) if pushed.name not in pushed.known)
    for pushed in islice(unknown, _MOST_PUSHED):
        yield from _missing(job, pushed)


def _scripts(steps: Sequence[Step]) -> str:
    return "\n".join(step.run for step in steps)


def _pushed(job: Job) -> Iterator[_Pushed]:
    """What is pushed, in order, as long as all that came before is known."""
    known: dict[str, str] = {}
    for step in job.steps:
        for act in _acts(step):
            if act.names is None or len(known) > _MOST_NAMES:
                return
            known |= {canonical(name): ":".join(split(name)) for name in act.names}
            if act.pushed:
                yield _Pushed(step, act, act.pushed, dict(known))


def _acts(step: Step) -> Iterator[_Act]:
    """What a step does to the images of its machine."""
    if step.script is None:
        yield _Act(_of_action(step))
        return
    write = writer_of(step.script)
    given = {name: str(value.value) for name, value in step.env.items()}
    variables = variables_in(step.script.shell, given, write)
    for command in step.script.shell.commands:
        words = command.unwrapped()
        texts = [command.program or "", *(write(word) for word in words[1:])]
        names = _named(command, texts)
        filled = None if names is None else [filled_in(name, variables) for name in names]
        if at := _push(texts):
            whole = not {"-a", "--all-tags"}.isdisjoint(texts)
            yield _Act(filled, filled_in(texts[at], variables), words[at].span, whole)
        else:
            yield _Act(filled)


def _of_action(step: Step) -> list[str] | None:
    if step.action == _BUILD_ACTION:
        tags = _SEPARATORS.split(text(step.inputs.get("tags")))
        return [tag.strip() for tag in tags if tag.strip()]
    return [] if step_writes_nothing(step) else None


def _push(texts: Sequence[str]) -> int:
    """The position of the name that `docker push` is given; 0 in any other command."""
    verb = 2 if texts[1:2] == ["image"] else 1
    if texts[0] not in _DOCKER or texts[verb : verb + 1] != ["push"]:
        return 0
    names = [i for i in range(verb + 1, len(texts)) if not texts[i].startswith("-")]
    return names[0] if len(names) == 1 else 0


def _named(command: Command, texts: Sequence[str]) -> list[str] | None:
    """The names that a command gives to images; None where nobody can tell which."""
    if build := read_build(texts):
        names = [option.value for option in build.all("--tag")]
        return None if build.is_open else names
    if tag := read_tag(texts):
        return [tag[1]]
    if texts[0] in _DOCKER:
        return _of_docker(texts)
    plain = texts[0] in _NO_IMAGE or tuple(texts[:2]) in _NO_IMAGES or writes_nothing(command)
    return [] if plain else None


def _of_docker(texts: Sequence[str]) -> list[str] | None:
    rest = list(texts[2:] if texts[1:2] == ["image"] else texts[1:])
    if rest[:1] == ["pull"]:
        return [word for word in rest[1:] if not word.startswith("-")]
    is_set_up = rest[:1] == ["buildx"] and rest[1:2] and rest[1] in ("create", "use", "inspect")
    return [] if rest[:1] == ["push"] or is_set_up or {*rest[:1]} & _OF_DOCKER else None


def _missing(job: Job, pushed: _Pushed) -> Iterator[Remark]:
    compared = {name: _differs(job, pushed, name) for name in pushed.known}
    if any(different is False for different in compared.values()):
        return
    place = Place(pushed.act.span, address(pushed.step))
    message = (
        f"job {job.id} pushes {':'.join(split(pushed.written))}, which nothing in it builds or tags"
    )
    if all(compared.values()):
        own = list(pushed.known.values())[:_SHOWN]
        hint = f"; it has {listed(own)}" if own else ", and it has no image of another job"
        yield Remark(place, f"{message}{hint}", subject=pushed.name)
        return
    repository, tag = split(pushed.name)
    tags = [split(name)[1] for name in compared if split(name)[0] == repository]
    if "$" not in tag and tags and tags[0].startswith("${{") and len(holes_of(tags[0])) == 1:
        yield unverified(place, f"{message}, unless {tags[0]} is {tag}")


def _differs(job: Job, pushed: _Pushed, name: str) -> bool | None:
    if pushed.act.whole:
        one, other = split(pushed.name)[0], split(name)[0]
        return differ(f"{one}:x", f"{other}:x")
    different = differ(pushed.name, name)
    tag, literal = split(name)[1], split(pushed.name)[1]
    same = split(name)[0] == split(pushed.name)[0]
    if different is None and same and "$" not in literal and _is_computed(job, tag, literal):
        return True
    return different


def _is_computed(job: Job, tag: str, literal: str) -> bool:
    """Whether a tag is made of the commit or the time by scripts that know nothing of another."""
    for hole in holes_of(tag):
        if found := _NAME.fullmatch(hole):
            source = _origin(job, found[1] or "", (found[2] or "").lower())
            if _COMMIT.search(source) and literal not in source:
                return True
    return False


def _origin(job: Job, variable: str, step: str) -> str:
    """The lines that set a variable, or those of the step whose output it is, but for docker's."""
    if step:
        steps = [s for s in job.steps if text(s.data.get("id")).lower() == step]
    else:
        steps = [s for s in job.steps if f"{variable}=" in s.run]
    lines = _scripts(steps).splitlines()
    return "\n".join(line for line in lines if "docker" not in line)
