"""Where files come from: the folder as it lies there, what is staged, or what was committed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from threading import Thread
from typing import TYPE_CHECKING, Protocol, TypeVar

from msgspec import Struct

from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.sources.discover import less_excluded, list_files
from kerp_policy.sources.read import IRREGULAR, NOWHERE, OUTSIDE, is_read_at, read_source, too_large
from kerp_policy.sources.source import Problem, Source

if TYPE_CHECKING:
    from kerp_policy.sources.git import Entries, Git

T = TypeVar("T")

_FILES = ("100644", "100755")
_LINK = "120000"
_SUBMODULE = "160000"
_MAX_STEPS = 1000
"""Folders and links on the way of a link; more is a circle."""
_MAX_LINK = 4096
"""Bytes of a link's target; no system takes a longer path."""


class Tree(Protocol):
    """The files of a project at one end of its history."""

    @property
    def root(self) -> Path:
        """The project root, which all paths are relative to."""
        ...

    @property
    def exclude(self) -> Sequence[str]:
        """What is left out, as patterns of `.gitignore`."""
        ...

    def files(self) -> list[str]:
        """Every file, less the excluded ones, sorted."""
        ...

    def read(self, path: str) -> Source | Problem | None:
        """A file; a problem of the policy `unreadable`; None for what is read elsewhere."""
        ...


class WorkingTree(Struct, frozen=True, eq=False):
    """The folder as it lies there, new files included; each file is read once."""

    root: Path
    exclude: Sequence[str] = ()
    _inside: set[str] = set()
    _read: dict[str, Source | Problem | None] = {}
    _ahead: list[Thread] = []
    _listed: list[list[str] | UsageError] = []

    def list_ahead(self) -> None:
        """Begin to list the files, while this thread waits for git or the disk."""
        self._ahead.append(Thread(target=self._list))
        self._ahead[-1].start()

    def files(self) -> list[str]:
        """Every file that git knows or does not ignore."""
        while self._ahead:
            self._ahead.pop().join()
        listed = self._listed.pop() if self._listed else list_files(self.root)
        if isinstance(listed, UsageError):
            raise listed
        return less_excluded(listed, self.exclude)

    def _list(self) -> None:
        try:
            self._listed.append(list_files(self.root))
        except UsageError as error:  # which is raised where somebody waits for the answer
            self._listed.append(error)

    def read(self, path: str) -> Source | Problem | None:
        """Read a file from the disk."""
        if path not in self._read:
            self._read[path] = read_source(self.root, path, self._inside)
        return self._read[path]


class GitTree(Struct, frozen=True, dict=True):
    """What git holds: the index or a commit. No filter runs, nothing is checked out.

    Git is not asked for a content that lies in the folder, too: that takes far longer.
    """

    root: Path
    git: Git
    entries: Entries
    exclude: Sequence[str] = ()
    folder: WorkingTree | None = None

    def files(self) -> list[str]:
        """Every path, submodules and links included."""
        return less_excluded(sorted(self.entries), self.exclude)

    def read(self, path: str) -> Source | Problem | None:
        """Read a content, unless it is too large; None for a path that git does not hold.

        Raises:
            UsageError: this clone does not hold the content.
        """
        entry = self.entries.get(path)
        if entry is None:
            return None
        if entry.mode == _LINK:
            return self._linked(path)
        if entry.mode not in _FILES:
            return IRREGULAR
        lying = self.folder.read(path) if self.folder else None
        if isinstance(lying, Source) and lying.blob == entry.oid:
            return lying
        size = self._size(path)
        return too_large(size) or Source(path, self.git.content(entry.oid))

    def _size(self, path: str) -> int:
        size = self.git.size(self.entries[path].oid)
        if size is None:
            message = _(
                "{path!r}: its content is not in this clone, which may be partial (--filter)"
            )
            raise UsageError(message.format(path=path))
        return size

    def _linked(self, path: str) -> Source | Problem | None:
        """As in the folder: a link is read at its target if that lies in the project."""
        here, todo = list[str](), path.split("/")[::-1]
        for _step in range(_MAX_STEPS):
            if not todo:
                return self._at_link(path, "/".join(here))
            step = todo.pop()
            if step == ".." and not here:
                return OUTSIDE
            if step == "..":
                here.pop()
            elif step not in ("", "."):
                here.append(step)
                target = self._links.get("/".join(here))
                if target is None and not self._holds("/".join(here)):
                    return NOWHERE
                if target is not None and target.startswith("/"):
                    return OUTSIDE
                if target is not None:
                    here.pop()
                    todo += target.split("/")[::-1]
        return NOWHERE

    def _at_link(self, path: str, target: str) -> Source | Problem | None:
        """What a link leads to, if only the link has the name of an artifact."""
        if is_read_at(target, path) or self._mode(target) not in _FILES:
            return None
        read = self.read(target)
        return Source(path, read.data) if isinstance(read, Source) else read

    def _holds(self, path: str) -> bool:
        above = [str(folder) for folder in PurePosixPath(path).parents]
        in_submodule = any(self._mode(folder) == _SUBMODULE for folder in above)
        return path in self.entries or path in self._folders or in_submodule

    def _mode(self, path: str) -> str:
        return self.entries[path].mode if path in self.entries else ""

    @cached_property
    def _links(self) -> dict[str, str]:
        """From each link to its target; one that no system would follow leads to `/`."""
        links = [path for path, entry in self.entries.items() if entry.mode == _LINK]
        return {path: self._link(path) if self._size(path) <= _MAX_LINK else "/" for path in links}

    def _link(self, path: str) -> str:
        return os.fsdecode(self.git.content(self.entries[path].oid)) or "/"

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(
            str(above) for path in self.entries for above in PurePosixPath(path).parents
        )


class Files(Mapping[str, T]):
    """Files of a tree by path, or what is asked of each; one is read when it is asked for."""

    def __init__(self, tree: Tree, paths: Iterable[str], of: Callable[[Source], T]) -> None:
        """Keep what to read, and what to ask of it; nothing is read yet."""
        self._tree = tree
        self._paths = frozenset(paths)
        self._of = of

    def __getitem__(self, path: str) -> T:
        source = self._tree.read(path) if path in self._paths else None
        if not isinstance(source, Source):
            raise KeyError(path)
        return self._of(source)

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._paths))

    def __len__(self) -> int:
        return len(self._paths)
