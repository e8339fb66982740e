"""A real Dask cluster on loopback, each of its members a process, whose workers can be held up."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cli import write
from harness import ROOT
from kerp_policy.audit.cluster import Seal

PATIENCE = 60
_GIT = """\
#!/bin/sh
echo "$PPID" >> {folder}/busy
while [ ! -e {folder}/go ]; do sleep 0.05; done
exec {git} "$@"
"""
"""Stands in for git at a worker: it tells who is in the middle of a repository, and waits there."""


class Cluster:
    """A scheduler and workers; a worker stays in its first repository until all are let go."""

    def __init__(self, folder: Path, workers: int) -> None:
        """Start them and wait for the scheduler."""
        self.folder, self.program = folder, folder / "program"
        for name in (
            "kerp_policy",
            "policies",
        ):  # a copy: whoever edits a file meanwhile is no matter
            ignored = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(ROOT / name, self.program / name, ignore=ignored)
        self._members: list[subprocess.Popen[bytes]] = []
        write(folder, {"bin/git": _GIT.format(folder=folder, git=shutil.which("git")), "busy": ""})
        (folder / "bin/git").chmod(0o755)
        file = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file)
        until(file.exists)
        until(lambda: file.read_text().rstrip().endswith("}"))
        import json

        self.address: str = json.loads(file.read_text())["address"]
        self.workers = [self._worker(number) for number in range(workers)]

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        space = self.folder / f"worker-{number}"
        options = ("--no-nanny", "--nthreads", "1", "--host", "127.0.0.1")
        return self._start("worker", self.address, *options, "--local-directory", space)

    def _start(self, *words: object) -> subprocess.Popen[bytes]:
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            member = subprocess.Popen(
                [sys.executable, "-m", "dask", *map(str, words), "--no-dashboard"],
                env={**os.environ, "PATH": path, "PYTHONPATH": str(self.program)},
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        self._members.append(member)
        return member

    def seal(self) -> Seal:
        """The seal of what the members run."""
        code = (
            "from kerp_policy.audit.cluster import own_seal as s; print(s().version, s().content)"
        )
        environment = {**os.environ, "PYTHONPATH": str(self.program)}
        done = subprocess.run(
            [sys.executable, "-P", "-c", code], env=environment, stdout=subprocess.PIPE, check=True
        )
        return Seal(*done.stdout.decode().split())

    def busy(self) -> set[int]:
        """The workers that are in the middle of a repository, by process."""
        return {int(line) for line in (self.folder / "busy").read_text().split()}

    def let_go(self) -> None:
        """Let all workers go on."""
        (self.folder / "go").touch()

    def close(self) -> None:
        """End all."""
        self.let_go()
        for member in self._members:
            member.kill()
            member.wait()


def until(holds: Callable[[], bool]) -> None:
    """Wait for something, for as long as it may take on a slow machine."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
