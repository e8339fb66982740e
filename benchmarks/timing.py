"""How long commands take as whole processes, by hyperfine."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.commands import Command

INSTALL = "apt-get install hyperfine, brew install hyperfine or cargo install hyperfine"


class Timing(NamedTuple):
    """What one command took, in seconds of wall clock.

    Attributes:
        best: the fastest run; what else a machine does can only add to it.
        median: the middle run.
        ran: whether every run did its work.
    """

    best: float
    median: float
    ran: bool


class Stopwatch(NamedTuple):
    """Runs hyperfine.

    Attributes:
        work: a folder for scripts and results.
        environment: what the measured commands see; nothing else.
    """

    work: Path
    environment: Mapping[str, str]

    def race(
        self, name: str, commands: Sequence[Command], *, runs: int, warmup: int
    ) -> list[Timing]:
        """Time commands in one run of hyperfine.

        Args:
            name: what the files of this race are called.
            commands: what to time.
            runs: how often each.
            warmup: how often each before, untimed.

        Raises:
            subprocess.CalledProcessError: hyperfine itself fails.
        """
        folder = self.work / "races" / name
        folder.mkdir(parents=True)
        scripts = [_write(folder / f"{n}.sh", c.script()) for n, c in enumerate(commands)]
        prepare = [_write(folder / f"{n}-before.sh", c.before) for n, c in enumerate(commands)]
        options = ["--shell=none", "--ignore-failure", "--style=none"]
        options += [f"--runs={runs}", f"--warmup={warmup}"]
        options += [f"--export-json={folder / 'times.json'}"]
        options += [f"--prepare=sh {script}" for script in prepare]
        races = [f"sh {script}" for script in scripts]
        command = [hyperfine(), *options, *races]
        subprocess.run(command, check=True, capture_output=True, env=dict(self.environment))
        results = json.loads((folder / "times.json").read_bytes())["results"]
        return [
            Timing(min(r["times"]), median(r["times"]), not any(r["exit_codes"])) for r in results
        ]


def hyperfine() -> str:
    """The path of hyperfine.

    Raises:
        FileNotFoundError: it is not installed.
    """
    found = shutil.which("hyperfine")
    if found is None:
        raise FileNotFoundError(f"hyperfine is not installed: {INSTALL}")
    return found


def _write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path
