"""What a change brings: the project judged at both ends, and what only the newer end has.

Not the lines of a difference decide but identities: a budget that is deleted is found missing at a
workload that nobody touched, and what was wrong before stays out of the report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from kerp_policy.findings import Finding, Verdict
from kerp_policy.policy.model import Profile
from kerp_policy.run import Run, run
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.discover import asked_for
from kerp_policy.sources.git import Entry, Git
from kerp_policy.sources.tree import GitTree, Tree, WorkingTree

_AS_BAD = {
    Verdict.FAIL: (Verdict.FAIL,),
    Verdict.UNVERIFIED: (Verdict.UNVERIFIED, Verdict.FAIL),
}
"""By a verdict now, the verdicts before that make it nothing new."""


class Ends(NamedTuple):
    """The project before a change and with it."""

    base: GitTree
    head: Tree


@contextmanager
def ends(
    root: Path, exclude: Sequence[str], *, since: str | None = None, staged: bool = False
) -> Iterator[Ends]:
    """Open both ends of a change.

    Args:
        root: the project root.
        exclude: patterns of files to leave out, as in `.gitignore`.
        since: the revision that the change is counted from, as it is and not where branches
            parted; the last commit by default, and nothing before the first one.
        staged: whether the change is what is staged, else what lies in the folder.

    Raises:
        UsageError: git has no such revision, the index has conflicts, or there is no git.
    """
    with Git(root) as git:
        base = GitTree(root, git, git.head() if since is None else git.revision(since), exclude)
        staged_tree = GitTree(root, git, git.index(), exclude) if staged else None
        yield Ends(base, staged_tree or WorkingTree(root, exclude))


def judge_change(
    change: Ends, paths: Sequence[Path], profile: Profile, *, assumed: str | None = None
) -> Run:
    """Judge both ends, and report what the paths ask for of what only the newer one has.

    Args:
        change: the two ends.
        paths: the files and folders to report on.
        profile: the standard, for both ends.
        assumed: the environment of what shows none.

    Returns:
        The run over the newer end; its `older` counts the failures that were there before. If no
        artifact differs, nothing is judged.

    Raises:
        UsageError: a folder cannot be read, or the clone lacks a content.
    """
    base, head = change
    if isinstance(head, GitTree) and _artifacts(base) == _artifacts(head):
        return Run(profile)
    before = run(base, [base.root], profile, assumed=assumed)
    after = run(head, [head.root], profile, assumed=assumed)
    brought = set(_brought(before, after))
    wanted = asked_for(head.root, sorted({finding.file for finding in after.findings}), paths)
    here = [finding for finding in after.findings if finding.file in wanted]
    after.findings = [f for f in here if f in brought or not f.is_open]
    after.older = sum(f.verdict is Verdict.FAIL for f in here) - sum(
        f.verdict is Verdict.FAIL for f in after.findings
    )
    after.crashes = [*dict.fromkeys([*before.crashes, *after.crashes])]
    return after


def _artifacts(tree: GitTree) -> dict[str, Entry]:
    return {path: tree.entries[path] for path in tree.files() if kind_by_name(path)}


def _brought(before: Run, after: Run) -> Iterator[Finding]:
    """The open findings that the older run does not have, counted by identity."""
    moved = _moved(before, after)
    known = Counter((_identity(f, before, {}), f.verdict) for f in before.open)
    # Failures take their counterparts first; an uncertainty may take a failure that is left.
    for finding in sorted(after.open, key=lambda f: f.verdict is not Verdict.FAIL):
        identity = _identity(finding, after, moved)
        old = ((identity, verdict) for verdict in _AS_BAD[finding.verdict])
        match = next((key for key in old if known[key]), None)
        if match is None:
            yield finding
        else:
            known[match] -= 1


def _identity(finding: Finding, run: Run, moved: dict[str, str]) -> tuple[object, ...]:
    """What a finding is told by at both ends, where the files that moved have their old names.

    Of a file that cannot be read, only the same content is nothing new: whatever else it says
    was not judged.
    """
    address, start = finding.place.address, f"{finding.file}#"
    if finding.file in moved and address.startswith(start):
        address = f"{moved[finding.file]}#{address.removeprefix(start)}"
    source = run.sources.get(finding.file)
    unread = (finding.message, source and source.data) if finding.policy == "unreadable" else ()
    return (finding.policy, address, finding.subject, *unread)


def _moved(before: Run, after: Run) -> dict[str, str]:
    """From the new path of a file to its old one, for files that moved and changed in nothing."""
    gone: dict[bytes, list[str]] = {}
    for path, source in before.sources.items():
        if path not in after.sources:
            gone.setdefault(source.data, []).append(path)
    new = [source for path, source in after.sources.items() if path not in before.sources]
    return {s.path: gone[s.data].pop() for s in new if gone.get(s.data)}
