"""Running the command as users do: in a process of its own."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import forked


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def report(self) -> dict:
        return json.loads(self.out)

    @property
    def findings(self) -> list[dict]:
        return self.report["findings"]


def kerp_policy(*arguments: str, cwd: Path, stdin: bytes = b"", **environment: str) -> Outcome:
    """Run kerp-policy; a traceback is never an answer."""
    settings = {**os.environ, **environment}
    done = forked.run("-m", "kerp_policy", *arguments, cwd=cwd, stdin=stdin, environment=settings)
    outcome = Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in outcome.err, outcome.err
    return outcome


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
