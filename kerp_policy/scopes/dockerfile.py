"""Cutting a Dockerfile into the things that policies are asked about (`each`).

`image` is what the build gives, its final stage; `stage` every stage; `instruction` each
instruction; `image-reference` every image that the build pulls.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.dockerfile import (
    Accounts,
    ImageReference,
    Instruction,
    Setting,
    Stage,
    StageGraph,
    follow_accounts,
    image_references,
    is_template,
    read,
    stage_graph,
)
from kerp_policy.artifacts.dockerfile.stages import MAX_STAGES
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Profile
from kerp_policy.scopes.artifact import UNRENDERED, Artifact
from kerp_policy.sources.source import Problem, Source, Span
from kerp_policy.views import View

_KEYED = frozenset({"ARG", "ENV", "LABEL"})


class DockerfileSubject(Struct, frozen=True, dict=True):
    """What checks of Dockerfiles work with: the stages of the file, and one of them.

    `instruction` is the one in question where the scope is an instruction, `reference` where it
    is an image reference.
    """

    file: str
    graph: StageGraph
    stage: Stage | None
    addresses: Addresses
    instruction: Instruction | None = None
    reference: ImageReference | None = None

    def place(self, instruction: Instruction, span: Span | None = None) -> Place:
        """The place of an instruction, or of a part of it, under the instruction's address."""
        return Place(span or instruction.span, self.addresses.of(instruction))

    def part(self, instruction: Instruction, span: Span, name: str) -> Place:
        """The place of a part of an instruction that has a name, under an address of its own."""
        return Place(span, f"{self.addresses.of(instruction)}.{name}")

    @property
    def shipped(self) -> tuple[Stage, ...]:
        """The stages whose layers are in the image: the final one and those it starts from."""
        return self.graph.final.lineage if self.graph.final else ()

    @cached_property
    def accounts(self) -> tuple[Accounts, ...]:
        """The users and groups at the end of each stage, by its number."""
        return follow_accounts(self.graph)


class Addresses:
    """The stable names of the instructions of one file."""

    def __init__(self, file: str, graph: StageGraph) -> None:
        self._file = file
        self._graph = graph

    def of(self, instruction: Instruction) -> str:
        """`path#stage[alias, or n-th from the end].KEYWORD(key)`; a second gets `~2`."""
        return self._all.get(id(instruction), f"{self._file}#{instruction.keyword}")

    @cached_property
    def _all(self) -> dict[int, str]:
        found: dict[int, str] = {}
        seen: Counter[str] = Counter()
        for owner, instruction in _owned(self._graph):
            address = f"{self._file}#{owner}{_name(instruction)}"
            seen[address] += 1
            again = f"~{seen[address]}" if seen[address] > 1 else ""
            found[id(instruction)] = address + again
            if instruction.keyword == "ONBUILD" and instruction.inner:
                found[id(instruction.inner)] = address + again
        return found


def _owned(graph: StageGraph) -> Iterator[tuple[str, Instruction]]:
    """Every instruction with the name of its stage, those before the first FROM with none."""
    owners: dict[int, str] = {}
    for stage in graph.stages:
        name = f"stage[{stage.name or stage.index - len(graph.stages)}]."
        for instruction in (stage.instruction, *stage.instructions):
            owners[id(instruction)] = name
    for instruction in graph.dockerfile.instructions:
        yield owners.get(id(instruction), ""), instruction


def _name(instruction: Instruction) -> str:
    keyword = instruction.keyword
    if keyword == "RUN":
        parts = [instruction.value.text, *(heredoc.body for heredoc in instruction.heredocs)]
        text = " ".join(" ".join(parts).split())
        return f"RUN({hashlib.sha256(text.encode()).hexdigest()[:8]})"
    if keyword in _KEYED and instruction.pairs:
        return f"{keyword}({instruction.pairs[0].key.text})"
    return keyword


def dockerfile_artifact(source: Source, profile: Profile, assumed: str | None) -> Artifact:
    """Read a Dockerfile and cut it.

    Args:
        source: the file.
        profile: the standard, for its environments.
        assumed: the environment of what shows none.
    """
    dockerfile = read(source)
    graph = stage_graph(dockerfile)
    refused = [*dockerfile.problems, *graph.problems]
    if is_template(dockerfile, refused):
        return Artifact("template", not_judged=UNRENDERED)
    artifact = Artifact("dockerfile", problems=[*refused, *_not_judged(graph)])
    environment = environment_of(profile, assumed, path=source.path)
    artifact.views += _views(source.path, graph, {"file": source.path, "environment": environment})
    return artifact


