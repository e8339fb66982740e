"""Killed between two changes of the disk, or refused one: no file is half, no code is wrong."""

import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import forked
from cli import kerp_policy, write
from repository import API, BAD, Repository

HALTED = Path(__file__).with_name("halted.py")
KILLED, COULD_NOT = 99, 2
ADDRESS = "Dockerfile:stages[0].instructions[1]"
TODAY = {"SOURCE_DATE_EPOCH": "1795392000"}  # 2026-11-23
COMMANDS = {
    "check --format json=out.json --format sarif=out.sarif": 1,
    "baseline write": 0,
    "baseline update": 0,
    "init": 0,
    "new profile ours": 0,
    "new policy our-rule": 0,
    "waive": 0,
}
MOST = 60
"""More changes than any of these makes."""


@pytest.fixture(scope="module", name="cache")
def _cache(tmp_path_factory):
    """A folder in which the policies are validated already."""
    folder = tmp_path_factory.mktemp("cache")
    kerp_policy("list", cwd=folder, XDG_CACHE_HOME=str(folder))
    return folder


DYING = """\
import os, sys
from kerp_policy import judging, shares
from kerp_policy.cli import main
judging._PIECE, owner, take = 1, os.getpid(), shares._take
def dying(*arguments):
    for number, result in enumerate(take(*arguments)):
        if os.getpid() != owner and number >= {at}:
            {end}
        yield result
shares._take = dying
main(sys.argv[1:])
"""
"""A program in which every process but the first ends in the midst of its work."""
REFUSED = """\
import os
from kerp_policy import judging
from kerp_policy.cli import main
judging._PIECE = 1
def refused():
    raise BlockingIOError(11, "Resource temporarily unavailable")
os.fork = refused
"""


def begin(folder, command):
    """A project in which a command has something to do."""
    write(folder, {"Dockerfile": BAD, "scripts/a.sh": "curl -k https://example.com\n"})
    if command == "baseline update":
        kerp_policy("baseline", "write", cwd=folder, **TODAY)
        write(folder, {"scripts/a.sh": "curl https://example.com\n"})
    return folder


def words(folder, command):
    if command != "waive":
        return command.split()
    report = kerp_policy("check", "--format", "json", cwd=folder, **TODAY).report
    found = next(f for f in report["findings"] if f["policy"] == "image-tls")
    return ["waive", found["address"], "--reason", "why", "--until", "2027-01-01"]


def halted(folder, arguments, number, how, **environment):
    settings = {**os.environ, **TODAY, **environment}
    words = (str(HALTED), str(number), how, "--", *arguments)
    return forked.run(*words, cwd=folder, environment=settings)


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def drafts(found):
    return {path for path in found if Path(path).name.startswith(".kerp-policy-")} - {
        path for path in found if Path(path).name.startswith(".kerp-policy-baseline")
    }


@pytest.fixture(params=COMMANDS, name="case")
def _case(request, tmp_path, cache):
    """A command, the files before it and after it, and how many changes it makes."""
    command, settings = request.param, {"XDG_CACHE_HOME": str(cache)}
    folder = begin(tmp_path / "whole", command)
    before, arguments = contents(folder), words(folder, command)
    count = tmp_path / "count"
    done = halted(folder, arguments, 0, "count", COUNT=str(count), **settings)
    assert done.returncode == COMMANDS[command], done.stderr
    changes = int(count.read_text())
    assert 0 < changes < MOST
    return command, arguments, before, contents(folder), changes


def is_whole(found, before, after):
    """Whether every file is as before or as after; an expectation may still be empty."""
    known = {path: (before.get(path), after.get(path), b"findings: []\n") for path in found}
    return all(data in known[path] for path, data in found.items())


def test_a_run_that_is_killed_leaves_whole_files_and_can_be_run_again(tmp_path, case, cache):
    command, arguments, before, after, changes = case
    judged = set()
    for number in range(1, changes + 1):
        folder = begin(tmp_path / str(number), command)
        done = halted(folder, arguments, number, "kill", XDG_CACHE_HOME=str(cache))
        found = contents(folder)
        left = drafts(found)
        if done.returncode == COMMANDS[command]:  # the first run has filled the cache
            assert found == after
            continue
        assert done.returncode == KILLED
        assert len(left) <= 1
        whole = {p: d for p, d in found.items() if p not in left}
        assert is_whole(whole, before, after)
        state = frozenset([*whole.items(), *(("a draft", found[p]) for p in left)])
        if state in judged:
            continue
        judged.add(state)
        again = kerp_policy("check", "--select", "image-tls", cwd=folder, **TODAY)
        assert again.code in (0, 1), (number, again.err)
        assert not any(path in again.out for path in left)


