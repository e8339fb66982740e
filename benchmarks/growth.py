"""This program by itself: its memory, how it grows, and what its cache brings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote

from benchmarks.commands import Command
from benchmarks.memory import peak
from benchmarks.program import FORGET, Program
from benchmarks.races import Field
from benchmarks.results import Mark, Results
from benchmarks.shares import Tree
from benchmarks.timing import Stopwatch, Timing

_RELEASE = r"s|^\( *image: .*:\).*|\1"
"""Gives a container another version, as most changes to a deployment do."""


def measure(field: Field, large: Tree, tenth: Tree, runs: int, results: Results) -> None:
    """Measure the large estate beside one of a tenth, and add the marks to the results."""
    whole, small = (field.program.first(tree.folder, tree.name) for tree in (large, tenth))
    stopwatch = field.stopwatch
    times = _race(stopwatch, "growth", [whole, small], runs, results)
    results.marks.append(
        Mark("ten times the files, in time", 11, _ratio(times, whole.name, small.name))
    )
    held = peak(whole, stopwatch.work / "peak.sh", stopwatch.environment) / 2**20
    results.marks.append(Mark("peak memory of a first run, with all processes", 400, held, "MB"))
    results.marks += _cached(field.program, stopwatch, large, runs, results)


def _cached(
    program: Program, stopwatch: Stopwatch, tree: Tree, runs: int, results: Results
) -> Iterator[Mark]:
    deployments = [
        path for path in tree.files(frozenset({"kubernetes"})) if path.endswith("/deployment.yaml")
    ]
    three = [deployments[len(deployments) * n // 3] for n in range(3)]
    first = program.check("a first run", tree.folder, before=FORGET)
    one = program.check("one file changed", tree.folder, before=edit(tree.folder, three[:1]))
    since = ("--changed-since", "HEAD")
    few = program.check("three changed", tree.folder, *since, before=edit(tree.folder, three))
    times = _race(stopwatch, "cache", [first, one, few], runs, results)
    text = "one file changed, with a warm cache, to a first run that fills it"
    yield Mark(text, 0.25, _ratio(times, one.name, first.name))
    yield Mark("--changed-since with three changed files", 1, times[few.name].best, "s")


def edit(folder: Path, files: Sequence[str]) -> str:
    """Shell commands that give the deployments in some files a version that they never had."""
    named = " ".join(quote(str(folder / file)) for file in files)
    return f'sed -i "{_RELEASE}1.0.$(date +%s%N)|" {named}'


def _race(
    stopwatch: Stopwatch, name: str, commands: list[Command], runs: int, results: Results
) -> dict[str, Timing]:
    timings = stopwatch.race(name, commands, runs=runs, warmup=0)
    times = {command.name: timing for command, timing in zip(commands, timings, strict=True)}
    results.failed += [f"{name} ({timing})" for name, timing in times.items() if not timing.ran]
    return times


def _ratio(times: dict[str, Timing], name: str, by: str) -> float | None:
    ran = times[name].ran and times[by].ran
    return times[name].best / times[by].best if ran else None
