"""Which waivers in the files of a change a trusted revision does not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from msgspec.structs import replace

from kerp_policy.baseline.follow import renamed
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted, told
from kerp_policy.judging import Once
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Profile
from kerp_policy.results import Brought
from kerp_policy.run import finished, judge_all
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.moves import moves, name_before
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import GitTree, Tree
from kerp_policy.waivers.model import Pair, Waiver

MOST = 4_000_000
"""How often a waiver is held to a finding of its policy in its file. Nobody needs as many, and a
change could have so many of both that it takes hours."""


class Distrust:
    """Holds what waivers cover in a tree to what they cover in a trusted revision.

    Args:
        trusted: the revision's files.
        profile: the standard.
        assumed: the environment of what shows none.
    """

    def __init__(self, trusted: GitTree, profile: Profile, assumed: str | None) -> None:
        self.judge = Once()
        self._trusted = trusted
        self._profile = profile
        self._assumed = assumed

    def judged(self, tree: Tree, paths: Sequence[Path]) -> Run:
        """Judge what the paths ask for in a tree; of waivers in files, only those trusted count.

        Raises:
            UsageError: a folder of the project cannot be read.
        """
        return finished(self._judged(tree, paths, self.profile(tree)))

    def profile(self, tree: Tree) -> Profile:
        """The standard for a tree: with what waivers do not cover, as the revision has them not.

        Whatever a PATH asks for, the whole tree counts: of a waiver that was moved there is one.
        The debt of files that were renamed follows them.

        Raises:
            UsageError: a folder cannot be read, or a file holds too many waivers.
        """
        if isinstance(tree, GitTree) and tree.entries == self._trusted.entries:
            return self._profile
        pairs, baseline = self._pairs(tree), self._profile.baseline
        moved = self._moved(tree) if pairs or baseline else {}
        surplus = _surplus(self._known, pairs, moved) if pairs else ()
        debt = baseline and renamed(baseline, {old: new for new, old in moved.items()})
        return replace(self._profile, distrusted=frozenset(surplus), baseline=debt)

    def _judged(self, tree: Tree, paths: Sequence[Path], profile: Profile) -> Run:
        return judge_all(tree, paths, profile, assumed=self._assumed, judge=self.judge)

    @cached_property
    def _known(self) -> list[Pair]:
        return self._pairs(self._trusted)

    def _pairs(self, tree: Tree) -> list[Pair]:
        return list(dict.fromkeys(_covered(self._judged(tree, [tree.root], self._profile))))

    def _moved(self, tree: Tree) -> dict[str, str]:
        before, after = self._trusted.files(), tree.files()
        gone, new = {*before} - {*after}, {*after} - {*before}
        return moves(_sources(self._trusted, gone), _sources(tree, new))


def waivers_brought(run: Run) -> list[Brought]:
    """The waivers that did not count in a run."""
    waivers = dict.fromkeys(waiver for waiver, _finding in run.distrusted)
    return sorted(map(_brought, waivers))


def _brought(waiver: Waiver) -> Brought:
    allowed = waiver.allowed
    message = noted("a waiver of {policy} until {day}: {reason}")
    what = told(message, policy=allowed.policy, day=allowed.until, reason=allowed.reason)
    return Brought(waiver.file, waiver.place.span, what)


def _covered(run: Run) -> Iterator[Pair]:
    """Each waiver that stands in a file with each finding that it covers.

    Raises:
        UsageError: a file holds so many that they cannot be compared.
    """
    in_files: dict[tuple[str, str], list[Waiver]] = {}
    for waiver in run.waivers:
        if isinstance(waiver, Waiver) and waiver.origin != "configuration":
            in_files.setdefault((waiver.allowed.policy, waiver.file), []).append(waiver)
    compared = 0
    for finding in run.findings:
        waivers = in_files.get((finding.policy, finding.file), [])
        compared += len(waivers)
        if compared > MOST:
            message = _("{file}: holds too many waivers of {policy}")
            raise UsageError(message.format(file=finding.file, policy=finding.policy))
        for waiver in waivers:
            if waiver.covers(finding):
                yield waiver, replace(finding, suppression=None)


def _surplus(
    before: Iterable[Pair], after: Iterable[Pair], moved: Mapping[str, str]
) -> Iterator[Pair]:
    """The pairs that the older ones do not have, counted by identity.

    Those of one file are compared first, so that a copy is not taken for what it is copied from.
    """
    known = Counter(_identity(pair, {}) for pair in before)
    rest = []
    for pair in after:
        identity = _identity(pair, moved)
        if known[identity]:
            known[identity] -= 1
        else:
            rest.append((pair, identity[1:]))
    elsewhere = Counter[tuple[str, ...]]()
    for identity, count in known.items():
        elsewhere[identity[1:]] += count
    for pair, what in rest:
        if elsewhere[what]:
            elsewhere[what] -= 1
        else:
            yield pair


def _identity(pair: Pair, moved: Mapping[str, str]) -> tuple[str, ...]:
    """The file, and then what a waiver says and what it covers, without any line."""
    waiver, finding = pair
    allowed = waiver.allowed
    says = (allowed.policy, allowed.reason, allowed.until.isoformat(), allowed.value)
    address = name_before(finding.place.address, finding.file, moved)
    return (moved.get(finding.file, finding.file), *says, address, finding.subject)


def _sources(tree: Tree, paths: Iterable[str]) -> dict[str, Source]:
    read = ((path, tree.read(path)) for path in sorted(paths) if kind_by_name(path))
    return {path: source for path, source in read if isinstance(source, Source)}
