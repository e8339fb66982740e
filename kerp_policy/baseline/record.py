"""Making a baseline of a run, and making one smaller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.baseline.apply import kept_unseen, may_be_accepted, settle
from kerp_policy.baseline.follow import outline, renamed, renames
from kerp_policy.baseline.model import Baseline, Entry, identity_of
from kerp_policy.findings import Finding, Verdict, by_place
from kerp_policy.outcome import Run


class Recorded(Struct, frozen=True):
    """A new baseline, and the failures that may not become debt."""

    baseline: Baseline
    left_out: list[Finding]


class Updated(Struct, frozen=True):
    """A smaller baseline, and the files that it follows, from old to new paths."""

    baseline: Baseline
    moved: dict[str, str]


def record(run: Run, environment: str | None) -> Recorded:
    """Accept every open failure of a run.

    Args:
        run: the whole project, judged without a baseline; consequences stand beside their causes,
            since they stay when these are mended.
        environment: what was assumed where files do not tell.
    """
    ids = {policy.id for policy in run.profile.policies if may_be_accepted(policy)}
    failures = [f for f in dict.fromkeys(run.open) if f.verdict is Verdict.FAIL]
    entries = _entries(finding for finding in failures if finding.policy in ids)
    baseline = Baseline(run.profile.name, environment, _outlines(run, entries), entries)
    left_out = [finding for finding in failures if finding.policy not in ids]
    return Recorded(baseline, sorted(left_out, key=by_place))


def update(baseline: Baseline, run: Run) -> Updated:
    """Take out what no open finding needs any more, and follow files that were renamed.

    What was not judged stays: policies that the standard leaves out, files that cannot be read.

    Args:
        baseline: the debt so far.
        run: the whole project, judged without a baseline.
    """
    moved = renames(baseline, run.sources)
    followed = renamed(baseline, moved)
    settled = settle(run.findings, followed, run.profile)
    debt = [f for f in settled.findings if f.suppression and f.suppression.kind == "baseline"]
    unseen = [*kept_unseen(followed, settled.left, run)]
    entries = _joined([*_entries(debt), *unseen])
    outlines = _outlines(run, entries)
    unread = {entry.file for entry in unseen}
    outlines |= {path: text for path, text in baseline.outlines.items() if path in unread}
    smaller = Baseline(run.profile.name, baseline.environment, outlines, entries)
    return Updated(smaller, moved)


def _entries(findings: Iterable[Finding]) -> tuple[Entry, ...]:
    counts = Counter(Entry(f.policy, f.file, *identity_of(f)[1:]) for f in findings)
    return _joined(replace(entry, times=count) for entry, count in counts.items())


def _joined(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """In order, one entry for each identity of a file."""
    counts = Counter[Entry]()
    for entry in entries:
        counts[replace(entry, times=1)] += entry.times
    joined = (replace(entry, times=count) for entry, count in counts.items())
    return tuple(sorted(joined, key=lambda e: (e.file, e.policy, e.address, e.subject)))


def _outlines(run: Run, entries: Iterable[Entry]) -> dict[str, str]:
    """By path; of a file that holds a secret there is none, as of that not even a hash is kept."""
    secret = {finding.file for finding in run.findings if finding.confidential}
    named = {entry.file for entry in entries if entry.is_named_by_path}
    known = sorted((named & run.sources.keys()) - secret)
    return {path: outline(run.sources[path]) for path in known}
