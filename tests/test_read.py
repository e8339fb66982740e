"""Reading a file whole, whatever becomes of it meanwhile."""

import os
from pathlib import Path

import pytest

from cli import write
from kerp_policy.sources import read
from kerp_policy.sources.read import read_source
from kerp_policy.sources.source import Problem, Source

TEXT = b"kind: Pod\n" * 100


class State:
    """What the system says of a file, but for its size."""

    def __init__(self, state, size):
        self.st_mode, self.st_size = state.st_mode, size


@pytest.fixture
def sized(monkeypatch):
    """Let files have had another size when that was asked."""
    lstat = os.lstat

    def say(size):
        monkeypatch.setattr(read.os, "lstat", lambda path: State(lstat(path), size))

    return say


@pytest.mark.parametrize("size", [0, 1, len(TEXT) - 1, len(TEXT), len(TEXT) + 1, 5000])
def test_a_file_that_grows_or_shrinks_is_read_whole(size, sized, tmp_path):
    write(tmp_path, {"a.yaml": TEXT})
    sized(size)
    assert read_source(tmp_path, "a.yaml") == Source("a.yaml", TEXT)


def test_a_pipe_that_comes_after_a_file_was_seen_is_not_waited_for(sized, monkeypatch, tmp_path):
    os.mkfifo(tmp_path / "a.yaml")
    regular = os.lstat(write(tmp_path, {"b.yaml": TEXT}) / "b.yaml")
    monkeypatch.setattr(read.os, "lstat", lambda path: State(regular, len(TEXT)))
    problem = read_source(tmp_path, "a.yaml")
    assert isinstance(problem, Problem)
    assert problem.message == "cannot be read: it is no regular file any more"


def test_a_link_that_comes_after_a_file_was_seen_is_not_followed(monkeypatch, tmp_path):
    write(tmp_path, {"project/b.yaml": TEXT, "outside": "hidden"})
    (tmp_path / "project/a.yaml").symlink_to(tmp_path / "outside")
    regular = os.lstat(tmp_path / "project/b.yaml")
    monkeypatch.setattr(read.os, "lstat", lambda path: State(regular, len(TEXT)))
    problem = read_source(tmp_path / "project", "a.yaml")
    assert isinstance(problem, Problem)
    assert problem.message.startswith("cannot be read: ")


@pytest.mark.parametrize("folder", ["", "sub/"])
def test_what_git_keeps_is_not_read_through_a_link(folder, tmp_path):
    write(tmp_path, {f"{folder}.git/config": "password: hidden"})
    (tmp_path / "a.yaml").symlink_to(f"{folder}.git/config")
    problem = read_source(tmp_path, "a.yaml")
    assert isinstance(problem, Problem)
    assert problem.message == "is a symbolic link out of the project; it is not followed"


def test_what_a_read_does_not_bring_the_next_one_does(monkeypatch, tmp_path):
    write(tmp_path, {"a.yaml": TEXT})
    whole = os.read
    monkeypatch.setattr(read.os, "read", lambda file, size: whole(file, min(size, 7)))
    assert read_source(tmp_path, "a.yaml") == Source("a.yaml", TEXT)


def test_a_file_that_grows_for_ever_is_too_large(monkeypatch, tmp_path):
    write(tmp_path, {"a.yaml": TEXT})
    monkeypatch.setattr(read.os, "read", lambda _file, size: b"x" * min(size, 2**20))
    problem = read_source(tmp_path, "a.yaml")
    assert isinstance(problem, Problem)
    assert problem.message == "has 10 MiB; files over 10 MiB are not read"


OPEN = Path("/proc/self/fd")


@pytest.mark.skipif(not OPEN.is_dir(), reason="no /proc lists the files that are open")
def test_every_file_is_closed(tmp_path):
    write(tmp_path, {"a.yaml": TEXT})
    before = len(list(OPEN.iterdir()))
    for _ in range(20):
        read_source(tmp_path, "a.yaml")
    assert len(list(OPEN.iterdir())) == before