def _not_judged(graph: StageGraph) -> Iterator[Problem]:
    """What stays unknown: scripts that cannot be read, and stages beyond the limit."""
    for stage in graph.stages:
        for shells in stage.shells.values():
            yield from (problem for shell in shells for problem in shell.problems)
    for stage in graph.stages[MAX_STAGES : MAX_STAGES + 1]:
        message = f"of {len(graph.stages)} stages only the first {MAX_STAGES} are followed"
        yield Problem("unreadable", stage.instruction.span, message)


def _views(file: str, graph: StageGraph, facts: Mapping[str, Any]) -> Iterator[View]:
    addresses = Addresses(file, graph)
    if graph.final:
        yield _image(DockerfileSubject(file, graph, graph.final, addresses), facts)
    for stage in graph.stages:
        yield from _stage(DockerfileSubject(file, graph, stage, addresses), facts)
    for reference in image_references(graph):
        subject = DockerfileSubject(file, graph, reference.stage, addresses, reference=reference)
        yield _reference(subject, reference, facts)


def _image(subject: DockerfileSubject, facts: Mapping[str, Any]) -> View:
    """The image: its settings as data, so that a policy can require a label or a port."""
    stage = subject.stage
    assert stage
    state = stage.state
    settings: dict[Path, Setting] = {}
    for name, values in (("env", state.env), ("labels", state.labels)):
        settings |= {(name, key): setting for key, setting in values.items()}
    if state.user:
        settings[("user",)] = state.user
    if state.workdir:
        settings[("workdir",)] = state.workdir

    def locate(path: Path) -> Place:
        setting = settings.get(path[:2]) or settings.get(path[:1])
        if setting:
            return subject.place(setting.instruction, setting.span)
        return subject.place(stage.instruction)

    data = _data(settings)
    data["exposed"] = [_text(setting) for setting in state.exposed]
    return View("image", data, facts, locate, subject)


def _data(settings: Mapping[Path, Setting]) -> dict[str, Any]:
    data: dict[str, Any] = {"env": {}, "labels": {}}
    for path, setting in settings.items():
        target = data[str(path[0])] if len(path) > 1 else data
        target[str(path[-1])] = _text(setting)
    return data


def _text(setting: Setting) -> str:
    """The value; what the file does not tell looks like the reference that it is."""
    known = setting.value.text
    return known if known is not None else "".join(f"${{{name}}}" for name in setting.value.unknown)


def _stage(subject: DockerfileSubject, facts: Mapping[str, Any]) -> Iterator[View]:
    stage = subject.stage
    assert stage
    shipped = stage in subject.shipped
    own = {**facts, "stage": stage.name, "final": stage is subject.graph.final, "shipped": shipped}

    def locate(path: Path) -> Place:
        return subject.place(stage.instruction)

    yield View("stage", {"name": stage.name, "base": stage.base.text}, own, locate, subject)
    for instruction in stage.instructions:
        yield _instruction(subject, instruction, own)


def _instruction(
    subject: DockerfileSubject, instruction: Instruction, facts: Mapping[str, Any]
) -> View:
    """An instruction, and inside ONBUILD the one that it holds."""
    inner = instruction.inner if instruction.keyword == "ONBUILD" else None
    effective = inner or instruction
    own = {**facts, "keyword": effective.keyword, "onbuild": inner is not None}
    mine = DockerfileSubject(
        subject.file, subject.graph, subject.stage, subject.addresses, instruction=effective
    )

    def locate(path: Path) -> Place:
        return Place(effective.span, subject.addresses.of(instruction))

    data = {"keyword": effective.keyword, "value": effective.value.text}
    return View("instruction", data, own, locate, mine)


def _reference(
    subject: DockerfileSubject, reference: ImageReference, facts: Mapping[str, Any]
) -> View:
    own = {**facts, "reference": reference.kind}

    def locate(path: Path) -> Place:
        if reference.instruction:
            return subject.place(reference.instruction, reference.span)
        return Place(reference.span, f"{subject.file}#syntax")

    data = {"image": reference.resolved if reference.resolved is not None else reference.text}
    return View("image-reference", data, own, locate, subject)
