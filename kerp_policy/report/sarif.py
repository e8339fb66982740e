"""The report for code scanning: SARIF 2.1.0, the same for the same findings.

The sections are those of https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from kerp_policy import __version__
from kerp_policy.findings import Finding, Place, Related, Suppression, Verdict, worst_first
from kerp_policy.i18n import ENGLISH, language
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Policy
from kerp_policy.regex import regex
from kerp_policy.report.sarif_rules import LEVELS, rule
from kerp_policy.visible import dumped, printable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT = "kerpPolicy/v1"
"""The name of our identity; GitHub's own, `primaryLocationLineHash`, is made from line contents."""
MAX_RESULTS = 25_000
"""GitHub refuses a run with more; it shows 5,000 of them."""
MAX_RELATED = 100
"""GitHub shows no more locations of one result."""
_ROOT = "%SRCROOT%"
_SURROGATE = regex("[\ud800-\udfff]")


def sarif(run: Run) -> str:
    """The run as a SARIF log of one run, with a line end.

    It shows no line of any file: what a region holds may be a secret.
    """
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(run)]}
    return dumped(log, indent=2) + "\n"


def _run(run: Run) -> dict[str, Any]:
    policies = {policy.id: policy for policy in run.profile.policies}
    rules = [rule(policies[id], run.profile) for id in sorted(policies)]
    places = {rule["id"]: index for index, rule in enumerate(rules)}
    shown = worst_first(run.findings)[:MAX_RESULTS]
    return {
        "tool": {"driver": {**_driver(), "rules": rules}},
        "invocations": [
            {
                "executionSuccessful": not run.crashes,
                "toolExecutionNotifications": list(_notifications(run)),
            }
        ],
        "originalUriBaseIds": {_ROOT: {"description": _message("The top of the repository.")}},
        "columnKind": "unicodeCodePoints",
        "properties": {"profile": run.profile.name},
        "results": [_result(run, policies, places, finding) for finding in shown],
    }


def _driver() -> dict[str, str]:
    """The program; §3.19.21: the language of its rules, English where it is not told."""
    about = {"name": "kerp-policy", "semanticVersion": __version__}
    return about if language() == ENGLISH else {**about, "language": language()}


def _notifications(run: Run) -> Iterator[dict[str, Any]]:
    for crash in run.crashes:
        yield {"level": "error", "message": _message(crash.english)}
    left_out = len(run.findings) - MAX_RESULTS
    if left_out > 0:
        text = f"{left_out} of {len(run.findings)} findings are left out, the least severe ones"
        yield {"level": "warning", "message": _message(text)}
    for brought in run.trust.brought if run.trust else ():
        text = f"brought by this change and not counted: {brought.what.english}"
        location = _location(run, brought.file, Place(brought.span, ""))
        yield {"level": "note", "message": _message(text), "locations": [location]}
    for file, reason in run.not_judged:
        location = {"physicalLocation": {"artifactLocation": _artifact(run, file)}}
        text = f"not judged: {reason.english}"
        yield {"level": "note", "message": _message(text), "locations": [location]}


def _result(
    run: Run, policies: Mapping[str, Policy], places: Mapping[str, int], finding: Finding
) -> dict[str, Any]:
    failed = finding.verdict is Verdict.FAIL
    related = finding.related[:MAX_RELATED]
    return {
        "ruleId": finding.policy,
        "ruleIndex": places.get(finding.policy, -1),
        "kind": "fail" if failed else "review",
        # §3.27.10: what is no failure has no severity.
        "level": LEVELS[finding.severity] if failed else "none",
        "message": _message(_words(finding, policies.get(finding.policy))),
        "locations": [_location(run, finding.file, finding.place)],
        "relatedLocations": [_related(run, number, at) for number, at in enumerate(related, 1)],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        # §3.27.23: all results of a run have them, or none has.
        "suppressions": [_suppression(finding.suppression)] if finding.suppression else [],
    }


def _words(finding: Finding, policy: Policy | None) -> str:
    """The message, and the advice where it is not just that of the rule."""
    if policy and finding.help == policy.help():
        return finding.message
    return f"{finding.message}\n{finding.help}".rstrip()


def _location(run: Run, file: str, place: Place) -> dict[str, Any]:
    span = place.span
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _artifact(run, file), "region": region}
    }
    if place.address:
        location["logicalLocations"] = [{"fullyQualifiedName": _plain(place.address)}]
    return location


def _related(run: Run, number: int, related: Related) -> dict[str, Any]:
    location = _location(run, related.file, related.place)
    return {"id": number, **location, "message": _message(related.message)}


def _artifact(run: Run, file: str) -> dict[str, str]:
    path = os.fsencode(run.prefix + file).lstrip(b"/")
    return {"uri": quote(path), "uriBaseId": _ROOT}


def _suppression(suppression: Suppression) -> dict[str, Any]:
    named = {"owner": suppression.owner, "until": suppression.until}
    return {
        "kind": "inSource" if suppression.in_source else "external",
        "status": "accepted",
        "justification": _plain(suppression.reason),
        "properties": {
            "kind": suppression.kind,
            **{name: _plain(text) for name, text in named.items() if text},
        },
    }


def _message(text: str) -> dict[str, str]:
    # §3.11.6: `[text](target)` is a link even in plain text, and what a file says may look so.
    return {"text": _plain(text).replace("](", "] (")}


def _plain(text: str) -> str:
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", printable(text))
