"""What a change brings: the project judged at both ends, and what only the newer end has.

Not the lines of a difference decide but identities: a budget that is deleted is found missing at a
workload that nobody touched, and what was wrong before stays out of the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kerp_policy.findings import Finding, Verdict
from kerp_policy.judging import Once, store
from kerp_policy.older import Older, identity, older_of
from kerp_policy.order import one_for_each_cause, ordered
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Profile
from kerp_policy.run import judge_all
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.discover import asked_for
from kerp_policy.sources.git import Entry, Git
from kerp_policy.sources.moves import moves
from kerp_policy.sources.plumbing import asking
from kerp_policy.sources.tree import GitTree, Tree, WorkingTree
from kerp_policy.timings import phase

if TYPE_CHECKING:
    from kerp_policy.cache.older import KeptEnds
    from kerp_policy.trust.waivers import Distrust

_AS_BAD = {
    Verdict.FAIL: (Verdict.FAIL,),
    Verdict.UNVERIFIED: (Verdict.UNVERIFIED, Verdict.FAIL),
}
"""By a verdict now, the verdicts before that make it nothing new."""


class Ends(NamedTuple):
    """The project before a change and with it."""

    base: GitTree
    head: WorkingTree | GitTree


@contextmanager
def ends(
    root: Path,
    exclude: Sequence[str],
    *,
    since: str | None = None,
    until: str | None = None,
    staged: bool = False,
) -> Iterator[Ends]:
    """Open both ends of a change.

    Args:
        root: the project root.
        exclude: patterns of files to leave out, as in `.gitignore`.
        since: the revision that the change is counted from, as it is and not where branches
            parted; the last commit by default, and nothing before the first one.
        until: the revision that the change leads to.
        staged: whether it leads to what is staged, else to what lies in the folder.

    Raises:
        UsageError: git has no such revision, the index has conflicts, or there is no git.
    """
    folder = WorkingTree(root, exclude)
    if until is None and not staged:
        folder.list_ahead()
    with asking(), Git(root) as git:
        older = git.head() if since is None else git.revision(since)
        base = GitTree(root, git, older, exclude, folder)
        if until is None and not staged:
            yield Ends(base, folder)
        else:
            newer = git.index() if until is None else git.revision(until)
            yield Ends(base, GitTree(root, git, newer, exclude, folder))


def judge_change(
    change: Ends,
    paths: Sequence[Path],
    profile: Profile,
    *,
    assumed: str | None = None,
    distrust: Distrust | None = None,
) -> Run:
    """Judge both ends, and report what the paths ask for of what only the newer one has.

    Args:
        change: the two ends.
        paths: the files and folders to report on.
        profile: the standard, for both ends.
        assumed: the environment of what shows none.
        distrust: tells which waivers in files do not count; all do by default.

    Returns:
        The run over the newer end; its `older` counts the failures that were there before. If no
        artifact differs, nothing is judged.

    Raises:
        UsageError: a folder cannot be read, or the clone lacks a content.
    """
    base, head = change
    if isinstance(head, GitTree) and _artifacts(base) == _artifacts(head):
        return Run(profile)
    judge = distrust.judge if distrust else Once()

    def judged(tree: Tree) -> Run:
        by = distrust.profile(tree) if distrust else profile
        return judge_all(tree, [tree.root], by, assumed=assumed, judge=judge)

    before, after = _both(change, judged, None if distrust else _kept(profile, assumed))
    after.crashes = [*dict.fromkeys([*before.crashes, *after.crashes])]
    files = sorted({finding.file for finding in after.findings})
    keep_new(before, after, asked_for(head.root, files, paths))
    return after


def _both(change: Ends, judged: Callable[[Tree], Run], kept: KeptEnds | None) -> tuple[Older, Run]:
    """Both ends; an earlier run may have left the older one, and this one leaves its newer one."""

    def older() -> Older:
        return older_of(judged(change.base))

    if kept is None:
        return older(), judged(change.head)
    before, after = kept.known(change.base, older), judged(change.head)
    if isinstance(change.head, GitTree):
        kept.known(change.head, lambda: older_of(after))
    return before, after


def _kept(profile: Profile, assumed: str | None) -> KeptEnds | None:
    """What earlier runs have left of ends of changes, if that is used."""
    if (kept := store()) is None:
        return None
    from kerp_policy.cache.older import KeptEnds

    return KeptEnds(kept, profile, assumed)


@phase("order")
def keep_new(before: Older, after: Run, wanted: Container[str]) -> None:
    """Leave in a run, which is not finished yet, what an older one does not have, and order it.

    Args:
        before: the older end.
        after: the run to change.
        wanted: the files to report on.
    """
    after.findings = ordered(after.findings)
    brought = {id(finding) for finding in _brought(before, after)}
    here = [finding for finding in after.findings if finding.file in wanted]
    older = [finding for finding in here if finding.is_open and id(finding) not in brought]
    after.older = sum(f.verdict is Verdict.FAIL for f in one_for_each_cause(older))
    # A new consequence of an old cause is new: what is old must not swallow it.
    after.findings = one_for_each_cause(f for f in here if not f.is_open or id(f) in brought)
    after.not_judged.sort()


def _artifacts(tree: GitTree) -> dict[str, Entry]:
    return {path: tree.entries[path] for path in tree.files() if kind_by_name(path)}


def _brought(before: Older, after: Run) -> Iterator[Finding]:
    """The open findings that the older end does not have, counted by identity."""
    moved = moves(before.sources, after.sources)
    known = Counter(before.found)
    # Failures take their counterparts first, debt before others; an uncertainty may take a failure
    # that is left.
    for finding in sorted(after.unwaived, key=lambda f: (f.verdict is not Verdict.FAIL, f.is_open)):
        here = identity(finding, after.sources, moved)
        for verdict in _AS_BAD[finding.verdict]:
            if known.get((here, verdict)):
                known[here, verdict] -= 1
                break
        else:
            yield finding
