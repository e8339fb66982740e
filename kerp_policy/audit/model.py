"""What an audit brings: small plain summaries, which travel between processes and machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kerp_policy.findings import SEVERITIES


class First(NamedTuple):
    """The first place in a repository where a policy is broken, and what is said of it there."""

    file: str
    line: int
    column: int
    message: str


class Tally(NamedTuple):
    """What one policy found: in a repository, or in several.

    Attributes:
        policy: its id.
        title: what it states, in English.
        severity: of its failures; of several repositories, the worst.
        clauses: those that it enforces.
        failed: how many findings are open and fail.
        unverified: how many are open, and files cannot show what holds.
        debt: how many the baseline accepts.
        waived: how many a waiver covers.
        first: the first that fails; of several repositories, None.
        repositories: in how many of them it fails.
        spoken: the title in the language of whoever asked, if that is another.
    """

    policy: str
    title: str
    severity: str
    clauses: tuple[str, ...] = ()
    failed: int = 0
    unverified: int = 0
    debt: int = 0
    waived: int = 0
    first: First | None = None
    repositories: int = 0
    spoken: str = ""

    @property
    def words(self) -> str:
        """The title for people."""
        return self.spoken or self.title


class Summary(NamedTuple):
    """What became of one repository.

    Attributes:
        repository: its name, as it was asked for.
        profile: the standard that it was held to.
        files: how many artifacts of each kind there are.
        tallies: what each policy found, by the id of the policy.
        not_judged: how many artifacts no policy could judge.
        fails: whether something is open at or above the severity that fails.
        problems: why it was not judged, or not by every check; empty where it was.
    """

    repository: str
    profile: str = ""
    files: tuple[tuple[str, int], ...] = ()
    tallies: tuple[Tally, ...] = ()
    not_judged: int = 0
    fails: bool = False
    problems: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it was looked at, and holds no artifact."""
        return not self.files and not self.problems


class Counts(NamedTuple):
    """How many findings there are, by what they are."""

    errors: int
    warnings: int
    infos: int
    unverified: int
    debt: int
    waived: int


class ClauseTally(NamedTuple):
    """How often a clause is broken: by how many findings, in how many repositories."""

    clause: str
    failed: int
    repositories: int


class Audit(NamedTuple):
    """The summaries of all repositories, by their names."""

    summaries: tuple[Summary, ...]

    @property
    def tallies(self) -> list[Tally]:
        """What every policy found in every repository."""
        return [tally for summary in self.summaries for tally in summary.tallies]

    @property
    def failing(self) -> list[Summary]:
        """The repositories that do not hold to the standard."""
        return [summary for summary in self.summaries if summary.fails]

    @property
    def unjudged(self) -> list[Summary]:
        """Those that were not judged, or not by every check."""
        return [summary for summary in self.summaries if summary.problems]

    @property
    def empty(self) -> list[Summary]:
        """Those in which there was nothing to check."""
        return [summary for summary in self.summaries if summary.is_empty]


def counts(tallies: Iterable[Tally]) -> Counts:
    """What policies found, added up."""
    failed: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for tally in tallies:
        failed[tally.severity] += tally.failed
        other.update(unverified=tally.unverified, debt=tally.debt, waived=tally.waived)
    errors, warnings, infos = (failed[severity] for severity in SEVERITIES)
    settled = (other["debt"], other["waived"])
    return Counts(errors, warnings, infos, other["unverified"], *settled)


def by_policy(tallies: Iterable[Tally]) -> list[Tally]:
    """What each policy found in all repositories, the one that most of them break first."""
    together: dict[str, Tally] = {}
    for tally in tallies:
        other = together.get(tally.policy)
        together[tally.policy] = _added(other, tally) if other else _alone(tally)
    return sorted(together.values(), key=lambda t: (-t.repositories, -t.failed, t.policy))


def _alone(tally: Tally) -> Tally:
    return tally._replace(first=None, repositories=int(tally.failed > 0))


def _added(one: Tally, other: Tally) -> Tally:
    return one._replace(
        severity=min(one.severity, other.severity, key=SEVERITIES.index),
        clauses=tuple(sorted({*one.clauses, *other.clauses})),
        failed=one.failed + other.failed,
        unverified=one.unverified + other.unverified,
        debt=one.debt + other.debt,
        waived=one.waived + other.waived,
        repositories=one.repositories + (other.failed > 0),
    )


def by_clause(summaries: Sequence[Summary]) -> list[ClauseTally]:
    """How often each clause is broken, the one that most repositories break first."""
    failed: Counter[str] = Counter()
    repositories: Counter[str] = Counter()
    for summary in summaries:
        broken = broken_clauses(summary.tallies)
        failed.update(broken)
        repositories.update(broken.keys())
    found = (ClauseTally(clause, failed[clause], repositories[clause]) for clause in failed)
    return sorted(found, key=lambda c: (-c.repositories, -c.failed, c.clause))


def broken_clauses(tallies: Iterable[Tally]) -> Counter[str]:
    """By clause, how many findings fail; a finding counts for every clause of its policy."""
    broken: Counter[str] = Counter()
    for tally in tallies:
        if tally.failed:
            broken.update(dict.fromkeys(tally.clauses, tally.failed))
    return broken


def worst_clauses(summary: Summary, most: int = 3) -> list[tuple[str, int]]:
    """The clauses that a repository breaks most often, each with the number of findings."""
    broken = broken_clauses(summary.tallies)
    return sorted(broken.items(), key=lambda item: (-item[1], item[0]))[:most]
