"""Measure this program beside the tools that judge the same files: `python -m benchmarks`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click

from benchmarks import growth, program, report
from benchmarks.estate import generate
from benchmarks.machine import machine
from benchmarks.peers import PEERS, found, version
from benchmarks.races import LARGE, SHORT, SMALL, Field, Pace, race
from benchmarks.results import Mark, Results
from benchmarks.schemas import write_schemas
from benchmarks.shares import Tree, tree_of
from benchmarks.timing import Stopwatch, hyperfine

KERP = program.ROOT / "fixtures" / "kerp"
_LARGE_FROM = 500
"""Files of a tree from which on each command runs a few times only."""


_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_MANY = click.IntRange(min=100)
_PAGE = click.Path(path_type=Path, dir_okay=False)


class Estates(NamedTuple):
    """The made-up repository, and one of a tenth of its files."""

    large: Tree
    tenth: Tree


@click.command()
@click.argument("trees", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--peer", "peers", metavar="NAME=PATH", multiple=True, help="Where a tool lies.")
@click.option(
    "--files", type=_MANY, default=10_000, show_default=True, help="Of the made-up repository."
)
@click.option("--seed", default=8, show_default=True, help="What it is made up from.")
@click.option("--short", is_flag=True, help="Few files and one run: shows that all of it works.")
@click.option("--program", "path", type=_FILE, help="A kerp-policy to measure as it is installed.")
@click.option("--markdown", type=_PAGE, help="A page to write it into, too.")
def main(  # noqa: PLR0913 - one for each option
    trees: tuple[Path, ...],
    *,
    peers: tuple[str, ...],
    files: int,
    seed: int,
    path: Path | None,
    markdown: Path | None,
    short: bool,
) -> None:
    """Measure on fixtures/kerp, on TREES and on a made-up repository, in one run.

    Peers are found on PATH or by --peer; whichever is missing is named. Exit code 1: a command
    could not run. No time, however long, is a failure.
    """
    paths, named = _found(peers), list(_named(trees))
    with TemporaryDirectory(prefix="kerp-benchmarks-") as folder:
        field = _field(Path(folder), path, paths)
        results = Results(machine(), _versions(field), _missing(field))
        estates = _estates(Path(folder), 100 if short else files, seed)
        for tree in (tree_of("fixtures/kerp", KERP), *named, estates.large):
            click.echo(f"measuring on {tree.name}", err=True)
            race(field, tree, SHORT if short else _pace(tree), results)
        results.marks += _marks(results, estates.large.name)
        runs = (SHORT if short else LARGE).runs
        growth.measure(field, *estates, runs, results)
    click.echo(report.text(results))
    if markdown:
        report.write_markdown(markdown, results)
    if results.failed:
        raise SystemExit(1)


def _field(work: Path, path: Path | None, paths: dict[str, str]) -> Field:
    """Everything that a race needs.

    Raises:
        click.ClickException: hyperfine is missing, or the program cannot be installed.
    """
    try:
        hyperfine()
        installed = path.absolute() if path else program.install(work / "environment")
        ours = program.program_at(installed)
    except (OSError, subprocess.CalledProcessError) as error:
        raise click.ClickException(str(error)) from error
    write_schemas(work / "schemas")
    return Field(ours, paths, Stopwatch(work, _environment(work)), work / "schemas")


def _environment(work: Path) -> dict[str, str]:
    """Nothing of the user's: no configuration, no cache, no switch of Python's, no sign of a CI."""
    (work / "home").mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(work / "home"),
        "XDG_CACHE_HOME": str(work / "home" / ".cache"),
        "LC_ALL": "C.UTF-8",
    }


def _found(peers: tuple[str, ...]) -> dict[str, str]:
    named = dict(peer.partition("=")[::2] for peer in peers)
    known = {peer.name for peer in PEERS}
    for name, path in named.items():
        if name not in known:
            raise click.BadParameter(f"{name}: expected one of {', '.join(sorted(known))}")
        if not os.access(path, os.X_OK):
            raise click.BadParameter(f"{name}: no program lies at {path or 'an empty path'}")
    return found(named)


def _versions(field: Field) -> dict[str, str]:
    own = program.said(field.program.path, "--version").split()[-1]
    commit = program.commit()
    versions = {program.NAME: f"{own} ({commit})" if commit else own}
    there = (peer for peer in PEERS if peer.name in field.found)
    return versions | {peer.name: version(peer, field.found[peer.name]) for peer in there}


def _missing(field: Field) -> list[str]:
    return [peer.name for peer in PEERS if peer.name not in field.found]


def _estates(work: Path, files: int, seed: int) -> Estates:
    trees = []
    for count in (files, files // 10):
        folder = work / "estates" / str(count)
        generate(folder, count, seed, git=True)
        trees.append(tree_of(f"estate of {count:,}", folder))
    return Estates(*trees)


def _named(folders: tuple[Path, ...]) -> Iterator[Tree]:
    names = [folder.resolve().name for folder in folders]
    if len(set(names)) < len(names):
        raise click.BadParameter("two TREES have one name; expected each to have its own")
    for name, folder in zip(names, folders, strict=True):
        yield tree_of(name, folder)


def _pace(tree: Tree) -> Pace:
    return LARGE if sum(map(len, tree.kinds.values())) >= _LARGE_FROM else SMALL


def _marks(results: Results, estate: str) -> Iterator[Mark]:
    asked = (
        ("fixtures/kerp", "hadolint + zizmor + amtool", 1.2),
        ("fixtures/kerp", "checkov", 0.04),
        (estate, "checkov", 0.05),
        (estate, "hadolint + zizmor", 1.0),
    )
    for tree, peer, limit in asked:
        yield Mark(f"{tree} to {peer}", limit, results.ratio(tree, peer))


if __name__ == "__main__":
    main()
