"""The build arguments of a Dockerfile, declared and not."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.dockerfile import Stage
from kerp_policy.docker.arguments import (
    declared,
    reads,
    reads_in_from,
    tested,
    undeclared_reads,
)
from kerp_policy.docker.predefined import is_predefined
from kerp_policy.estate.images import Argument, Undeclared
from kerp_policy.findings import Place
from kerp_policy.scopes.dockerfile import DockerfileSubject


def arguments_of(subject: DockerfileSubject) -> Iterator[Argument]:
    """Every ARG of a Dockerfile that a build does not know by itself."""
    graph = subject.graph
    owners = {id(i): stage for stage in graph.stages for i in stage.instructions}
    first = {stage.index: _first_reads(subject, stage) for stage in graph.stages}
    outside = _reads_of_from(subject)
    for instruction, name, span, default in declared(graph):
        stage = owners.get(id(instruction))
        found = first[stage.index] if stage else outside
        read, keyword = found.get(name, (None, ""))
        if not is_predefined(name):
            place = subject.part(instruction, span, name)
            yield Argument(place, name, default, read, keyword, stage.index if stage else None)


def _reads_of_from(subject: DockerfileSubject) -> dict[str, tuple[Place, str]]:
    found: dict[str, tuple[Place, str]] = {}
    for stage in subject.graph.stages:
        for read in reads_in_from(stage):
            found.setdefault(read.name, (subject.place(read.instruction, read.span), "FROM"))
    return found


def _first_reads(subject: DockerfileSubject, stage: Stage) -> dict[str, tuple[Place, str]]:
    """By argument, the first instruction of a stage that reads it and does not look first."""
    found: dict[str, tuple[Place, str]] = {}
    looked_at: dict[int, frozenset[str]] = {}
    for read, state in reads(stage):
        keyword, instruction = read.instruction.keyword, id(read.instruction)
        if instruction not in looked_at:
            looked_at[instruction] = tested(stage, read.instruction)
        open_ = read.name not in looked_at[instruction] and read.name not in state.env
        if read.name in state.args and open_:
            place = subject.place(read.instruction, read.span)
            found.setdefault(read.name, (place, keyword))
    return found


def undeclared_in(subject: DockerfileSubject) -> Iterator[Undeclared]:
    """What the stages of a Dockerfile read undeclared."""
    for stage in subject.graph.stages:
        for read in undeclared_reads(subject.graph, stage):
            place = subject.part(read.instruction, read.span, read.name)
            yield Undeclared(place, read.name, read.instruction.keyword)
