"""Write an estate: `python -m benchmarks.estate FOLDER --files 10000 --git`."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks.estate import generate


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=False))
@click.option("--files", default=10_000, show_default=True, help="How many files.")
@click.option("--seed", default=8, show_default=True, help="What chance starts from.")
@click.option("--git", is_flag=True, help="Commit them into a repository of their own.")
def main(folder: Path, files: int, seed: int, *, git: bool) -> None:
    """Write a made-up company's repository into FOLDER, which must not exist yet."""
    generate(folder, files, seed, git=git)


if __name__ == "__main__":
    main()
