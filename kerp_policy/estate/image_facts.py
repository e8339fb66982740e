"""Taking down what Dockerfiles say of the images that they build."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from kerp_policy.artifacts.dockerfile import Instruction, Stage, State, effective_user, ownership
from kerp_policy.artifacts.dockerfile import Owned as Copied
from kerp_policy.artifacts.dockerfile.history import base_reference
from kerp_policy.docker.ports import base_ports, exposed
from kerp_policy.docker.writes import writes_of
from kerp_policy.estate.context_files import taken_by
from kerp_policy.estate.healthchecks import healthcheck_of
from kerp_policy.estate.image_arguments import arguments_of, undeclared_in
from kerp_policy.estate.images import Dockerfile, Exposed, Owned, Target, User
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View

MAX_TARGETS = 20
"""Stages of a file that are looked at as something to build: the last, and those with a name."""


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
        tuple(taken_by(subject)),
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
        healthcheck_of(subject, stage),
        tuple(_owned(subject, each) for each in owned),
        dict(_numbers(state)),
        {name: (user.uid, user.gid) for name, user in users if user.uid is not None and user.span},
        _starts(stage),
        tuple(_changed(stage, base, [each.path for each in owned])),
        subject.graph.needed(stage),
        subject.place(stage.instruction),
    )


def _numbers(state: State) -> Iterator[tuple[str, int | None]]:
    for name, setting in state.env.items():
        text = setting.value.text or ""
        is_number = text.isascii() and text.isdecimal() and len(text) < 6
        yield name, int(text) if is_number else None


def _user(subject: DockerfileSubject, stage: Stage) -> User:
    user = effective_user(stage, subject.accounts[stage.index])
    setting = stage.state.user
    if setting is None:
        place, name = subject.place(stage.root.instruction, user.span), ""
    else:
        place = subject.place(setting.instruction, setting.span)
        written = (setting.value.text or "").partition(":")[0].strip()
        name = "" if written.isdecimal() else written
    numbers = (user.uid, user.gid, user.reason)
    return User(subject.file, place, *numbers, name, user.text, inherited=setting is None)


def _exposed(subject: DockerfileSubject, stage: Stage) -> Iterator[Exposed]:
    for setting in stage.state.exposed:
        text = setting.value.text
        ports = None if text is None else exposed(text)
        yield Exposed(subject.file, subject.place(setting.instruction, setting.span), ports)


def _owned(subject: DockerfileSubject, found: Copied) -> Owned:
    """With the place of the `--chown` that decides it, else of the whole instruction."""
    instruction, flag = found.instruction, found.instruction.flag("chown")
    is_decisive = flag is not None and flag.text.span == found.span
    place = subject.place(instruction, found.span if is_decisive else None)
    is_open = is_decisive and found.uid is None
    owner = flag.value.text.partition(":")[0] if is_open and flag and flag.value else ""
    return Owned(subject.file, place, found.path, found.uid, owner, found.is_tree)


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