def test_a_disk_without_room_is_told_and_spoils_nothing(tmp_path, case, cache):
    command, arguments, before, after, changes = case
    judged = set()
    for number in range(1, changes + 1):
        folder = begin(tmp_path / str(number), command)
        done = halted(folder, arguments, number, "full", XDG_CACHE_HOME=str(cache))
        found = contents(folder)
        assert not drafts(found)
        assert b"Traceback" not in done.stderr
        if done.returncode == COMMANDS[command]:  # it was the cache, which is done without
            assert found == after
            continue
        assert done.returncode == COULD_NOT, done.stderr
        assert b"No space left on device" in done.stderr
        assert is_whole(found, before, after)
        state = frozenset(found.items())
        if state in judged:
            continue
        judged.add(state)
        again = kerp_policy("check", "--select", "image-tls", cwd=folder, **TODAY)
        assert again.code in (0, 1), (number, again.err)


def test_a_disk_that_is_full_after_some_bytes(tmp_path, cache):
    write(tmp_path, {"Dockerfile": BAD, "out.json": "before\n"})
    done = subprocess.run(
        [sys.executable, "-B", "-m", "kerp_policy", "check", "--format", "json=out.json"],
        cwd=tmp_path,
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
    )
    assert (done.returncode, done.stderr) == (COULD_NOT, b"kerp-policy: out.json: File too large\n")
    assert (tmp_path / "out.json").read_text() == "before\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Dockerfile", "out.json"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk of its own")
def test_a_disk_that_is_really_full(tmp_path, cache):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        write(disk, {"Dockerfile": BAD})
        outcome = kerp_policy(
            "check", "--format", "html=out.html", cwd=disk, XDG_CACHE_HOME=str(cache)
        )
        assert (outcome.code, list(contents(disk))) == (COULD_NOT, ["Dockerfile"])
        assert outcome.err == "kerp-policy: out.html: No space left on device\n"
        assert kerp_policy("check", cwd=disk, XDG_CACHE_HOME=str(disk)).code == 1
        assert not drafts(contents(disk))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("how", ["kill", "full"])
@pytest.mark.parametrize("number", range(1, 5))
def test_a_cache_that_cannot_be_kept_changes_no_verdict(tmp_path, number, how):
    folder, cache = write(tmp_path / "project", {"Dockerfile": BAD}), tmp_path / "cache"
    expected = kerp_policy("check", "--format", "json", cwd=folder, XDG_CACHE_HOME=str(cache))
    other = tmp_path / "other"
    arguments = ["check", "--format", "json"]
    done = halted(folder, arguments, number, how, XDG_CACHE_HOME=str(other))
    if how == "full":
        assert (done.returncode, done.stdout.decode()) == (expected.code, expected.out)
        assert not drafts(contents(tmp_path))
    again = kerp_policy(*arguments, cwd=folder, XDG_CACHE_HOME=str(other))
    assert (again.code, again.out) == (expected.code, expected.out)


@pytest.mark.parametrize("bad", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"a": 1}', b"null"])
def test_a_cache_that_is_damaged_is_made_again(tmp_path, bad):
    folder, cache = write(tmp_path / "project", {"Dockerfile": BAD}), tmp_path / "cache"
    settings = {"XDG_CACHE_HOME": str(cache)}
    expected = kerp_policy("check", "--format", "json", cwd=folder, **settings)
    kept = [path for path in cache.rglob("*") if path.is_file()]
    assert kept
    for file in kept:
        file.write_bytes(bad)
    again = kerp_policy("check", "--format", "json", cwd=folder, **settings)
    assert (again.code, again.out) == (expected.code, expected.out)


