"""This program against the others on one tree: on what both judge, and on everything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.commands import Command, Step, chain
from benchmarks.peers import PEERS, Peer, words
from benchmarks.program import Program
from benchmarks.results import WHOLE, Results, Row
from benchmarks.shares import Tree, share
from benchmarks.timing import Stopwatch

SLOW = "checkov"
"""Takes longer than all others together, so it has a race of its own, with fewer runs."""
CHAINS = (("hadolint", "zizmor", "amtool"), ("hadolint", "zizmor"))
"""Those that the project's marks are about."""


class Pace(NamedTuple):
    """How often each command runs: timed, and untimed before."""

    runs: int
    warmup: int
    slow_runs: int
    slow_warmup: int


SHORT = Pace(1, 1, 1, 0)
SMALL = Pace(20, 3, 5, 1)
LARGE = Pace(3, 0, 2, 0)


class Field(NamedTuple):
    """Who races where.

    Attributes:
        program: this program.
        found: where the others lie, by name.
        stopwatch: takes the times.
        schemas: a folder with Kubernetes' schemas, for kubeconform.
    """

    program: Program
    found: Mapping[str, str]
    stopwatch: Stopwatch
    schemas: Path


class Entry(NamedTuple):
    """Another tool's command, and the folder and number of its files."""

    peer: Peer
    command: Command
    folder: Path
    files: int


class Course(NamedTuple):
    """What a race is run on: a tree, which of its artifacts, and how many these are."""

    tree: Tree
    what: str
    files: int


def race(field: Field, tree: Tree, pace: Pace, results: Results) -> None:
    """Measure everything on a tree, and add its rows to the results."""
    entries = {entry.peer.name: entry for entry in _entries(field, tree)}
    slow = entries.pop(SLOW, None)
    for kinds in dict.fromkeys(entry.peer.kinds for entry in entries.values()):
        alike = [entry for entry in entries.values() if entry.peer.kinds == kinds]
        commands = [field.program.first(alike[0].folder), *(entry.command for entry in alike)]
        course = Course(tree, " ".join(kinds), alike[0].files)
        _race(field, course, commands, pace, results)
    whole = Course(tree, WHOLE, sum(map(len, tree.kinds.values())))
    ours = field.program.first(tree.folder)
    chains = _chains({name: entry.command for name, entry in entries.items()})
    _race(field, whole, [ours, *chains], pace, results)
    if slow:
        slowly = Pace(pace.slow_runs, pace.slow_warmup, 0, 0)
        _race(field, whole, [ours, slow.command], slowly, results)


def _entries(field: Field, tree: Tree) -> Iterator[Entry]:
    for peer in PEERS:
        if peer.name not in field.found:
            continue
        folder = field.stopwatch.work / "shares" / tree.name / "-".join(sorted(peer.kinds))
        files = share(tree, peer.kinds, folder)
        if files:
            started = words(peer, field.found[peer.name], files, field.schemas)
            command = Command(peer.name, (Step(started, peer.accepted, folder),))
            yield Entry(peer, command, folder, len(files))


def _chains(commands: Mapping[str, Command]) -> Iterator[Command]:
    for names in CHAINS:
        if all(name in commands for name in names):
            yield chain(commands[name] for name in names)
    if commands:
        yield chain(commands.values(), f"all {len(commands)} above, one after the other")


def _race(
    field: Field, course: Course, commands: Sequence[Command], pace: Pace, results: Results
) -> None:
    """Race the first command, which is ours, against the others."""
    if len(commands) == 1:
        return
    tree, what, files = course.tree.name, course.what, course.files
    name = re.sub(r"\W+", "-", f"{tree}-{what}-{commands[-1].name}")
    timings = field.stopwatch.race(name, commands, runs=pace.runs, warmup=pace.warmup)
    ours = timings[0]
    for command, timing in zip(commands[1:], timings[1:], strict=True):
        ran = ours.ran and timing.ran
        results.rows.append(Row(tree, what, files, command.name, timing.best, ours.best, ran))
    pairs = zip(commands, timings, strict=True)
    results.failed += [f"{c.name} on {tree} ({what})" for c, timing in pairs if not timing.ran]
