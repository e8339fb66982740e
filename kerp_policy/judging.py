"""Judging many files, each by itself: in one process or several, or as an earlier run has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kerp_policy.engine import check_file, facts_only
from kerp_policy.results import FileResult
from kerp_policy.scopes.reading import Context
from kerp_policy.shares import shared
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.source import Source

if TYPE_CHECKING:
    from kerp_policy.cache.results import Store

Judge = Callable[[Sequence[Source], Context], Sequence[FileResult]]
"""Judges files, as `check_files` does; it may remember what it has judged."""

_PIECE = 40
"""Files that a process takes at once."""
_PROGRAMS = ("dockerfile", "script", "workflow", "action")


class _State:
    store: Store | None = None


@contextmanager
def keeping(root: Path) -> Iterator[None]:
    """Use what earlier runs have left of a project's results, and leave those of the block."""
    from kerp_policy.cache.results import Store

    before, _State.store = _State.store, Store(root)
    try:
        yield
        _State.store.save()
    finally:
        _State.store = before


def check_files(sources: Sequence[Source], context: Context) -> list[FileResult]:
    """Judge files by the policies of the context's profile.

    Returns:
        What came of each, in their order.
    """
    return _each(sources, context, check_file)


def know_files(sources: Sequence[Source], context: Context) -> list[FileResult]:
    """The facts of files that nobody asked to judge, in their order, and nothing else."""
    return _each(sources, context, facts_only)


def _each(
    sources: Sequence[Source], context: Context, do: Callable[[Source, Context], FileResult]
) -> list[FileResult]:
    def now(source: Source) -> FileResult:
        return do(source, context)

    if _State.store is None or not sources:
        return _done(sources, now)
    results, is_judged = _State.store.results(context), do is check_file
    kept = {source: results.find(source, context, is_judged=is_judged) for source in sources}
    new = [source for source, result in kept.items() if result is None]
    for source, result in zip(new, _done(new, now), strict=True):
        results.add(source, context, result, is_judged=is_judged)
        kept[source] = result
    return [result for result in kept.values() if result]


def _done(sources: Sequence[Source], do: Callable[[Source], FileResult]) -> list[FileResult]:
    pieces = list(_pieces(sources))
    done = shared(pieces, lambda piece: [do(source) for source in piece])
    by_path = {result.path: result for results in done for result in results}
    return [by_path[source.path] for source in sources]


def _pieces(sources: Sequence[Source]) -> Iterator[Sequence[Source]]:
    """YAML apart from programs: what reads the one is not needed for the other."""
    yaml, programs = list[Source](), list[Source]()
    for source in sources:
        (programs if kind_by_name(source.path) in _PROGRAMS else yaml).append(source)
    for alike in (yaml, programs):
        for start in range(0, len(alike), _PIECE):
            yield alike[start : start + _PIECE]
