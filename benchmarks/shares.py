"""Which files of a tree each tool judges, copied into a folder of their own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kerp_policy.sources.classify import kind_by_name

_BY_CONTENT = {
    "kubernetes": re.compile(rb"^apiVersion:.*?^kind:", re.MULTILINE | re.DOTALL),
    "alertmanager": re.compile(rb"^route:.*?^receivers:", re.MULTILINE | re.DOTALL),
    "prometheus": re.compile(rb"^groups:", re.MULTILINE),
}
"""What a YAML file is by what stands at the start of its lines."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A folder to measure on.

    Attributes:
        name: what tables call it.
        folder: where it lies.
        kinds: its files by kind, relative to the folder.
    """

    name: str
    folder: Path
    kinds: dict[str, list[str]] = field(default_factory=dict)

    def files(self, kinds: frozenset[str]) -> list[str]:
        """Its files of some kinds."""
        return sorted(path for kind in kinds for path in self.kinds.get(kind, ()))


def tree_of(name: str, folder: Path) -> Tree:
    """A folder and what lies in it."""
    tree = Tree(name, folder.resolve())
    for path in _files(tree.folder):
        kind = _kind(tree.folder, path)
        if kind:
            tree.kinds.setdefault(kind, []).append(path)
    return tree


def share(tree: Tree, kinds: frozenset[str], target: Path) -> list[str]:
    """Copy the files of some kinds, with their paths, and return these.

    The copy is a project of its own, whatever folder it lies in.
    """
    files = tree.files(kinds)
    for path in files:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree.folder / path, target / path)
    if files:
        (target / ".kerp-policy.yaml").write_text("profile: kerp\n", "utf-8")
    return files


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        if path.is_file() and ".git" not in relative.parts:
            yield relative.as_posix()


def _kind(folder: Path, path: str) -> str:
    kind = kind_by_name(path)
    if kind != "yaml":
        return kind
    data = (folder / path).read_bytes()
    return next((name for name, pattern in _BY_CONTENT.items() if pattern.search(data)), "")
