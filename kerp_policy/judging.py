"""Judging many files, each by itself: in one process or several, or as an earlier run has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from itertools import accumulate, groupby
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from kerp_policy.engine import check_file, facts_only
from kerp_policy.estate.estate import Estate
from kerp_policy.i18n import gettext as _
from kerp_policy.joints import check_joint, joint_policies
from kerp_policy.policy.model import Policy, Profile
from kerp_policy.progress import progress
from kerp_policy.results import FileResult
from kerp_policy.scopes.context import Context
from kerp_policy.shares import MOST, shared
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.source import Source
from kerp_policy.timings import KEEPING, TAKING, Spent, apart, bring, phase, spend

if TYPE_CHECKING:
    from kerp_policy.cache.codec import Encoded
    from kerp_policy.cache.results import Results, Store

T = TypeVar("T")
Judge = Callable[[Sequence[Source], Context], Sequence[FileResult]]
"""Judges files, as `check_files` does; it may remember what it has judged."""

_Do = Callable[[Source, Context], FileResult]

_PIECE = 40
"""Files that a process takes at once, unless there are so many that it takes more."""
_PROGRAMS = ("dockerfile", "script", "workflow", "action")
_MANY = 2_000
"""Facts from which on several processes are faster at joining them."""


class _State:
    store: Store | None = None


@contextmanager
def keeping(root: Path) -> Iterator[None]:
    """Use what earlier runs have left of a project's results, and leave those of the block."""
    from kerp_policy.cache.results import Store

    before, _State.store = _State.store, Store(root)
    try:
        yield
        with phase("keeping results"):
            _State.store.save()
    finally:
        _State.store = before


def store() -> Store | None:
    """What earlier runs have left of the project's results, if they are used."""
    return _State.store


def read_ahead(profile: Profile, assumed: str | None) -> None:
    """Begin to read what earlier runs have left of results by a standard, if they are used."""
    if _State.store:
        _State.store.read_ahead(profile, assumed)


def check_files(sources: Sequence[Source], context: Context) -> list[FileResult]:
    """Judge files by the policies of the context's profile.

    Returns:
        What came of each, in their order.
    """
    return _each(sources, context, check_file)


def know_files(sources: Sequence[Source], context: Context) -> list[FileResult]:
    """The facts of files that nobody asked to judge, in their order, and nothing else."""
    return _each(sources, context, facts_only)


class Once:
    """Judges what both ends hold alike only once, unless other files say something new of it."""

    def __init__(self) -> None:
        """Nothing is judged yet."""
        self._context: Context | None = None
        self._done: dict[Source, FileResult] = {}

    def __call__(self, sources: Sequence[Source], context: Context) -> list[FileResult]:
        """Judge files, or tell what came of them before."""
        if self._context is None or not _says_the_same(self._context, context):
            self._done.clear()
        self._context = context
        new = [source for source in sources if source not in self._done]
        self._done.update(zip(new, check_files(new, context), strict=True))
        return [self._done[source] for source in sources]


def _says_the_same(one: Context, other: Context) -> bool:
    said = ((each.kustomize, each.charts, each.expected) for each in (one, other))
    return next(said) == next(said)


@phase("joints")
def check_estate(estate: Estate, context: Context, wanted: Set[str]) -> list[FileResult]:
    """Judge the joints between files; of what lies outside `wanted` nothing is said.

    Returns:
        What came of each policy that has something to look at, in their order.
    """

    def judge(policies: Sequence[Policy]) -> tuple[dict[str, FileResult], Mapping[str, Spent]]:
        with apart() as spent:
            return {p.id: check_joint(p, estate, context, some) for p in policies}, spent

    some = None if wanted >= estate.files else wanted
    policies, by_id = joint_policies(estate, context), dict[str, FileResult]()
    pieces = list(_alike(policies, estate))
    with progress(_("judging joints"), len(pieces)) as see:
        done = shared(pieces, judge, see)
    for results, spent in done:
        by_id |= results
        bring(spent)
    return [by_id[policy.id] for policy in policies]


def _alike(policies: Sequence[Policy], estate: Estate) -> Iterator[list[Policy]]:
    """Policies of one module look for the same things, which each process has to find once."""
    if estate.size < _MANY:
        yield [*policies]
        return
    families = groupby(sorted(policies, key=_family), key=_family)
    yield from sorted(([*alike] for _name, alike in families), key=len, reverse=True)


def _family(policy: Policy) -> str:
    """The first word of the module of its check: `image` of `image_user.file_owners`."""
    return policy.check.partition(".")[0].partition("_")[0]


@phase("judging")
def _each(sources: Sequence[Source], context: Context, do: _Do) -> list[FileResult]:
    if _State.store is None or not sources:
        return _done(sources, lambda source: do(source, context))
    begun = perf_counter()
    results, is_judged = _State.store.results(context), do is check_file
    kept = {source: results.find(source, context, is_judged=is_judged) for source in sources}
    new = [source for source, result in kept.items() if result is None]
    spend(TAKING, begun, len(kept) - len(new))
    for source, (result, encoded) in zip(new, _encoded(new, context, do, results), strict=True):
        kept[source] = result
        if encoded:
            results.add(source, context, encoded, is_judged=is_judged)
    return [result for result in kept.values() if result]


def _encoded(
    sources: Sequence[Source],
    context: Context,
    do: _Do,
    results: Results,
) -> list[tuple[FileResult, Encoded | None]]:
    """What comes of files, as it is to be kept, too, which takes half as long in two processes."""

    def now(source: Source) -> tuple[FileResult, Encoded | None]:
        result = do(source, context)
        begun = perf_counter()
        encoded = results.encoded(source, result, is_judged=do is check_file)
        spend(KEEPING, begun)
        return result, encoded

    return _done(sources, now)


def _done(sources: Sequence[Source], do: Callable[[Source], T]) -> list[T]:
    """What is done of each file, in their order, by however many processes."""

    def judge(piece: Sequence[Source]) -> tuple[dict[str, T], Mapping[str, Spent]]:
        with apart() as spent:
            return {source.path: do(source) for source in piece}, spent

    pieces, by_path = list(_pieces(sources)), dict[str, T]()
    files = [0, *accumulate(map(len, pieces))]
    with progress(_("judging files"), len(sources)) as see:
        done = shared(pieces, judge, lambda number: see(files[number]))
    for results, spent in done:
        by_path |= results
        bring(spent)
    return [by_path[source.path] for source in sources]


def _pieces(sources: Sequence[Source]) -> Iterator[Sequence[Source]]:
    """YAML apart from programs: what reads the one is not needed for the other."""
    yaml, programs = list[Source](), list[Source]()
    for source in sources:
        (programs if kind_by_name(source.path) in _PROGRAMS else yaml).append(source)
    size = max(_PIECE, len(sources) // (MOST // 2))
    for alike in (yaml, programs):
        for start in range(0, len(alike), size):
            yield alike[start : start + size]
