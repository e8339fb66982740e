"""Question: what does the standard say of the change?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerp_policy.findings import Finding, Verdict, worst_first
from kerp_policy.i18n import gettext as _
from kerp_policy.review.delta import Delta
from kerp_policy.review.model import Answer, Entry, How


def findings(delta: Delta) -> Answer:
    """The findings that the change brings, and those that it takes away."""
    brought, gone = delta.brought, delta.gone
    entries = (*_entries(brought, "added"), *_entries(gone, "removed"))
    says = _("{new} new, {gone} gone").format(new=_counted(brought), gone=_counted(gone))
    if delta.crashes:
        ended = _("{says}, as far as checks ended; {count} crashed")
        says = ended.format(says=says, count=len(delta.crashes))
    return Answer("findings", _("Findings of the standard"), not delta.crashes, says, entries)


def _counted(findings: Sequence[Finding]) -> str:
    failed = sum(finding.verdict is Verdict.FAIL for finding in findings)
    unverified = len(findings) - failed
    told = _("{failed} and {unverified} unverified") if unverified else "{failed}"
    return told.format(failed=failed, unverified=unverified)


def _entries(findings: Sequence[Finding], how: How) -> Iterator[Entry]:
    for each in worst_first(findings):
        told = _(each.severity if each.verdict is Verdict.FAIL else "unverified")
        yield Entry(how, each.policy, "", None, told, each.file, each.place, note=each.message)
