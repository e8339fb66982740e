"""What git waits for may never come: it is ended, with all that it started, and that is told."""

import os
import subprocess
import sys
import threading
import time

import pytest

from cli import write
from harness import ROOT
from kerp_policy.changes import ends
from kerp_policy.errors import UsageError
from kerp_policy.sources import plumbing
from kerp_policy.sources.discover import list_files
from kerp_policy.sources.git import Git
from kerp_policy.sources.history import written_on
from repository import GOOD, Repository

SOON = 0.3
BOUNDED = """
import sys
from kerp_policy.sources import plumbing
plumbing.PATIENCE = float(sys.argv.pop(1))
from kerp_policy.cli import main
main()
"""
WHEREVER = (
    ".git/HEAD", ".git/index", ".git/config", ".git/commondir", ".git/info/exclude",
    ".gitignore", "deploy/.gitignore",
)  # fmt: skip
WITH_HISTORY = (".git/packed-refs", ".git/refs/heads/main", ".git/objects/info/alternates")


@pytest.fixture(name="repository")
def _repository(tmp_path):
    repository = Repository(tmp_path / "repository")
    repository.commit({"Dockerfile": GOOD, "deploy/Dockerfile": GOOD})
    return repository


@pytest.fixture(name="started", autouse=True)
def _started(monkeypatch):
    """Every process that was started; none may be left at the end."""
    started = []
    start = plumbing.start

    def noting(*arguments, **options):
        started.append(start(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(plumbing, "start", noting)
    yield started
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    assert all(git.returncode is not None for git in started)


def pipe(repository, path):
    """A pipe that nobody writes to, in the place of a file."""
    place = repository.folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    os.mkfifo(place)


def soon(happened):
    """Whether something happens in another thread, within a time that a busy machine keeps, too."""
    last = time.monotonic() + 60
    while not happened() and time.monotonic() < last:
        time.sleep(0.01)
    return happened()


def check(repository, *options):
    """Run the command with a short patience."""
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED, str(SOON), "check", "--no-cache", *options],
        cwd=repository.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stderr


def said(repository, verb):
    return f"kerp-policy: {repository.folder}: git {verb} gave no answer for {SOON} s and was ended"


@pytest.mark.parametrize("place", WHEREVER)
def test_a_pipe_in_the_place_of_a_file_of_git_does_not_hang_a_run(repository, place):
    pipe(repository, place)
    code, told = check(repository)
    assert code == 2
    assert told.startswith(said(repository, "ls-files"))


@pytest.mark.parametrize("option", ["--staged", "--changed-since=main", "--trust=main"])
@pytest.mark.parametrize("place", WITH_HISTORY)
def test_nor_does_one_in_the_history(repository, place, option):
    pipe(repository, place)
    code, told = check(repository, option)
    assert code == 2
    assert told.startswith(said(repository, "rev-parse"))


def loose(repository, oid):
    return f".git/objects/{oid[:2]}/{oid[2:]}"


def test_a_content_that_never_comes_is_told(repository, monkeypatch):
    monkeypatch.setattr(plumbing, "PATIENCE", SOON)
    entry = Git(repository.folder).head()["Dockerfile"]
    pipe(repository, loose(repository, entry.oid))
    with Git(repository.folder) as git, pytest.raises(UsageError, match="git cat-file gave no"):
        git.size(entry.oid)


def test_a_content_that_stops_halfway_is_told(repository, monkeypatch, tmp_path):
    monkeypatch.setattr(plumbing, "PATIENCE", SOON)
    answer = write(tmp_path / "bin", {"git": "#!/bin/sh\necho 0 blob 9\nprintf half\nsleep 600\n"})
    (answer / "git").chmod(0o755)
    with Git(repository.folder) as git:
        monkeypatch.setenv("PATH", f"{answer}:{os.environ['PATH']}")
        with pytest.raises(UsageError, match="git cat-file gave no answer"):
            git.content("0" * 40)


def test_what_git_has_started_ends_with_it(repository, monkeypatch, tmp_path):
    """The child holds the other end of the pipe open as long as it runs."""
    monkeypatch.setattr(plumbing, "PATIENCE", SOON)
    os.mkfifo(tmp_path / "held")
    held = os.open(tmp_path / "held", os.O_RDONLY | os.O_NONBLOCK)
    text = f"#!/bin/sh\nsleep 600 >{tmp_path}/held &\nsleep 600\n"
    write(tmp_path / "bin", {"git": text})
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    with pytest.raises(UsageError, match="git ls-files gave no answer"):
        list_files(repository.folder)
    os.set_blocking(held, True)
    assert os.read(held, 1) == b""
    os.close(held)


def test_who_wrote_a_line_is_not_passed_over(repository, monkeypatch):
    monkeypatch.setattr(plumbing, "PATIENCE", SOON)
    with Git(repository.folder) as git:
        pipe(repository, ".git/HEAD")
        with pytest.raises(UsageError, match="git blame gave no answer"):
            written_on(git, repository.folder, "Dockerfile", 1)


def test_an_interruption_leaves_no_git_behind(repository, started):
    pipe(repository, ".gitignore")  # files are listed by another thread
    with pytest.raises(KeyboardInterrupt), ends(repository.folder, ()):
        assert soon(lambda: any("ls-files" in git.args for git in started))
        raise KeyboardInterrupt


def test_a_slow_answer_is_waited_for(repository, monkeypatch, tmp_path):
    slow = f'#!/bin/sh\nsleep 0.5\nexec {plumbing._program()} "$@"\n'
    write(tmp_path / "bin", {"git": slow})
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    assert list_files(repository.folder) == ["Dockerfile", "deploy/Dockerfile"]


def test_how_long_is_documented():
    assert f"{plumbing.PATIENCE} seconds" in (ROOT / "docs/limits.md").read_text("utf-8")
