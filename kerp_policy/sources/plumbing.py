"""Running git: with everything off that could start a program of the repository, or fetch.

The repository is not trusted. Monitors, hooks, filters, replaced objects and fetching what a
partial clone lacks are off. None of it is run, so it may be anybody's, as a repository mounted into
a container is; and git itself is sought where no repository lies.

Nor is git waited for without end: where a pipe lies in the place of a file, it waits itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from errno import ENOENT
from pathlib import Path

from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _

PATIENCE = 120
"""Seconds that git may take for one answer; a disk may be slow, and a history long."""

_OPTIONS = (
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "safe.directory=*"),
)
_SETTINGS = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    # A git that knows no GIT_NO_LAZY_FETCH fetches all the same, but by no protocol.
    "GIT_ALLOW_PROTOCOL": "",
    "LC_ALL": "C",
}
_WHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")


def call(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder and take what it prints, as `run` does."""
    return run(arguments, root, environment_of(root))


def run(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, in an environment of that folder.

    Raises:
        OSError: there is no git.
        UsageError: it gives no answer.
    """
    git = start(arguments, folder, environment, stderr=subprocess.PIPE)
    _asked.add(git)
    try:
        out, err = git.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise no_answer(arguments[0], folder) from None
    finally:
        _asked.discard(git)
        if git.returncode is None:
            end(git)
    return subprocess.CompletedProcess(git.args, git.returncode, out, err)


_asked = set[subprocess.Popen[bytes]]()


@contextmanager
def asking() -> Iterator[None]:
    """Where another thread asks git: what that has no answer to at the end is ended."""
    try:
        yield
    finally:
        for git in [*_asked]:
            _kill(git)


def start(
    arguments: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    stdin: int = subprocess.DEVNULL,
    stderr: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start git in a group of its own, which whoever started it ends; raises OSError likewise."""
    return subprocess.Popen(
        [_program(), *_OPTIONS, *arguments],
        bufsize=0,
        cwd=folder,
        env=environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        process_group=0,
    )


def end(git: subprocess.Popen[bytes]) -> None:
    """End git with all that it has started, whatever it waits for."""
    _kill(git)
    with suppress(subprocess.TimeoutExpired):  # a disk that does not answer holds even the killed
        git.wait(timeout=1)
    for stream in (git.stdin, git.stdout, git.stderr):
        if stream:
            stream.close()


def _kill(git: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(git.pid, signal.SIGKILL)


def no_answer(verb: str, folder: Path) -> UsageError:
    """What to tell of a question that git does not answer."""
    message = _(
        "{folder}: git {verb} gave no answer for {seconds} s and was ended; "
        "is there a pipe in .git, one named .gitignore, or a disk that does not answer?"
    )
    return UsageError(message.format(folder=folder, verb=verb, seconds=PATIENCE))


def _program() -> str:
    """Where git is, by the absolute folders of PATH: a relative one is the repository's own.

    Raises:
        FileNotFoundError: in none of them.
    """
    for folder in map(Path, os.get_exec_path()):
        program = folder / "git"
        if folder.is_absolute() and program.is_file() and os.access(program, os.X_OK):
            return str(program)
    raise FileNotFoundError(ENOENT, os.strerror(ENOENT), "git")


def environment_of(root: Path) -> dict[str, str]:
    """The environment to run git with in a folder of a work tree.

    Git tells a hook its repository and, during `git commit -a`, an index of its own. That holds
    for folders of this work tree alone. A relative index counts from the top of the work tree, a
    relative repository from where the program was started.
    """
    inherited = {**os.environ, **_SETTINGS}
    if not any(name in inherited for name in _WHERE):
        return inherited
    bare = {name: value for name, value in inherited.items() if name not in _WHERE}
    top = _top_of_hook(inherited)
    if top is None or not _is_part_of(root.resolve(), top):
        return bare
    places = {}
    if index := os.environ.get("GIT_INDEX_FILE"):
        places["GIT_INDEX_FILE"] = str(top / index)
    if folder := os.environ.get("GIT_DIR"):
        places |= {"GIT_DIR": str(Path(folder).absolute()), "GIT_WORK_TREE": str(top)}
    return {**bare, **places}


def _top_of_hook(inherited: Mapping[str, str]) -> Path | None:
    done = run(("rev-parse", "--show-toplevel"), Path(), inherited)
    return None if done.returncode else Path(os.fsdecode(done.stdout).removesuffix("\n"))


def _is_part_of(root: Path, top: Path) -> bool:
    """Whether a folder belongs to a work tree, and not to another one that is nested in it."""
    if not root.is_relative_to(top):
        return False
    between = (folder for folder in (root, *root.parents) if top in folder.parents)
    return not any((folder / ".git").exists() for folder in between)
