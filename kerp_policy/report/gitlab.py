"""The report for GitLab's merge requests: "Code Quality" in the documentation of GitLab CI.

An array of objects with `description`, `check_name`, `fingerprint`, `severity` and `location`.
"""

from __future__ import annotations

from typing import Any

from kerp_policy.findings import Finding, Verdict, worst_first
from kerp_policy.i18n import gettext as _
from kerp_policy.outcome import Run
from kerp_policy.visible import dumped, printable

_SEVERITIES = {"error": "critical", "warning": "major", "info": "minor"}


def gitlab(run: Run) -> str:
    """The open findings of a run, the worst first; what is unverified is `info`."""
    found = [_issue(run, finding) for finding in worst_first(run.open)]
    return dumped(found, indent=2) + "\n"


def _issue(run: Run, finding: Finding) -> dict[str, Any]:
    failed, doubt = finding.verdict is Verdict.FAIL, _("unverified")
    return {
        "description": printable(finding.message if failed else f"{doubt}: {finding.message}"),
        "check_name": finding.policy,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity] if failed else "info",
        "location": {
            "path": run.prefix + finding.file,
            "lines": {
                "begin": finding.place.span.line,
                "end": finding.place.span.end_line,
            },
        },
    }
