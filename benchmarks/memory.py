"""How much memory a command takes at its peak, with all the processes that it starts."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.commands import Command

_PAUSE = 0.01
"""Seconds between two looks; what is taken and given back in between is not seen."""


def peak(command: Command, script: Path, environment: Mapping[str, str]) -> int:
    """The most bytes that a command and its children held at one time.

    On Linux a page that several processes share counts once in all (the kernel's proportional set
    size); elsewhere each counts it (the resident set size).

    Args:
        command: what to run.
        script: where to write its script.
        environment: what it sees.
    """
    script.write_text(command.script(), "utf-8")
    most = 0
    with subprocess.Popen(["sh", str(script)], env=dict(environment)) as process:
        while process.poll() is None:
            most = max(most, _held(process.pid))
            time.sleep(_PAUSE)
    return most


def _held(pid: int) -> int:
    with suppress(psutil.Error):
        shell = psutil.Process(pid)
        return sum(map(_bytes, [shell, *shell.children(recursive=True)]))
    return 0


def _bytes(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        memory = process.memory_full_info()
        return int(getattr(memory, "pss", 0) or memory.rss)
    return 0
