"""Streams that are closed, full or gone, interruptions, mistakes of ours: the exit code is true."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli import kerp_policy, write

COULD_NOT = 2
BAD = {"Dockerfile": "FROM nginx:1.29\nRUN curl -k https://example.com\n"}
COMMANDS = (
    "check", "check -q --select image-tls", "check --format json", "check --format html",
    "list", "explain image-tls", "graph", "controls", "config", "waivers", "schema config",
    "audit .", "--help", "check --help", "--version", "baseline write", "new --help",
)  # fmt: skip
STREAMS = {
    "full": ">/dev/full",
    "closed": ">&-",
    "all closed": "<&- >&- 2>&-",
    "all full": ">/dev/full 2>/dev/full",
}
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def in_shell(line, folder, **environment):
    """Run a line of shell in which $K is the program; it ends with the program's own exit code."""
    program = f"{sys.executable} -m kerp_policy"
    return subprocess.run(
        ["sh", "-c", line.replace("$K", program)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        timeout=120,
    )


@needs_full
@pytest.mark.parametrize("how", STREAMS)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_be_printed_is_no_success_and_no_finding(tmp_path, command, how):
    done = in_shell(f"$K {command} {STREAMS[how]}", write(tmp_path, BAD))
    assert done.returncode == COULD_NOT, done.stderr
    assert b"Traceback" not in done.stderr
    if not how.startswith("all"):
        assert done.stderr.startswith(b"kerp-policy: standard output: ")
        assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("command", ("check --format json", "list", "--help"))
def test_a_reader_that_goes_away_is_told_by_the_exit_code(tmp_path, command):
    write(tmp_path, BAD)
    done = in_shell(f"{{ $K {command}; echo $? >code; }} | true", tmp_path)
    assert (tmp_path / "code").read_text() == "2\n"
    assert done.stderr == b"kerp-policy: standard output: Broken pipe\n"


def test_a_report_into_a_file_needs_no_standard_output(tmp_path):
    done = in_shell("$K check --format json=out.json >&-", write(tmp_path, BAD))
    assert (done.returncode, done.stderr) == (1, b"")
    assert (tmp_path / "out.json").read_text().startswith("{")


@needs_full
def test_a_mistake_of_the_user_stays_one_where_it_cannot_be_told(tmp_path):
    assert in_shell("$K check --select nonsense 2>/dev/full", tmp_path).returncode == COULD_NOT
    assert in_shell("$K nonsense 2>/dev/full", tmp_path).returncode == COULD_NOT


def test_standard_input_that_is_closed_was_not_judged(tmp_path):
    done = in_shell("$K check - --stdin-name Dockerfile <&-", tmp_path)
    told = b"kerp-policy: standard input cannot be read: Bad file descriptor\n"
    assert (done.returncode, done.stderr) == (COULD_NOT, told)


PATCHED = """\
import sys
from kerp_policy.commands import explain
def listing(*_):
    {what}
explain.listing = listing
from kerp_policy.cli import main
main(["list"])
"""


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_a_run_that_is_stopped_says_so(tmp_path, number):
    what = "import time; print('here', flush=True); time.sleep(600)"
    started = subprocess.Popen(
        [sys.executable, "-c", PATCHED.format(what=what)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert started.stdout.readline() == b"here\n"
    started.send_signal(number)
    _, said = started.communicate(timeout=60)
    assert (started.returncode, said) == (COULD_NOT, b"kerp-policy: stopped\n")


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("raise KeyError('hidden value')", "KeyError"),
        ("raise RecursionError('hidden value')", "RecursionError"),
        ("raise MemoryError", "MemoryError"),
    ],
)
def test_a_mistake_of_ours_is_no_finding_and_quotes_nothing(tmp_path, what, told):
    program = PATCHED.format(what=what)
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=False
    )
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (COULD_NOT, b"")
    assert said.startswith("kerp-policy: a mistake of its own, please report it. Traceback:\n")
    assert said.endswith(f"{told}\n")
    assert "hidden" not in said.replace(what, "")


def test_the_program_is_over_when_its_command_is(tmp_path):
    later = "import atexit, sys; atexit.register(print, 'later'); sys.argv = ['kerp-policy', *{}]"
    for words, code in ((["--version"], 0), (["check", "nowhere"], COULD_NOT)):
        program = f"{later.format(words)}; from kerp_policy.cli import start; start()"
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert (done.stdout + done.stderr).startswith("kerp-policy")
        assert "later" not in done.stdout


def test_what_a_message_quotes_does_not_steer_the_terminal(tmp_path):
    outcome = kerp_policy("check", "\x1b[31m\x07.yaml", cwd=tmp_path)
    assert outcome.code == COULD_NOT
    assert "\x1b" not in outcome.err
    assert "\x07" not in outcome.err
