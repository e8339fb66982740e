"""Everything that the program prints or writes about a project, by name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from kerp_policy.baseline.model import FILE
from kerp_policy.cli import main
from kerp_policy.report import FORMATS

_TRUSTING = ("--changed-since", "HEAD~2", "--trust", "HEAD~2")
COMMANDS = {
    **{name: ("check", "--format", name) for name in FORMATS},
    "text -v": ("check", "-v", "--strict", "--color"),
    "text ko": ("check", "--lang", "ko"),
    **{
        f"{name} trusting": ("check", "--format", name, *_TRUSTING)
        for name in ("text", "json", "sarif", "github", "markdown", "html")
    },
    **{f"graph {form}": ("graph", "--format", form) for form in ("text", "mermaid", "json")},
    "review markdown": ("review", "--base", "HEAD~1"),
    "review json": ("review", "--base", "HEAD~1", "--format", "json"),
    "audit json": ("audit", ".", "--format", "json"),
    "html audit": ("audit", ".", "--format", "html"),
    "waivers": ("waivers",),
    "config": ("config",),
    "config json": ("config", "--format", "json"),
    "baseline write": ("baseline", "write"),
    "baseline show": ("baseline", "show"),
    "baseline json": ("baseline", "show", "--format", "json"),
    "markdown debt": ("check", "--format", "markdown"),
    "baseline update": ("baseline", "update"),
}
"""Of a repository whose last commit but one is the project without what is hostile or secret."""


class Output(NamedTuple):
    """What one command has printed."""

    code: int
    out: str
    err: str


def outputs(folder: Path, names: tuple[str, ...] = tuple(COMMANDS)) -> dict[str, Output]:
    """What commands print of a project, and the baseline; a traceback is never an answer."""
    with contextlib.chdir(folder), _without_limits():
        found = {name: _run(COMMANDS[name]) for name in names}
        if "baseline write" in found:
            found["baseline file"] = Output(0, Path(FILE).read_text("utf-8"), "")
    return found


def _run(command: tuple[str, ...]) -> Output:
    done = CliRunner().invoke(main, command, env={"COLUMNS": "100"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return Output(done.exit_code, done.stdout, done.stderr)


@contextlib.contextmanager
def _without_limits() -> Iterator[None]:
    """Reports that leave nothing out for want of room."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kerp_policy.report.github.PER_LEVEL", 10**6)
        patch.setattr("kerp_policy.report.markdown.MAX_CHARACTERS", 10**8)
        patch.setattr("kerp_policy.review.markdown.MAX_CHARACTERS", 10**8)
        yield
