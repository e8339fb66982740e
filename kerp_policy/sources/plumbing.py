"""Running git: with everything off that could start a program of the repository, or fetch.

The repository is not trusted. Monitors, hooks, filters, replaced objects and fetching what a
partial clone lacks are off. None of it is run, so it may be anybody's, as a repository mounted into
a container is; and git itself is sought where no repository lies.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from errno import ENOENT
from pathlib import Path

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
    """Run git in a folder and take what it prints; raises OSError where there is no git."""
    return run(arguments, root, environment_of(root))


def run(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, in an environment of that folder; raises OSError likewise."""
    return subprocess.run(
        command(*arguments), cwd=folder, env=environment, capture_output=True, check=False
    )


def command(*arguments: str) -> list[str]:
    """The words to run git with; raises OSError likewise."""
    return [_program(), *_OPTIONS, *arguments]


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
