"""Which files there are: the project root, what git knows below it, what a PATH asks for.

The repository is not trusted: git only lists files, with everything off that could start a
program, and no symbolic link is followed out of the tree.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.sources.match import MAX_PATTERN, encodable
from kerp_policy.sources.plumbing import call
from kerp_policy.sources.read import MAX_BYTES, read_source
from kerp_policy.sources.source import Source

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    _Rules = tuple[tuple[Path, GitIgnoreSpec], ...]

CONFIG = ".kerp-policy.yaml"
PYPROJECT = "pyproject.toml"
TABLE = b"[tool.kerp-policy"

_LIST = ("ls-files", "-zt", "--cached", "--others", "--deleted", "--exclude-standard")
"""What git lists: each path after a letter, an `R` where the file is deleted, an `S` where a sparse
checkout leaves it out."""


def project_root(paths: Sequence[Path]) -> Path:
    """The folder of the configuration file above the paths, else of git, else their own.

    Raises:
        UsageError: a path does not exist.
    """
    above = folders_above(paths)
    return next((f for f in above if is_configured(f)), None) or next(
        (f for f in above if (f / ".git").exists()), above[0]
    )


def folders_above(paths: Sequence[Path]) -> list[Path]:
    """The nearest folder that all paths lie in, and those above it, up to the root of the disk.

    Raises:
        UsageError: a path does not exist.
    """
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise UsageError(_("{path}: no such file or folder").format(path=path))
    common = Path(os.path.commonpath([_folder(path) for path in paths]))
    return [common, *common.parents]


def repository_prefix(root: Path) -> str:
    """The way from the top of the git work tree down to the project root.

    It is empty where they are the same or no git is; else it ends with `/`. What reads a report
    on a server knows files by their path in the repository.
    """
    root = root.resolve()
    top = next((f for f in (root, *root.parents) if (f / ".git").exists()), root)
    return f"{root.relative_to(top).as_posix()}/" if top != root else ""


def _folder(path: Path) -> Path:
    absolute = path.parent.resolve() / path.name
    return absolute if absolute.is_dir() and not path.is_symlink() else absolute.parent


def is_configured(folder: Path) -> bool:
    """Whether a configuration of this program lies in the folder."""
    if (folder / CONFIG).is_file():
        return True
    project = folder / PYPROJECT
    try:
        if not project.is_file():
            return False
        with project.open("rb") as stream:
            return TABLE in stream.read(MAX_BYTES)
    except OSError:
        return False


def list_files(root: Path) -> list[str]:
    """Every file below the root, as sorted paths relative to it.

    In a git work tree these are the tracked files and the new ones that it does not ignore.
    """
    listed = _from_git(root)
    if listed is None:
        listed = _from_walk(root)
    return sorted(set(listed))


def less_excluded(listed: list[str], exclude: Sequence[str]) -> list[str]:
    """The paths less those that fit a pattern of `.gitignore`.

    Raises:
        UsageError: one is no such pattern.
    """
    if not exclude:
        return listed
    try:
        ignored = _patterns([pattern for line in exclude for pattern in _compiled(line)])
    except ValueError as error:
        message = _("exclude in the configuration: {why}")
        raise UsageError(message.format(why=error)) from None
    return [path for path in listed if not ignored.match_file(encodable(path))]


def _from_git(root: Path) -> list[str] | None:
    if not any((folder / ".git").exists() for folder in (root, *root.parents)):
        return None
    try:
        done = call(root, *_LIST)
    except OSError:
        return None
    if done.returncode:
        return None
    tagged = os.fsdecode(done.stdout).split("\0")[:-1]
    gone = {each[2:] for each in tagged if _is_gone(root, each)}
    return [path for each in tagged if (path := each[2:]) not in gone]


def _is_gone(root: Path, tagged: str) -> bool:
    """Git does not look for what a sparse checkout leaves out, and somebody may have made it."""
    return tagged[0] == "R" or (tagged[0] == "S" and not os.path.lexists(f"{root}/{tagged[2:]}"))


def _from_walk(root: Path) -> list[str]:
    """Walk without git, honouring the `.gitignore` files on the way; links are not followed."""
    found: list[str] = []
    todo: list[tuple[Path, _Rules]] = [(root, ())]
    while todo:
        folder, rules = todo.pop()
        rules = _with_own_rules(folder, rules)
        for entry in _entries(folder):
            path, is_folder = Path(entry.path), entry.is_dir(follow_symlinks=False)
            if entry.name == ".git" or _ignored(path, rules, is_folder=is_folder):
                continue
            if is_folder:
                todo.append((path, rules))
            else:
                found.append(path.relative_to(root).as_posix())
    return found


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder; raises UsageError where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        message = _("{file}: cannot be read: {why}")
        raise UsageError(message.format(file=folder, why=error.strerror)) from None


def _with_own_rules(folder: Path, rules: _Rules) -> _Rules:
    """The rules of a folder; as for git, a `.gitignore` that is a link has none."""
    ignore = read_source(folder, ".gitignore") if (folder / ".gitignore").is_file() else None
    if not isinstance(ignore, Source):
        return rules
    patterns = [one for line in ignore.text.splitlines() for one in _if_valid(line)]
    return (*rules, (folder, _patterns(patterns)))


def _if_valid(line: str) -> Sequence[GitIgnoreSpecPattern]:
    """The pattern of a line; git, too, passes over a wrong one."""
    try:
        return _compiled(line)
    except ValueError:
        return ()


def _ignored(path: Path, rules: _Rules, *, is_folder: bool) -> bool:
    """The nearest `.gitignore` that has a word to say about a path decides."""
    for folder, patterns in reversed(rules):
        name = path.relative_to(folder).as_posix() + ("/" if is_folder else "")
        answer = patterns.check_file(encodable(name)).include
        if answer is not None:
            return answer
    return False


def _patterns(compiled: Sequence[GitIgnoreSpecPattern]) -> GitIgnoreSpec:
    """Patterns of `.gitignore` on RE2: Python's own engine may take years for a few `*`."""
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec(compiled, backend="re2")


