"""This program as its users have it: installed from a wheel, its bytecode compiled."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.commands import Command, Step

ROOT = Path(__file__).parent.parent
NAME = "kerp-policy"
FORGET = (
    'find "$XDG_CACHE_HOME/kerp-policy" -mindepth 1 -maxdepth 1 ! -name "policies-*"'
    " -exec rm -rf {} + || true"
)
"""Takes all results out of the user's cache, and leaves the policies that were compiled there."""


class Program(NamedTuple):
    """An installed kerp-policy.

    Attributes:
        path: its executable.
        caches: whether it keeps results, so that `--no-cache` does without.
    """

    path: Path
    caches: bool

    def check(self, name: str, folder: Path, *options: str, before: str = "") -> Command:
        """The command that judges a folder, with the results that the cache holds."""
        words = (str(self.path), "check", *options, ".")
        step = Step(words, frozenset({0, 1}), folder)
        return Command(name, (step,), before)

    def first(self, folder: Path, name: str = NAME) -> Command:
        """The command that judges a folder, and keeps and uses no result."""
        return self.check(name, folder, *(["--no-cache"] if self.caches else []))


def install(folder: Path) -> Path:
    """Build a wheel of this checkout, install it into an empty environment, and say where it is.

    Raises:
        subprocess.CalledProcessError: pip fails; what it says is on the terminal.
    """
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    command = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--compile", str(ROOT)]
    subprocess.run(command, check=True)
    return programs / NAME


def program_at(path: Path) -> Program:
    """An installed program, asked what it can do."""
    return Program(path, "--no-cache" in said(path, "check", "--help"))


def said(path: Path, *arguments: str) -> str:
    """What the program prints.

    Raises:
        subprocess.CalledProcessError: it fails.
    """
    return _printed([str(path), *arguments])


def commit() -> str:
    """The commit of this checkout, or an empty text outside of git."""
    try:
        return _printed(["git", "-C", str(ROOT), "describe", "--always", "--dirty"]).strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _printed(command: Sequence[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
