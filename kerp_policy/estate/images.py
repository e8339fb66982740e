"""What Dockerfiles say of the images that they build."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kerp_policy.artifacts.dockerfile import Instruction, Stage, effective_user, ownership
from kerp_policy.artifacts.dockerfile.history import base_reference, word_value
from kerp_policy.docker.ports import Ports, base_ports, exposed, request
from kerp_policy.docker.writes import writes_of
from kerp_policy.estate.image_arguments import (
    Argument,
    Undeclared,
    arguments_of,
    undeclared_in,
)
from kerp_policy.findings import Place
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View

MAX_TARGETS = 20
"""Stages of a file that are looked at as something to build: the last, and those with a name."""
_MAX_OWNED = 50


class User(NamedTuple):
    """The user of an image.

    Attributes:
        file: the Dockerfile that says so.
        place: USER's argument, else FROM's image.
        uid: its number; None where that is not known.
        name: the name, where USER gives one; empty for a number and where there is no USER.
        text: what USER, or FROM, says.
        inherited: whether no instruction of the file sets it.
    """

    file: str
    place: Place
    uid: int | None
    name: str
    text: str
    inherited: bool


class Exposed(NamedTuple):
    """One word of EXPOSE; `ports` is None where a variable decides it."""

    file: str
    place: Place
    ports: Ports | None


class Health(NamedTuple):
    """What a HEALTHCHECK asks of the container: a port, and a path where it speaks HTTP."""

    file: str
    place: Place
    port: int
    path: str | None


class Owned(NamedTuple):
    """Files that are copied into an image, where to, and their owner's number."""

    file: str
    place: Place
    path: str
    uid: int


class Target(NamedTuple):
    """A stage as something to build: the image that it gives.

    Attributes:
        file: the Dockerfile.
        name: in lower case; empty where it has none.
        final: whether a build without `--target` gives it.
        base: the image that it starts from, as far as it is known.
        base_place: where that is written.
        user: the user in effect.
        exposed: what EXPOSE names, here and in the stages that it starts from.
        base_ports: the ports that its base image exposes; None where that is not known.
        health: what its HEALTHCHECK asks; None where it has none, or that is not known.
        has_healthcheck: whether the file says anything of it.
        owned: what is copied into it, where the owner is known.
        variables: the environment of the image, as far as it is known.
        users: the UID of each user that is created in it.
        starts: the program that it starts; empty where that is not known.
        changed: the paths that files are copied to, and the settings of the base's own program
            where a RUN, or a copy to nobody knows where, may change them.
        place: its FROM.
        end: where its last instruction stands.
    """

    file: str
    name: str
    final: bool
    base: str
    base_place: Place
    user: User
    exposed: tuple[Exposed, ...]
    base_ports: frozenset[int] | None
    health: Health | None
    has_healthcheck: bool
    owned: tuple[Owned, ...]
    variables: Mapping[str, str]
    users: Mapping[str, int]
    starts: str
    changed: tuple[str, ...]
    place: Place
    end: Place


class Dockerfile(NamedTuple):
    """A Dockerfile."""

    file: str
    place: Place
    environment: str | None
    targets: tuple[Target, ...]
    stages: frozenset[str]
    arguments: tuple[Argument, ...]
    undeclared: tuple[Undeclared, ...]


def image_facts(view: View) -> Iterator[Dockerfile]:
    """The facts of one Dockerfile, from the view of the image that it builds."""
    subject: DockerfileSubject = view.subject
    final, stages = subject.stage, subject.graph.stages
    assert final
    named = [stage for stage in stages if stage.name and stage is not final][: MAX_TARGETS - 1]
    yield Dockerfile(
        subject.file,
        subject.place(final.instruction),
        view.environment,
        tuple(_target(subject, stage) for stage in (*named, final)),
        frozenset(name for stage in stages for name in (stage.name, str(stage.index)) if name),
        tuple(arguments_of(subject)),
        tuple(undeclared_in(subject)),
    )


def _target(subject: DockerfileSubject, stage: Stage) -> Target:
    base = base_reference(stage.root)
    state = stage.state
    users = subject.accounts[stage.index].users.items()
    owned = ownership(stage, subject.graph, subject.accounts)
    return Target(
        subject.file,
        stage.name,
        stage is subject.graph.final,
        base,
        subject.place(stage.root.instruction, stage.root.base_text.span),
        _user(subject, stage),
        tuple(_exposed(subject, stage)),
        base_ports(base),
        _health(subject, stage),
        state.healthcheck is not None,
        tuple(
            Owned(subject.file, subject.place(o.instruction, o.span), o.path, o.uid)
            for o in owned[:_MAX_OWNED]
            if o.path is not None and o.uid is not None
        ),
        {name: each.value.text for name, each in state.env.items() if each.value.text is not None},
        {name: user.uid for name, user in users if user.uid is not None and user.span},
        _starts(stage),
        tuple(_changed(stage, base, [each.path for each in owned])),
        subject.place(stage.instruction),
        subject.place((stage.instruction, *stage.instructions)[-1]),
    )


def _user(subject: DockerfileSubject, stage: Stage) -> User:
    user = effective_user(stage, subject.accounts[stage.index])
    setting = stage.state.user
    if setting is None:
        place = subject.place(stage.root.instruction, user.span)
        return User(subject.file, place, user.uid, "", user.text, inherited=True)
    written = (setting.value.text or "").partition(":")[0].strip()
    name = "" if not written or written.isdecimal() else written
    place = subject.place(setting.instruction, setting.span)
    return User(subject.file, place, user.uid, name, user.text, inherited=False)


def _exposed(subject: DockerfileSubject, stage: Stage) -> Iterator[Exposed]:
    for setting in stage.state.exposed:
        text = setting.value.text
        ports = None if text is None else exposed(text)
        place = subject.place(setting.instruction, setting.span)
        if ports is not None or text is None:
            yield Exposed(subject.file, place, ports)


def _health(subject: DockerfileSubject, stage: Stage) -> Health | None:
    instruction = stage.state.healthcheck
    if instruction is None:
        return None
    owner = next((s for s in stage.lineage[::-1] if instruction in s.shells), None)
    shells = owner.shells[instruction] if owner else ()
    for command in (command for shell in shells for command in shell.commands):
        words = [word_value(word, stage.state, set()) for word in command.unwrapped()]
        asked = request([word or "" for word in words])
        if asked:
            place = subject.place(instruction, command.span)
            return Health(subject.file, place, asked.port, asked.path)
    return None


def _changed(stage: Stage, base: str, copied: list[str | None]) -> Iterator[str]:
    yield from (path for path in copied if path is not None)
    writes = writes_of(base)
    if writes:
        folder = posixpath.dirname(writes.settings)
        found = (i for part in stage.lineage for i in part.instructions if i.keyword == "RUN")
        if None in copied or any(_mentions(instruction, folder) for instruction in found):
            yield writes.settings


def _mentions(instruction: Instruction, text: str) -> bool:
    bodies = (heredoc.body for heredoc in instruction.heredocs)
    return any(text in part for part in (instruction.value.text, *bodies))


def _starts(stage: Stage) -> str:
    """The program of ENTRYPOINT, else of CMD; of an entrypoint that the base has, nothing."""
    instruction = stage.state.entrypoint or stage.state.cmd
    words = instruction.exec_form if instruction else None
    return words[0].rpartition("/")[2] if words else ""