def _compiled(line: str) -> Sequence[GitIgnoreSpecPattern]:
    """The pattern of a line of `.gitignore`, if it has one; raises ValueError for a wrong one."""
    import re2
    from pathspec import GitIgnoreSpec

    if len(line) > MAX_PATTERN:
        message = _("{start!r}… has {length:,} characters; expected at most {most:,}")
        raise ValueError(message.format(start=line[:40], length=len(line), most=MAX_PATTERN))
    try:
        with warnings.catch_warnings(action="ignore"):
            return list(GitIgnoreSpec.from_lines([line], backend="re2").patterns)
    except (ValueError, re.error, re2.error):
        raise ValueError(_("{line!r} is no pattern of .gitignore").format(line=line)) from None


def asked_for(root: Path, listed: Sequence[str], paths: Sequence[Path]) -> set[str]:
    """The files to report on: those below a folder that was named, and every file that was.

    A file that was named counts although git ignores it. A link to a folder stands for the folder.

    Raises:
        UsageError: one leads out of the project.
    """
    wanted: set[str] = set()
    for path in paths:
        if path.is_dir():
            folder = _below(root, path)
            below = "" if folder == "." else f"{folder}/"
            wanted.update(file for file in listed if file.startswith(below))
        else:
            file = path.parent.resolve() / path.name
            wanted.add(file.relative_to(root.resolve()).as_posix())
    return wanted


def _below(root: Path, folder: Path) -> str:
    """The way from the root to a folder, wherever a link leads to it."""
    try:
        return folder.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        message = _("{file}: is a symbolic link out of the project; it is not followed")
        raise UsageError(message.format(file=folder)) from None
