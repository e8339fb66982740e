"""What an audit brings: small plain summaries, which travel between processes and machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.findings import SEVERITIES
from kerp_policy.timings import Spent


class First(Struct, frozen=True):
    """The first place in a repository where a policy is broken, and what is said of it there."""

    file: str
    line: int
    column: int
    message: str


class Tally(Struct, frozen=True):
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


class Standard(Struct, frozen=True):
    """What a repository was held to.

    Attributes:
        profile: its name; empty where nothing was judged.
        title: as it calls itself, in the language of whoever asked.
        clauses: each with what it asks for, in that language, too.
    """

    profile: str = ""
    title: str = ""
    clauses: tuple[tuple[str, str], ...] = ()


class Summary(Struct, frozen=True):
    """What became of one repository.

    Attributes:
        repository: its name, as it was asked for.
        standard: what it was held to.
        files: how many artifacts of each kind there are.
        tallies: what each policy found, by the id of the policy.
        not_judged: how many artifacts no policy could judge.
        fails: whether something is open at or above the severity that fails.
        problems: why it was not judged, or not by every check; empty where it was.
        verdicts: of each clause of the standard, as the HTML report of a run has them.
        excluded: how many files its own configuration leaves out that may be artifacts.
        externals: how many it declares to live elsewhere.
        spent: the time that judging it took, by policy and the like, where that is asked for.
    """

    repository: str
    standard: Standard = Standard()
    files: tuple[tuple[str, int], ...] = ()
    tallies: tuple[Tally, ...] = ()
    not_judged: int = 0
    fails: bool = False
    problems: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    excluded: int = 0
    externals: int = 0
    spent: tuple[tuple[str, Spent], ...] = ()

    @property
    def crashes(self) -> int:
        """How many checks crashed where the rest was judged."""
        return len(self.problems) if self.standard.profile else 0

    @property
    def is_empty(self) -> bool:
        """Whether it was looked at, and holds no artifact."""
        return not self.files and not self.problems


class Counts(Struct, frozen=True):
    """How many findings there are, by what they are."""

    errors: int
    warnings: int
    infos: int
    unverified: int
    debt: int
    waived: int


class Audit(Struct, frozen=True):
    """What became of all repositories.

    Attributes:
        summaries: of each, by their names.
        standard: the folder of the standard that all were held to, as it was named; empty where
            each had its own.
    """

    summaries: tuple[Summary, ...]
    standard: str = ""

    @property
    def standards(self) -> dict[Standard, int]:
        """How many repositories each standard has judged, the one that judged most first."""
        judged = Counter(one.standard for one in self.summaries if one.standard.profile)
        ordered = sorted(judged.items(), key=lambda item: (-item[1], item[0].profile, item[0]))
        return dict(ordered)

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
    return replace(tally, first=None, repositories=int(tally.failed > 0))


def _added(one: Tally, other: Tally) -> Tally:
    return replace(
        one,
        severity=min(one.severity, other.severity, key=SEVERITIES.index),
        clauses=tuple(sorted({*one.clauses, *other.clauses})),
        failed=one.failed + other.failed,
        unverified=one.unverified + other.unverified,
        debt=one.debt + other.debt,
        waived=one.waived + other.waived,
        repositories=one.repositories + (other.failed > 0),
    )


def worst_first(summaries: Iterable[Summary]) -> list[Summary]:
    """Repositories in the order in which somebody should look at them."""
    return sorted(summaries, key=_place)


def _place(summary: Summary) -> tuple[bool, int, int, str]:
    counted = counts(summary.tallies)
    return not summary.problems, -counted.errors, -counted.warnings, summary.repository
