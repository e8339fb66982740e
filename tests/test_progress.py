"""A bar tells on a terminal how far a long run is, and leaves no trace."""

import io
import os
import re
import subprocess
import sys
from contextlib import nullcontext, redirect_stderr

import pytest

from cli import write
from harness import ROOT
from kerp_policy import judging, progress
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source
from repository import API, BUDGET

PROGRAM = """\
import atexit, sys
from itertools import count
from kerp_policy import judging, progress
from kerp_policy.cli import main
from kerp_policy.report import text
judging._PIECE = text._PIECE = 1
judging._MANY = 0
progress.perf_counter = map({clock}, count()).__next__
waits = {{"kerp_policy.bar", "click._termui_impl"}}
atexit.register(lambda: print(*sorted(waits & {{*sys.modules}})))
main(sys.argv[1:], prog_name="kerp-policy")
"""
"""Runs the command, by a clock of its own, and tells what was imported to wait with."""
SLOW, FAST = PROGRAM.format(clock="float"), PROGRAM.format(clock="lambda look: 0.0")
"""A second passes from each look at the clock to the next; and none ever."""
GONE = "\r\x1b[K\x1b[?25h"
FILES = {f"{name}.sh": "#!/bin/sh\ncp $1 /srv\n" for name in "abcd"}


def environment(**changed):
    return {**os.environ, "PYTHONPATH": str(ROOT), **changed}


def on_terminal(program, folder, *options, command="check", **changed):
    """What a run writes to standard output and to a terminal in the place of standard error."""
    pytest.importorskip("pty", reason="there are no pseudo-terminals")
    called = [sys.executable, "-c", program, command, "--no-cache", *options]
    ours, theirs = os.openpty()
    done = subprocess.run(
        called, cwd=folder, env=environment(**changed), stdout=-1, stderr=theirs, check=False
    )
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as stream:
        return done.stdout.decode(), "".join(read(stream))


def read(stream):
    """All that was written to a terminal, which ends in an error on Linux (EIO)."""
    try:
        while data := stream.read(65536):
            yield data.decode()
    except OSError:
        return


@pytest.fixture
def project(tmp_path):
    return write(tmp_path, FILES)


def test_a_bar_shows_how_far_a_long_run_is(project):
    _out, shown = on_terminal(SLOW, project, "--processes", "1")
    assert re.findall(r"judging files  \[[#-]+\]  (\d)/4", shown) == ["1", "2", "3"]


def test_several_processes_have_one_bar(project):
    _out, shown = on_terminal(SLOW, project, "--processes", "3")
    numbers = re.findall(r"judging files  \[[#-]+\]  (\d)/4", shown)
    assert numbers == sorted(set(numbers))
    assert {*numbers} <= {"1", "2", "3"}


def test_the_bar_is_gone_when_the_report_comes(project):
    _out, shown = on_terminal(SLOW, project, "--processes", "1", "--timings")
    *bars, rest = shown.split(GONE)
    assert rest.startswith("time by phase:")
    assert "\n" not in "".join(bars)  # what a line break keeps, nothing clears


def test_each_step_that_takes_time_has_its_bar(project):
    write(project, {"api.yaml": API, "budget.yaml": BUDGET})
    _out, shown = on_terminal(SLOW, project, "--processes", "1", "--strict")
    steps = re.findall(r"((?:judging|writing) [a-z ]+)  \[", shown)
    assert list(dict.fromkeys(steps)) == ["judging files", "judging joints", "writing the report"]


def test_an_audit_has_one_of_repositories(project):
    repositories = [str(write(project / name, {"x.sh": "echo $1\n"})) for name in "ab"]
    _out, shown = on_terminal(SLOW, project, *repositories, command="audit")
    assert "judging repositories  [" in shown


def test_it_speaks_korean(project):
    _out, shown = on_terminal(SLOW, project, "--processes", "1", "--lang", "ko")
    assert "파일 판정 중  [" in shown


def test_a_short_run_shows_none_and_imports_none(project):
    out, shown = on_terminal(FAST, project)
    assert shown == ""
    assert out.splitlines()[-1] == ""


@pytest.mark.parametrize(
    ("options", "changed"),
    [(["--quiet"], {}), ([], {"CI": "true"}), ([], {"TERM": "dumb"})],
)
def test_there_is_none_where_nobody_wants_it(options, changed, project):
    assert on_terminal(SLOW, project, *options, **changed)[1] == ""


def test_there_is_none_without_a_terminal_and_the_report_is_the_same(project):
    command = [sys.executable, "-c", SLOW, "check", "--no-cache"]
    plain = subprocess.run(
        command, cwd=project, env=environment(), capture_output=True, check=False
    )
    assert plain.stderr == b""
    out, shown = on_terminal(SLOW, project)
    assert GONE in shown
    # The last line tells what was imported.
    assert out.splitlines()[:-1] == plain.stdout.decode().splitlines()[:-1]


class Terminal(io.StringIO):
    """A terminal that goes away once it has taken so many characters."""

    def __init__(self, most: int = 10_000) -> None:
        super().__init__()
        self.left = most

    def isatty(self):
        return True

    def write(self, text):
        self.left -= len(text)
        if self.left < 0:
            raise OSError(5, "Input/output error")
        return super().write(text)


SOURCES = [Source(name, text.encode()) for name, text in FILES.items()]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(judging, "_PIECE", 1)
    monkeypatch.setattr(progress, "_PATIENCE", -1.0)


def judged(terminal, watching=progress.watched):
    with redirect_stderr(terminal), watching():
        return judging.check_files(SOURCES, Context(load_profile("kerp")))


def test_a_run_that_is_stopped_leaves_no_bar(monkeypatch):
    terminal, begun = Terminal(), []

    def stopped(source, context):
        begun.append(source)
        if len(begun) == 3:
            raise KeyboardInterrupt
        return judging.facts_only(source, context)

    monkeypatch.setattr(judging, "check_file", stopped)
    with pytest.raises(KeyboardInterrupt):
        judged(terminal)
    assert "2/4" in terminal.getvalue()
    assert terminal.getvalue().endswith(GONE)


def test_a_terminal_that_goes_away_ends_no_run():
    terminal = Terminal(most=100)
    assert [result.path for result in judged(terminal)] == [*FILES]
    assert "1/4" in terminal.getvalue()
    assert terminal.left < 0


def test_nobody_is_told_who_does_not_watch():
    terminal = Terminal()
    judged(terminal, nullcontext)
    assert terminal.getvalue() == ""
