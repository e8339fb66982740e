"""Which findings are debt, and which entries of a baseline nothing needs any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from kerp_policy.baseline.model import DEBT, Baseline, Entry, Identity, identity_of
from kerp_policy.findings import Finding, Verdict, by_place, each_once
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Policy, Profile

_UNREAD = frozenset({"unreadable", "dockerfile-syntax", "workflow-syntax"})
"""The policies that tell of files which were not judged, or only in part."""
_NEVER = frozenset({"unreadable", "not-judged"})
"""The policies whose findings never become debt, since they tell of what was not judged."""


class Settled(NamedTuple):
    """Findings in the order of their places, some of them debt, and what none of them has taken."""

    findings: list[Finding]
    left: Counter[Identity]


def settle(findings: Iterable[Finding], baseline: Baseline, profile: Profile) -> Settled:
    """Let every entry of a baseline take back as many open findings as it accepts.

    Failures come first, and those that are still in their file. What was a failure and is now
    unverified stays debt: nobody has seen it mended.

    Args:
        findings: those of the run, waived ones marked, each consequence still beside its cause.
        baseline: the debt.
        profile: the standard; policies whose findings cannot be waived have no debt.
    """
    left, homes = Counter[Identity](), set[tuple[Identity, str]]()
    for entry in baseline.entries:
        left[entry.identity] += entry.times
        homes.add((entry.identity, entry.file))

    def rank(finding: Finding) -> tuple[bool, bool]:
        is_home = (identity_of(finding), finding.file) in homes
        return (finding.verdict is not Verdict.FAIL, not is_home)

    ids = {policy.id for policy in profile.policies if may_be_accepted(policy)}
    in_order = sorted(each_once(findings), key=by_place)
    debt = set[Finding]()
    for finding in sorted((f for f in in_order if f.is_open and f.policy in ids), key=rank):
        identity = identity_of(finding)
        if left[identity]:
            left[identity] -= 1
            debt.add(finding)
    return Settled([replace(f, suppression=DEBT) if f in debt else f for f in in_order], left)


def kept_unseen(baseline: Baseline, left: Counter[Identity], run: Run) -> Iterator[Entry]:
    """What no finding has taken of the entries, where nobody has looked whether it is mended.

    Args:
        baseline: the debt.
        left: how many of each identity no finding has taken.
        run: what was judged.
    """
    asked = {policy.id for policy in run.profile.policies}
    unread = {finding.file for finding in run.findings if finding.policy in _UNREAD}
    unseen = unread | {file for file, _ in run.not_judged}
    left = left.copy()
    for entry in baseline.entries:
        count = min(entry.times, left[entry.identity])
        left[entry.identity] -= count
        is_asked = entry.policy in asked or entry.policy not in run.profile.known
        if count and (entry.file in unseen or not is_asked):
            yield replace(entry, times=count)


def apply_baseline(run: Run, baseline: Baseline, assumed: str | None, *, is_whole: bool) -> None:
    """Mark the debt among the findings of a run, and count what nothing needs any more.

    Args:
        run: the run, not finished yet, its waivers applied: a waiver goes before debt.
        baseline: the debt.
        assumed: the environment of what shows none.
        is_whole: whether the whole project was asked for; else nobody knows what is mended.
    """
    run.findings, left = settle(run.findings, baseline, run.profile)
    is_same = (baseline.profile, baseline.environment) == (run.profile.name, assumed)
    if is_whole and is_same and not run.crashes:
        unseen = kept_unseen(baseline, left, run)
        run.fixed = left.total() - sum(entry.times for entry in unseen)


def may_be_accepted(policy: Policy) -> bool:
    """Whether findings of a policy can become debt: what was not judged, or is no waiver's, not."""
    return policy.waivable and policy.id not in _NEVER
