"""What becomes of the clauses of standards: in one repository, and in all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from kerp_policy.audit.model import Summary, Tally

_WORST = 3


class ClauseTally(Struct):
    """What became of one clause.

    Attributes:
        clause: its number.
        failed: how many open findings fail.
        repositories: in how many repositories.
        texts: what it asks for; more than one where standards differ.
        verdicts: by verdict of it, how many repositories come to that.
    """

    clause: str
    failed: int = 0
    repositories: int = 0
    texts: set[str] = field(default_factory=set)
    verdicts: Counter[str] = field(default_factory=Counter)


def by_clause(summaries: Sequence[Summary]) -> list[ClauseTally]:
    """What became of each clause, the one that most repositories break first."""
    found: dict[str, ClauseTally] = {}
    for summary in summaries:
        for (clause, text), verdict in zip(summary.standard.clauses, summary.verdicts, strict=True):
            tally = found.setdefault(clause, ClauseTally(clause))
            tally.texts.add(text)
            tally.verdicts[verdict] += 1
        for clause, failed in broken_clauses(summary.tallies).items():
            tally = found.setdefault(clause, ClauseTally(clause))
            tally.failed += failed
            tally.repositories += 1
    return sorted(found.values(), key=lambda c: (-c.repositories, -c.failed, c.clause))


def broken_clauses(tallies: Iterable[Tally]) -> Counter[str]:
    """By clause, how many findings fail; a finding counts for every clause of its policy."""
    broken: Counter[str] = Counter()
    for tally in tallies:
        if tally.failed:
            broken.update(dict.fromkeys(tally.clauses, tally.failed))
    return broken


def worst_clauses(summary: Summary) -> list[tuple[str, int]]:
    """The clauses that a repository breaks most often, each with the number of findings."""
    broken = broken_clauses(summary.tallies)
    return sorted(broken.items(), key=lambda item: (-item[1], item[0]))[:_WORST]
