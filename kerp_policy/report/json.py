"""The JSON report, as the schema `output` describes it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from kerp_policy import __version__
from kerp_policy.findings import Finding, Place, Related, Suppression
from kerp_policy.outcome import Run
from kerp_policy.results import Trust
from kerp_policy.visible import dumped

FORMAT = 1
_STATUS = {"waiver": "waived", "baseline": "baseline"}
_COUNTS = ("judged", "failed", "unverified", "not_applicable")


def as_json(run: Run) -> str:
    """The run as one JSON object and a line end."""
    report = {
        "format": FORMAT,
        "version": __version__,
        "profile": run.profile.name,
        "summary": {
            "files": dict(sorted(run.files.items())),
            "older": run.older,
            "fixed": run.fixed,
            "not_judged": [
                {"file": file, "reason": reason.english} for file, reason in run.not_judged
            ],
            "policies": {
                id: {name: run.counts[id][name] for name in _COUNTS} for id in sorted(run.counts)
            },
        },
        "trust": run.trust and _trust(run.trust),
        "findings": [_finding(finding) for finding in run.findings],
    }
    return dumped(report, indent=2) + "\n"


def _trust(trust: Trust) -> dict[str, Any]:
    brought = [{"file": b.file, **asdict(b.span), "what": b.what.english} for b in trust.brought]
    return {"ref": trust.ref, "brought": brought}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "policy": finding.policy,
        "severity": finding.severity,
        "verdict": str(finding.verdict),
        "status": _status(finding.suppression),
        "suppression": finding.suppression and asdict(finding.suppression),
        "message": finding.message,
        "help": finding.help,
        "file": finding.file,
        **_span(finding.place),
        "address": finding.place.address,
        "fingerprint": finding.fingerprint,
        "clauses": list(finding.clauses),
        "topics": list(finding.topics),
        "related": [_related(related) for related in finding.related],
    }


def _status(suppression: Suppression | None) -> str:
    return _STATUS[suppression.kind] if suppression else "open"


def _span(place: Place) -> dict[str, int]:
    return asdict(place.span)


def _related(related: Related) -> dict[str, Any]:
    return {
        "file": related.file,
        "line": related.place.span.line,
        "column": related.place.span.column,
        "address": related.place.address,
        "message": related.message,
    }
