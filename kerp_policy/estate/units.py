"""What is applied together: one `kubectl apply`, one kustomization, else one file."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kerp_policy.estate.pipelines import Apply
from kerp_policy.findings import Place

if TYPE_CHECKING:
    from kerp_policy.estate.estate import Estate

_MANIFESTS = (".yaml", ".yml", ".json")  # what `kubectl apply -f DIR` reads (its manual)


class Unit(NamedTuple):
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
        self.all: list[Unit] = list(_units(estate))
        self._of: dict[str, list[Unit]] = {}
        for unit in self.all:
            for file in unit.files:
                self._of.setdefault(file, []).append(unit)

    def of(self, file: str) -> Sequence[Unit]:
        """The units that a file is in: at least the one that it makes by itself."""
        return self._of.get(file) or [Unit(file, frozenset({file}))]


def _units(estate: Estate) -> Iterator[Unit]:
    folders: dict[str, list[str]] = {}
    for file in estate.files:
        folders.setdefault(posixpath.dirname(file), []).append(file)
    for apply in estate.all(Apply):
        files = frozenset(_applied(estate, folders, apply))
        if files:
            yield Unit(" ".join(apply.paths), files, (apply.file, apply.place))
    for kustomization, taken in estate.kustomize.files.items():
        yield Unit(kustomization, taken)


def _applied(estate: Estate, folders: dict[str, list[str]], apply: Apply) -> Iterator[str]:
    for path in apply.paths:
        if apply.kustomize:
            for name in ("kustomization.yaml", "kustomization.yml", "Kustomization"):
                yield from estate.kustomize.files.get(posixpath.join(path, name), ())
        elif path in estate.files:
            yield path
        else:
            yield from _in_folder(folders, path, recursive=apply.recursive)


def _in_folder(folders: dict[str, list[str]], path: str, *, recursive: bool) -> Iterator[str]:
    below = f"{path}/" if path else ""
    for folder, files in folders.items():
        if folder == path or (recursive and folder.startswith(below)):
            yield from (file for file in files if file.endswith(_MANIFESTS))