def forged(cache):
    """What a cache holds, with every policy but one turned into what asks for nothing, signed."""
    [file] = cache.rglob("policies-*.json")
    data = json.loads(file.read_bytes().partition(b"\n")[2])
    lax = {
        path: {**one, "severity": "info"} if "each" in one else one for path, one in data.items()
    }
    text = json.dumps(lax).encode()
    file.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
    return file


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o755, 0o750, 0o700])
def test_a_cache_that_others_may_write_is_not_believed(tmp_path, mode):
    folder, cache = write(tmp_path / "project", {"Dockerfile": BAD}), tmp_path / "cache"
    arguments = ("check", "--select", "image-tls")
    kerp_policy(*arguments, cwd=folder, XDG_CACHE_HOME=str(cache))
    forged(cache).parent.chmod(mode)
    outcome = kerp_policy(*arguments, cwd=folder, XDG_CACHE_HOME=str(cache))
    assert outcome.code == (0 if mode == 0o700 else 1), "the forgery itself must work"
    assert kerp_policy(*arguments, cwd=folder, XDG_CACHE_HOME=str(cache)).code == outcome.code


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("whose", ["file", "folder"])
def test_a_cache_of_somebody_else_is_not_believed(tmp_path, whose):
    folder, cache = write(tmp_path / "project", {"Dockerfile": BAD}), tmp_path / "cache"
    arguments = ("check", "--select", "image-tls")
    kerp_policy(*arguments, cwd=folder, XDG_CACHE_HOME=str(cache))
    file = forged(cache)
    os.chown(file if whose == "file" else file.parent, 12345, 12345)
    assert kerp_policy(*arguments, cwd=folder, XDG_CACHE_HOME=str(cache)).code == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("command", ["baseline write", "init", "new profile ours"])
def test_a_folder_that_may_not_be_written(tmp_path, command):
    folder = begin(tmp_path / "project", command)
    folder.chmod(0o555)
    outcome = kerp_policy(*command.split(), cwd=folder)
    assert outcome.code == COULD_NOT
    assert "Permission denied" in outcome.err
    folder.chmod(0o755)


@pytest.mark.parametrize("end", ["os._exit(1)", "os.kill(os.getpid(), 9)", "raise MemoryError"])
@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_process_that_dies_changes_no_verdict(tmp_path, at, end):
    files = {f"{n}/Dockerfile": BAD for n in range(8)}
    folder = write(tmp_path, {**files, "a.yaml": API})
    program = DYING.format(at=at, end=end)
    arguments = ["check", "--no-cache", "--format", "json", "--processes"]
    alone = kerp_policy(*arguments, "1", cwd=folder)
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, *arguments, "4"],
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout.decode()) == (alone.code, alone.out), done.stderr
    assert done.stderr == b""


def test_a_run_that_is_stopped_waits_for_no_process(tmp_path):
    folder = write(tmp_path, {f"{n}/Dockerfile": BAD for n in range(8)})
    arguments = ["check", "--no-cache", "--processes", "3"]
    program = DYING.format(at=1, end="time.sleep(600)").replace("import os", "import time, os", 1)
    program = program.replace("        yield", "        OWNER\n        yield").replace(
        "OWNER", "if os.getpid() == owner: time.sleep(1); raise KeyboardInterrupt"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, *arguments],
        cwd=folder,
        capture_output=True,
        timeout=300,  # the processes would sleep twice as long
        check=False,
    )
    assert (done.returncode, done.stderr) == (COULD_NOT, b"kerp-policy: stopped\n")


def test_no_process_more_than_there_may_be(tmp_path):
    folder = write(tmp_path, {f"{n}/Dockerfile": BAD for n in range(4)})
    alone = kerp_policy("check", "--no-cache", "--processes", "1", cwd=folder)
    program = REFUSED + "main(['check', '--no-cache', '--processes', '4'])"
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], cwd=folder, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout.decode()) == (alone.code, alone.out), done.stderr


def test_copies_of_a_trusted_revision_are_gone_afterwards(tmp_path):
    repository = Repository(tmp_path / "repository")
    repository.commit({"Dockerfile": BAD, ".kerp-policy.yaml": "fail-on: error\n"})
    temporary = tmp_path / "temporary"
    for number in range(1, 12):
        temporary.mkdir(exist_ok=True)
        arguments = ["check", "--trust", "HEAD", "--format", "json"]
        done = halted(repository.folder, arguments, number, "full", TMPDIR=str(temporary))
        assert done.returncode in (1, COULD_NOT), done.stderr
        assert b"Traceback" not in done.stderr
        assert done.returncode == COULD_NOT or json.loads(done.stdout)["findings"]
        assert not list(temporary.glob("kerp-policy-*"))
