"""What a kustomization takes from the project: the files and folders that it names.

Source: the kustomization reference (kustomize.config.k8s.io/v1beta1).
"""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.kustomize_overrides import below
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.records import Kept
from kerp_policy.views import View

_FOLDERS = ("resources", "bases", "components")
"""Lists that name files and folders with a kustomization of their own."""
_FILES = ("patchesStrategicMerge", "crds", "configurations")
_BY_PATH = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")


class Taken(Kept, frozen=True):
    """A file that a kustomization names, or a folder where `of_folder` says that it may be one.

    Attributes:
        place: where it is named.
        path: relative to the project's root.
        of_folder: whether the list names folders with a kustomization, too.
    """

    place: Place
    path: str
    of_folder: bool = False


class Kustomization(Kept, frozen=True):
    """A kustomization, and what it takes."""

    file: str
    place: Place
    environment: str | None
    takes: tuple[Taken, ...]


def kustomization_fact(view: View) -> Iterator[Kustomization]:
    """The fact of one kustomization."""
    file = view.facts["file"]
    takes = tuple(
        Taken(view.locate(path), below(file, name), path[0] in _FOLDERS)
        for path, name in _names(as_dict(view.data))
        if isinstance(name, str) and name and "\n" not in name  # else the patch itself stands here
    )
    yield Kustomization(file, view.locate(()), view.environment, takes)


def _names(data: dict[str, object]) -> Iterator[tuple[Path, object]]:
    for key in (*_FOLDERS, *_FILES):
        yield from (((key, i), name) for i, name in enumerate(as_list(data.get(key))))
    for key in _BY_PATH:
        for i, entry in enumerate(map(as_dict, as_list(data.get(key)))):
            yield (key, i, "path"), entry.get("path")
    for key in _GENERATORS:
        for i, entry in enumerate(map(as_dict, as_list(data.get(key)))):
            yield from (((key, i, *rest), name) for rest, name in _generated(entry))


def _generated(entry: dict[str, object]) -> Iterator[tuple[Path, object]]:
    """The files of a generator, which may stand behind the key that they get."""
    for key in ("files", "envs"):
        for i, name in enumerate(as_list(entry.get(key))):
            yield (key, i), name.rpartition("=")[2] if isinstance(name, str) else None
    yield ("env",), entry.get("env")
