"""What was found in a tree that git holds, from an earlier run: nothing there changes any more.

It depends on every file of the tree, the standard, the day and the program. All of that is in the
name of the file that it is kept in, so nothing is ever out of date.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from kerp_policy.cache import folder
from kerp_policy.cache.results import Store, what_decides
from kerp_policy.findings import Verdict
from kerp_policy.older import Identity, Older
from kerp_policy.policy.model import Profile
from kerp_policy.sources.tree import Files, GitTree
from kerp_policy.timings import phase

_MOST = 8
"""How many are kept of a project: those of the branches that somebody goes back and forth on."""


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    found: list[tuple[Identity, Verdict]]
    paths: list[str]


_DECODER = msgspec.json.Decoder(_Kept)


class KeptEnds:
    """Ends of changes of a project, as they are judged by one standard."""

    def __init__(self, store: Store, profile: Profile, assumed: str | None) -> None:
        """Keep what an end is judged with.

        Args:
            store: where results of the project are kept.
            profile: the standard.
            assumed: the environment of what shows none.
        """
        self._store = store
        self._profile = profile
        self._assumed = assumed

    def known(self, tree: GitTree, judge: Callable[[], Older]) -> Older:
        """An end, as an earlier run has left it; else it is judged, and left to later ones."""
        file = self._file(tree)
        kept = _read(file) if file else None
        if kept:
            return Older(kept.found, Files(tree, kept.paths, lambda source: source))
        older = judge()
        if file and not older.crashes:  # a crash may have been an accident
            _keep(file, older)
        return older

    @phase("older end")
    def _file(self, tree: GitTree) -> Path | None:
        files = [f"{entry.mode} {entry.oid} {path}" for path, entry in tree.entries.items()]
        profile = self._profile
        waived = (profile.waivers, profile.baseline, profile.today, sorted(profile.known))
        about = (what_decides(profile, self._assumed), repr((waived, tree.exclude)), *sorted(files))
        return self._store.file("older", profile, "\0".join(about))


@phase("older end")
def _read(file: Path) -> _Kept | None:
    data = folder.read(file)
    return _DECODER.decode(data) if data else None


@phase("older end")
def _keep(file: Path, older: Older) -> None:
    with suppress(ValueError):  # a name that is no UTF-8
        folder.write(file, msgspec.json.encode(_Kept(list(older.found), [*older.sources])))
    project = file.name.rpartition("-")[0]
    with suppress(OSError):
        by_use = sorted(file.parent.glob(f"{project}-*"), key=lambda each: each.stat().st_mtime)
        for unused in by_use[:-_MOST]:
            unused.unlink()
