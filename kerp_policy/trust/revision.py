"""The configuration, policies and baseline of a revision, as copies."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.baseline.model import FILE as BASELINE
from kerp_policy.config import Config, load_config, settings, written
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.sources.discover import CONFIG, PYPROJECT, TABLE, folders_above
from kerp_policy.sources.git import Git
from kerp_policy.sources.source import Problem, Source
from kerp_policy.sources.tree import GitTree, Tree


class Trusted(Struct, frozen=True):
    """What a revision holds that a change is judged by.

    Attributes:
        ref: the revision, as it was asked for.
        root: the project root, as the revision has it.
        config: its configuration, whose policies lie among the copies.
        folder: where the copies lie.
        tree: its files, less what it excludes itself.
    """

    ref: str
    root: Path
    config: Config
    folder: Path
    tree: GitTree


@contextmanager
def trusted(paths: Sequence[Path], ref: str) -> Iterator[Trusted]:
    """Open a revision that is trusted. The copies are gone at the end of the block.

    Args:
        paths: what is to be judged; the project root is sought above it.
        ref: the revision.

    Raises:
        UsageError: a path does not exist, there is no git or no such revision, or what it holds is
            not valid; the message names the revision and the file.
    """
    root = _root(folders_above(paths), ref)
    with Git(root) as git, _copies(f"{ref}:") as folder:
        tree = GitTree(root, git, git.revision(ref))
        copy_standard(tree, folder)
        config = load_config(folder)
        yield Trusted(ref, root, config, folder, replace(tree, exclude=config.exclude))


@contextmanager
def copied(tree: Tree) -> Iterator[Path]:
    """A folder with the configuration of a project, its baseline and the policies that it names.

    Raises:
        UsageError: a file cannot be copied; mistakes in the copies are told by their own paths.
    """
    with _copies("") as folder:
        copy_standard(tree, folder)
        yield folder


@contextmanager
def _copies(name: str) -> Iterator[Path]:
    """A folder for copies, which goes by another name in whatever is told of them."""
    with TemporaryDirectory(prefix="kerp-policy-") as made:
        folder = Path(made).resolve()
        try:
            yield folder
        except UsageError as error:
            raise UsageError(str(error).replace(f"{folder}/", name)) from None


def copy_standard(tree: Tree, folder: Path) -> None:
    """Copy the configuration, the baseline and all that lies where policies are read.

    Links are not followed: what they lead to need not belong to the revision.

    Raises:
        UsageError: a file is a link, or cannot be read, or the configuration is not valid.
    """
    listed = tree.files()
    configured = [name for name in (CONFIG, PYPROJECT) if name in listed]
    for name in (*configured[:1], *[name for name in listed if name == BASELINE]):
        _copy(tree, name, folder)
    found = written(folder)
    for path in policy_files(settings(found).get("policies", ()) if found else (), listed):
        _copy(tree, path, folder)


def policy_files(names: Sequence[str], listed: Sequence[str]) -> list[str]:
    """The files in folders of policies, one folder deep: what is read there, or refused.

    A link that bears the name of such a folder is among them.
    """
    folders = [posixpath.normpath(name) for name in names]
    return [path for path in listed if any(_lies_in(path, folder) for folder in folders)]


def _lies_in(path: str, folder: str) -> bool:
    start = "" if folder == "." else f"{folder}/"
    rest = path.removeprefix(start)
    is_below = path.startswith(start) and rest.count("/") <= 1 and ".." not in rest.split("/")
    return path == folder or (is_below and rest.endswith((".yaml", ".yml")))


def _copy(tree: Tree, path: str, folder: Path) -> None:
    source = tree.read(path)
    if not isinstance(source, Source):
        why = source.message if isinstance(source, Problem) else _("is a symbolic link")
        message = _("{file}: {why}; with --trust it has to be a file")
        raise UsageError(message.format(file=folder / path, why=why))
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(source.data)


def _root(above: Sequence[Path], ref: str) -> Path:
    """The nearest of the folders that the revision configures, else the top of the repository."""
    with Git(above[0]) as git:
        top = git.top
    with Git(top) as git:
        tree = GitTree(top, git, git.revision(ref))
        inside = [folder for folder in above if folder.is_relative_to(top)]
        return next((folder for folder in inside if _is_configured(tree, folder)), top)


def _is_configured(tree: GitTree, folder: Path) -> bool:
    below = folder.relative_to(tree.root)
    if (below / CONFIG).as_posix() in tree.entries:
        return True
    source = tree.read((below / PYPROJECT).as_posix())
    return isinstance(source, Source) and TABLE in source.data
