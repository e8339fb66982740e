"""Question: what does the standard say of the change?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerp_policy.findings import Finding, Verdict, worst_first
from kerp_policy.review.delta import Delta
from kerp_policy.review.model import Answer, Entry, How


def findings(delta: Delta) -> Answer:
    """The findings that the change brings, and those that it takes away."""
    brought, gone = delta.brought, delta.gone
    entries = (*_entries(brought, "added"), *_entries(gone, "removed"))
    says = f"{_counted(brought)} new, {_counted(gone)} gone"
    if delta.crashes:
        says = f"{says}, as far as checks ended; {len(delta.crashes)} crashed"
    return Answer("findings", "Findings of the standard", not delta.crashes, says, entries)


def _counted(findings: Sequence[Finding]) -> str:
    failed = sum(finding.verdict is Verdict.FAIL for finding in findings)
    unverified = len(findings) - failed
    return f"{failed}{f' and {unverified} unverified' if unverified else ''}"


def _entries(findings: Sequence[Finding], how: How) -> Iterator[Entry]:
    for each in worst_first(findings):
        told = each.severity if each.verdict is Verdict.FAIL else "unverified"
        yield Entry(how, each.policy, "", None, told, each.file, each.place, note=each.message)
