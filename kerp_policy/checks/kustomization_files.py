"""Joint check of kustomizations: are the files there that they name?

Source: the kustomization reference; `kustomize build` ends at the first that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kustomize import of_folder
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import file_of
from kerp_policy.estate.kustomizations import Kustomization, Taken
from kerp_policy.estate.pipelines import Apply
from kerp_policy.estate.project import (
    has_file,
    has_folder,
    is_decided_later,
    is_outside,
    nearest_path,
)
from kerp_policy.findings import Judged, Remark, unverified


def present(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What a kustomization names is in the project.

    It fails where a job builds the kustomization from the project as it is; elsewhere something
    may make the file before, as secrets are that no repository holds.
    """
    if not estate.files:
        return
    as_it_is = estate.made(_built_as_it_is)
    for one in estate.all(Kustomization):
        missing = ((taken, _missing(estate, taken)) for taken in one.takes)
        remarks = (
            _remark(estate, taken, what, sure=one.file in as_it_is)
            for taken, what in missing
            if what
        )
        yield Judged(one, tuple(remarks))


def _missing(estate: Estate, taken: Taken) -> str:
    """What is missing of what is named; empty where nothing is, or where nobody can tell."""
    path = taken.path
    if is_decided_later(path) or is_outside(path) or has_file(estate, path):
        return ""
    if not has_folder(estate, path):
        return "which is not in this project"
    if not taken.of_folder:
        return "which is a folder; expected a file"
    return "" if any(_files(estate, path)) else "a folder without a kustomization.yaml"


def _files(estate: Estate, folder: str) -> Iterator[str]:
    """The kustomization of a folder."""
    return (file for file in of_folder(folder) if file in estate.files)


def _remark(estate: Estate, taken: Taken, what: str, *, sure: bool) -> Remark:
    near = nearest_path(estate, taken.path)
    hint = f"; did you mean {near}?" if near else ""
    message = f"the kustomization names {taken.path}, {what}"
    if sure:
        return Remark(taken.place, f"{message}{hint}")
    unless = f"{message}, unless something makes it before{hint}"
    return unverified(taken.place, unless, settled_by=f"file/{taken.path}")


def _built_as_it_is(estate: Estate) -> frozenset[str]:
    """The kustomizations that a job builds before anything may have written files."""
    whole = (apply for apply in estate.all(Apply) if apply.kustomize and apply.is_untouched)
    todo = [file for apply in whole for path in apply.paths for file in _files(estate, path)]
    seen = set(todo)
    by_file = estate.by(Kustomization, file_of)
    while todo:
        here = by_file.get(todo.pop(), ())
        inner = {file for one in here for file in _below(estate, one.takes)} - seen
        seen |= inner
        todo += inner
    return frozenset(seen)


def _below(estate: Estate, takes: Iterable[Taken]) -> Iterator[str]:
    return (file for each in takes if each.of_folder for file in _files(estate, each.path))
