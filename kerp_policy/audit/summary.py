"""What is sent of one run: plain counts, with the first place of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from kerp_policy.audit.model import First, Standard, Summary, Tally
from kerp_policy.findings import SEVERITIES, Finding, Verdict
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Profile, fill
from kerp_policy.policy.words import in_language
from kerp_policy.report.html import verdicts


def summary_of(name: str, result: Run, fail_on: str, language: str) -> Summary:
    """What became of one repository.

    Args:
        name: of the repository.
        result: what came of judging it.
        fail_on: the least severity that fails.
        language: of what people read about the standard.
    """
    fatal = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    tallies, spoken = tuple(_tallies(result, language)), in_language(result.profile, language)
    return Summary(
        name,
        Standard(spoken.name, spoken.title, tuple(spoken.clauses.items())),
        tuple(sorted(result.files.items())),
        tallies,
        len(result.not_judged),
        any(tally.failed and tally.severity in fatal for tally in tallies),
        verdicts=tuple(_verdicts(result)),
    )


def _verdicts(result: Run) -> Iterator[str]:
    found = verdicts.by_policy(result)
    for clause in result.profile.clauses:
        asked = [policy.id for policy in result.profile.policies if clause in policy.clauses]
        yield verdicts.verdict(verdicts.total(found[id] for id in asked if id in found))


def _tallies(result: Run, language: str) -> Iterable[Tally]:
    titles, spoken = _titles(result.profile), _titles(in_language(result.profile, language))
    found: dict[str, list[Finding]] = {}
    for finding in result.findings:
        found.setdefault(finding.policy, []).append(finding)
    for id in sorted(found):
        yield _tally(found[id], titles.get(id, ""), spoken.get(id, ""))


def _titles(profile: Profile) -> dict[str, str]:
    return {policy.id: fill(policy.title, policy.params) for policy in profile.policies}


def _tally(findings: list[Finding], title: str, spoken: str) -> Tally:
    one = findings[0]
    counted = Counter(_status(finding) for finding in findings)
    return Tally(
        one.policy,
        title,
        one.severity,
        one.clauses,
        counted["failed"],
        counted["unverified"],
        counted["baseline"],
        counted["waiver"],
        next((_first(finding) for finding in findings if _status(finding) == "failed"), None),
        spoken=spoken,
    )


def _status(finding: Finding) -> str:
    if finding.suppression:
        return finding.suppression.kind
    return "failed" if finding.verdict is Verdict.FAIL else "unverified"


def _first(finding: Finding) -> First:
    span = finding.place.span
    return First(finding.file, span.line, span.column, finding.message)
