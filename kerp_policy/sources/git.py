"""Asking git what it holds, by its plumbing: nothing that would show a difference or a log."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.sources.batch import Batch
from kerp_policy.sources.plumbing import environment_of, run


class Entry(Struct, frozen=True):
    """What git holds under a path: its mode (six octal digits) and the name of its content."""

    mode: str
    oid: str


Entries = Mapping[str, Entry]
"""By path, relative to the project root."""


class Git:
    """The repository of a project, for reading what is staged or was committed.

    To be used in a `with` block, at whose end git's processes end.

    Args:
        root: the project root; it may lie below `top`, the top of the work tree.

    Raises:
        UsageError: there is no git, or the root is in no work tree of it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._readers: dict[str, Batch] = {}
        self.top = Path(self._ask("rev-parse", "--show-toplevel").removesuffix("\n")).resolve()
        self._below = root.resolve().relative_to(self.top).as_posix()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for reader in self._readers.values():
            reader.end()
        self._readers.clear()

    def index(self) -> Entries:
        """What is staged, by the index in effect.

        Raises:
            UsageError: there are conflicts that nobody has resolved.
        """
        entries = {}
        for line in self._ask("ls-files", "--stage", "-z", "--full-name").split("\0")[:-1]:
            about, _tab, path = line.partition("\t")
            mode, oid, stage = about.split(" ")
            if stage != "0":
                message = _("{path!r} has a conflict; resolve it and `git add` it first")
                raise UsageError(message.format(path=path))
            entries[path] = Entry(mode, oid)
        return self._in_project(entries)

    def head(self) -> Entries:
        """What the last commit holds; nothing before the first one."""
        commit = self.commit("HEAD")
        return self._tree(commit) if commit else {}

    def revision(self, ref: str) -> Entries:
        """What a revision holds.

        Raises:
            UsageError: this clone has no such commit.
        """
        commit = self.commit(ref)
        if commit is None:
            message = _("git knows no commit {ref!r} here{hint}")
            raise UsageError(message.format(ref=ref, hint=self._why_missing()))
        return self._tree(commit)

    def blame(self, path: str) -> str:
        """Who wrote each line of a file of the last commit, as `git blame --porcelain` tells.

        Nothing where the last commit has no such file. Of the file in the folder git must not be
        asked: that runs the repository's filters.
        """
        asked = ("blame", "--porcelain", "--no-textconv", "HEAD", "--", path)
        return os.fsdecode(run(asked, self._root, self._environment).stdout)

    def size(self, oid: str) -> int | None:
        """How many bytes a content has, or None if this clone does not hold it."""
        return self._request("--batch-check", oid)

    def content(self, oid: str) -> bytes:
        """A content, whole, as it was committed; whoever asks has asked for its size.

        Raises:
            UsageError: the repository is damaged.
        """
        size = self._request("--batch", oid) or 0
        data = self._reader("--batch").take(size + 1)
        if len(data) != size + 1:
            message = _("git cannot read its object {oid}; `git fsck` tells more")
            raise UsageError(message.format(oid=oid))
        return data[:-1]

    def _request(self, how: str, oid: str) -> int | None:
        answer = self._reader(how).ask(oid)
        return int(answer[2]) if answer[1:2] == [b"blob"] else None

    def _reader(self, how: str) -> Batch:
        if how not in self._readers:
            self._readers[how] = Batch(how, self._root, self._environment)
        return self._readers[how]

    def commit(self, ref: str) -> str | None:
        """The commit that a revision names, in full, or None if this clone has none such."""
        if ref.startswith("-"):  # no name of a revision, and an option to git
            return None
        asked = ("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        done = run(asked, self._root, self._environment)
        return None if done.returncode else done.stdout.decode().strip()

    def _tree(self, commit: str) -> Entries:
        entries = {}
        for line in self._ask("ls-tree", "-r", "-z", "--full-tree", commit).split("\0")[:-1]:
            about, _tab, path = line.partition("\t")
            mode, _type, oid = about.split(" ")
            entries[path] = Entry(mode, oid)
        return self._in_project(entries)

    def _in_project(self, entries: Entries) -> Entries:
        if self._below == ".":
            return entries
        start = f"{self._below}/"
        return {p.removeprefix(start): e for p, e in entries.items() if p.startswith(start)}

    def _why_missing(self) -> str:
        shallow = self._ask("rev-parse", "--is-shallow-repository").strip() == "true"
        more = _(
            "; the clone is shallow, fetch more of the history (actions/checkout: fetch-depth: 0)"
        )
        return more if shallow else ""

    @cached_property
    def _environment(self) -> dict[str, str]:
        return environment_of(self._root)

    def _ask(self, *arguments: str) -> str:
        try:
            done = run(arguments, self._root, self._environment)
        except OSError as error:
            message = _("git cannot be run: {why}").format(why=error.strerror)
            raise UsageError(message) from None
        if done.returncode:
            said = " ".join(done.stderr.decode("utf-8", "replace").split())
            message = _("{folder}: git says: {said}")
            raise UsageError(message.format(folder=self._root, said=said or _("nothing")))
        return os.fsdecode(done.stdout)
