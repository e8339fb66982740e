"""What is applied together: one `kubectl apply`, one kustomization, else one file."""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from kerp_policy.artifacts.kustomize import of_folder
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.pipelines import Apply
from kerp_policy.findings import Place

_MANIFESTS = (".yaml", ".yml", ".json")  # what `kubectl apply -f DIR` reads (its manual)
MAX_APPLIED = 2_000_000
"""Files that different commands apply, counted for each: more only a hostile project has."""
_GLOB = frozenset("*?[")


class Unit(Struct, frozen=True):
    """Files that are applied together.

    Attributes:
        name: the folder, the kustomization or the file.
        files: the files.
        applied: where the command that applies them stands, with its file; None where none does.
    """

    name: str
    files: frozenset[str]
    applied: tuple[str, Place] | None = None


class Units:
    """The units of an estate; a file may be in several."""

    def __init__(self, estate: Estate) -> None:
        """Find them."""
        self._kustomize = estate.kustomize
        self._sorted = estate.listed
        self._files = estate.files
        self._applied: dict[tuple[tuple[str, ...], bool, bool], tuple[str, ...]] = {}
        self._count = 0
        self.all: list[Unit] = list(self._units(estate))
        self._of: dict[str, list[Unit]] = {}
        for unit in self.all:
            for file in unit.files:
                self._of.setdefault(file, []).append(unit)

    def of(self, file: str) -> Sequence[Unit]:
        """The units that a file is in: at least the one that it makes by itself."""
        return self._of.get(file) or [Unit(file, frozenset({file}))]

    def applied(self, apply: Apply) -> Sequence[str]:
        """The files that a command applies, in its order: folders are gone through by name."""
        key = apply.what
        if key not in self._applied:
            found = (file for path in apply.paths for file in self._below(apply, path))
            self._applied[key] = tuple(dict.fromkeys(found))
            self._count += len(self._applied[key])
            if self._count > MAX_APPLIED:
                raise OverflowError(f"more than {MAX_APPLIED:,} files are applied")
        return self._applied[key]

    def _units(self, estate: Estate) -> Iterator[Unit]:
        for apply in {apply.what: apply for apply in reversed(estate.all(Apply))}.values():
            if files := frozenset(self.applied(apply)):
                yield Unit(" ".join(apply.paths), files, (apply.file, apply.place))
        for kustomization, taken in self._kustomize.files.items():
            yield Unit(kustomization, taken)

    def _below(self, apply: Apply, path: str) -> Iterator[str]:
        if apply.kustomize:
            for file in of_folder(path):
                yield from sorted(self._kustomize.files.get(file, ()))
        elif path in self._files:
            yield path
        elif _GLOB.intersection(path):
            inside = self._in_folder(posixpath.dirname(path), recursive=False)
            yield from (file for file in inside if fnmatchcase(file, path))
        else:
            yield from self._in_folder(path, recursive=apply.recursive)

    def _in_folder(self, folder: str, *, recursive: bool) -> Iterator[str]:
        below = f"{folder}/" if folder else ""
        at = bisect_left(self._sorted, below)
        while at < len(self._sorted) and self._sorted[at].startswith(below):
            file = self._sorted[at]
            if file.endswith(_MANIFESTS) and (recursive or "/" not in file[len(below) :]):
                yield file
            at += 1
