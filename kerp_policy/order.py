"""The findings of a run, put in order: one cause, one finding; each with an identity of its own."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from msgspec.structs import replace

from kerp_policy.findings import SEVERITIES, Finding, Related, Verdict, by_place, said_by

_identity = attrgetter("policy", "place.address", "subject")


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Put findings in the order of the report, and tell those of one identity apart.

    What several views have inherited from one place, and say in the same words, is one finding.
    """
    first: dict[tuple[str, ...], Finding] = {}
    said: dict[tuple[str, ...], set[Finding]] = {}  # only where several have one identity
    numbered = []
    for finding in sorted(findings, key=by_place):
        identity = _identity(finding)
        if (other := first.setdefault(identity, finding)) is finding:
            numbered.append(finding)
        elif said_by(finding) not in (alike := said.setdefault(identity, {said_by(other)})):
            numbered.append(replace(finding, count=len(alike)))
            alike.add(said_by(finding))
    return numbered


def one_for_each_cause(findings: Iterable[Finding]) -> list[Finding]:
    """Make what follows from another finding a related place of that finding.

    A consequence stays where its cause is less severe, waived or not found, so that nothing gets
    milder.
    """
    left = list(findings)
    named = {policy for finding in left for policy in finding.consequence_of}
    causes: dict[tuple[str, str], Finding] = {}
    for finding in (finding for finding in left if finding.policy in named and finding.is_open):
        for thing in (finding.place.address, finding.place.thing):
            causes.setdefault((finding.policy, thing), finding)
    told: dict[int, list[Finding]] = {}
    for finding in (finding for finding in left if finding.consequence_of and finding.is_open):
        cause = _cause(finding, causes)
        if cause is not None:
            told.setdefault(id(cause), []).append(finding)
    gone = {id(finding) for findings in told.values() for finding in findings}
    return [_with(f, told[id(f)]) if id(f) in told else f for f in left if id(f) not in gone]


def _cause(finding: Finding, causes: dict[tuple[str, str], Finding]) -> Finding | None:
    own, beside = finding.place, (related.place.address for related in finding.related)
    things = [own.address, own.thing, *beside]  # the very same place before the same thing
    for policy in finding.consequence_of:
        for thing in things:
            cause = causes.get((policy, thing))
            if cause and cause is not finding and not cause.consequence_of:
                return cause if _is_as_grave(cause, finding) else None
    return None


def _is_as_grave(cause: Finding, finding: Finding) -> bool:
    if Verdict.FAIL not in (cause.verdict, finding.verdict):
        return True
    grave = SEVERITIES.index(cause.severity) <= SEVERITIES.index(finding.severity)
    return cause.verdict is Verdict.FAIL and grave


def _with(cause: Finding, consequences: Iterable[Finding]) -> Finding:
    added = [told for finding in consequences for told in _told(cause, finding)]
    return replace(cause, related=(*cause.related, *added)) if added else cause


def _told(cause: Finding, finding: Finding) -> list[Related]:
    """A consequence at its place, or where that is the cause's own at what it points to itself.

    Where it points nowhere else the cause says it all.
    """
    own = Related(finding.file, finding.place, "")
    others = [place for place in (own, *finding.related) if place.place != cause.place]
    return [
        replace(place, message=f"so {finding.policy}: {finding.message}") for place in others[:1]
    ]
