"""An audit as one page for a browser: who breaks what, and where to begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from kerp_policy.audit.clauses import by_clause
from kerp_policy.audit.model import (
    Audit,
    Standard,
    Summary,
    Tally,
    by_policy,
    counts,
    worst_first,
)
from kerp_policy.audit.text import own_words, summary_line
from kerp_policy.report.html.pages import page
from kerp_policy.report.html.verdicts import VERDICTS
from kerp_policy.report.html.words import AUDIT, words

OUTCOMES = ("fail", "tolerated", "pass", "empty", "unjudged")
"""What a repository comes to; something is open or settled in those that are tolerated."""
FOLD_ABOVE = 20
"""Repositories; where there are more, they come folded."""


class Entry(Struct, frozen=True):
    """A repository on the page.

    Attributes:
        id: of its section.
        summary: what became of it.
        outcome: one of `OUTCOMES`.
        found: how many findings, files and crashes there are, by what they are.
    """

    id: str
    summary: Summary
    outcome: str
    found: Counter[str]


class Breach(Struct, frozen=True):
    """A policy that fails, and the repositories that break it with the number of findings."""

    tally: Tally
    entries: list[tuple[Entry, int]]


def html(audit: Audit) -> str:
    """The audit as one HTML page."""
    entries = [_entry(f"repository-{i}", one) for i, one in _numbered(audit)]
    standards = [(_name(standard), count) for standard, count in audit.standards.items()]
    return page(
        "audit",
        words(AUDIT),
        about=", ".join(dict(standards)),
        looked_at=summary_line(audit),
        audit=audit,
        entries=entries,
        outcomes=OUTCOMES,
        repositories=Counter(entry.outcome for entry in entries),
        found=_found(audit.tallies),
        standards=standards,
        own_words=own_words,
        clauses=by_clause(audit.summaries),
        verdicts=VERDICTS,
        breaches=_breaches(audit, entries),
        fold=len(entries) > FOLD_ABOVE,
    )


def _numbered(audit: Audit) -> Iterator[tuple[int, Summary]]:
    return enumerate(worst_first(audit.summaries), 1)


def _entry(id: str, summary: Summary) -> Entry:
    found = _found(summary.tallies)
    found.update(files_not_judged=summary.not_judged, crashes=summary.crashes)
    return Entry(id, summary, _outcome(summary), found)


def _outcome(summary: Summary) -> str:
    if summary.problems:
        return "unjudged"
    if summary.fails:
        return "fail"
    if summary.is_empty:
        return "empty"
    return "tolerated" if summary.tallies else "pass"


def _found(tallies: list[Tally] | tuple[Tally, ...]) -> Counter[str]:
    one = counts(tallies)
    severities = {"error": one.errors, "warning": one.warnings, "info": one.infos}
    others = {"unverified": one.unverified, "debt": one.debt, "waived": one.waived}
    return Counter(fail=sum(severities.values()), **severities, **others)


def _name(standard: Standard) -> str:
    return f"{standard.title} ({standard.profile})"


def _breaches(audit: Audit, entries: list[Entry]) -> list[Breach]:
    by: dict[str, list[tuple[Entry, int]]] = {}
    for entry in entries:
        for tally in entry.summary.tallies:
            if tally.failed:
                by.setdefault(tally.policy, []).append((entry, tally.failed))
    return [Breach(one, by[one.policy]) for one in by_policy(audit.tallies) if one.failed]
