"""An audit for programs, as the schema `audit` describes it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from kerp_policy import __version__
from kerp_policy.audit.clauses import by_clause, worst_clauses
from kerp_policy.audit.model import Audit, Summary, Tally, by_policy, counts
from kerp_policy.visible import dumped

FORMAT = 1


def as_json(audit: Audit) -> str:
    """The audit as one JSON object and a line end."""
    report = {
        "format": FORMAT,
        "version": __version__,
        "standard": audit.standard or None,
        "totals": {
            "repositories": len(audit.summaries),
            "failing": len(audit.failing),
            "not_judged": len(audit.unjudged),
            "empty": len(audit.empty),
            "findings": asdict(counts(audit.tallies)),
        },
        "clauses": [
            {
                "clause": one.clause,
                "failed": one.failed,
                "repositories": one.repositories,
                "verdicts": dict(sorted(one.verdicts.items())),
            }
            for one in by_clause(audit.summaries)
            if one.failed
        ],
        "policies": [
            {**_tally(tally), "title": tally.title, "repositories": tally.repositories}
            for tally in by_policy(audit.tallies)
        ],
        "repositories": [_repository(summary) for summary in audit.summaries],
    }
    return dumped(report, indent=2) + "\n"


def _repository(summary: Summary) -> dict[str, Any]:
    worst = worst_clauses(summary)
    return {
        "repository": summary.repository,
        "profile": summary.standard.profile,
        "fails": summary.fails,
        "problems": list(summary.problems),
        "files": dict(summary.files),
        "not_judged": summary.not_judged,
        "excluded": summary.excluded,
        "externals": summary.externals,
        "findings": asdict(counts(summary.tallies)),
        "worst_clauses": [{"clause": clause, "failed": failed} for clause, failed in worst],
        "policies": [
            {**_tally(tally), "first": tally.first and asdict(tally.first)}
            for tally in summary.tallies
        ],
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "policy": tally.policy,
        "severity": tally.severity,
        "clauses": list(tally.clauses),
        "failed": tally.failed,
        "unverified": tally.unverified,
        "debt": tally.debt,
        "waived": tally.waived,
    }
