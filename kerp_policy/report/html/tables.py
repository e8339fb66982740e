"""The tables of the page: verdicts by clause, control, environment and owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct

from kerp_policy.outcome import Run
from kerp_policy.policy.catalogues import Catalogue, Control
from kerp_policy.policy.model import Policy, fill, section_of
from kerp_policy.report.html.verdicts import (
    VERDICTS,
    Tally,
    by_environment,
    by_policy,
    total,
    verdict,
    verdict_of,
)
from kerp_policy.sources.owners import Owners


class Row(Struct, frozen=True):
    """One line of a table.

    Attributes:
        key: what a finding is asked for to belong to it, as filters know it.
        name: how it is called.
        title: what it asks for.
        verdict: one of `VERDICTS`.
        tally: how many of each.
        policies: those that decide it.
        pending: what policies could decide and do not yet.
        undecidable: what of it no file shows.
    """

    key: str
    name: str
    title: str
    verdict: str
    tally: Tally
    policies: tuple[str, ...] = ()
    pending: str = ""
    undecidable: str = ""

    @property
    def is_partial(self) -> bool:
        """Whether it passes only as far as policies decide it."""
        return self.verdict == "pass" and bool(self.pending or self.undecidable)


class Share(Struct, frozen=True):
    """A part of a bar, in percent of the longest bar."""

    verdict: str
    rows: int
    start: float
    width: float


class Section(Struct, frozen=True):
    """Clauses that stand together in the standard; without a name, what no clause asks for.

    The title is empty where the standard has none for it.
    """

    name: str
    title: str
    rows: list[Row]
    shares: list[Share]

    @property
    def counts(self) -> Counter[str]:
        """How many rows come to each verdict."""
        return Counter(row.verdict for row in self.rows)


class Controls(Struct, frozen=True):
    """A catalogue with a row for each of its controls."""

    catalogue: Catalogue
    rows: list[Row]
    shares: list[Share]


class Ownership(Struct, frozen=True):
    """What came of the files of one owner; the empty name is for files that nobody owns."""

    name: str
    files: int
    clean: int
    tally: Tally


def sections(run: Run) -> list[Section]:
    """The clauses of the standard by section, then the policies that no clause asks for."""
    tallies = by_policy(run)
    rows = [_clause(run, tallies, id, text) for id, text in run.profile.clauses.items()]
    parts = [(name, list(part)) for name, part in groupby(rows, lambda row: section_of(row.key))]
    longest = max((len(part) for _, part in parts), default=1)
    titles = run.profile.sections
    found = [
        Section(name, titles.get(name, ""), part, _shares(part, longest)) for name, part in parts
    ]
    beyond = [policy for policy in run.profile.policies if not policy.clauses]
    if beyond:
        others = [_policy(tallies, policy) for policy in beyond]
        found.append(Section("", "", others, _shares(others, len(others))))
    return found


def _clause(run: Run, tallies: dict[str, Tally], id: str, text: str) -> Row:
    policies = [policy.id for policy in run.profile.policies if id in policy.clauses]
    tally, word = _judged(tallies, policies)
    return Row(id, id, text, word, tally, tuple(policies), run.profile.pending.get(id, ""))


def _policy(tallies: dict[str, Tally], policy: Policy) -> Row:
    tally, word = _judged(tallies, [policy.id])
    return Row(policy.id, policy.id, fill(policy.title, policy.params), word, tally)


def _judged(tallies: dict[str, Tally], policies: Sequence[str]) -> tuple[Tally, str]:
    tally = total(tallies.get(id, Tally()) for id in policies)
    return tally, verdict(tally)


def _shares(rows: Sequence[Row], longest: int) -> list[Share]:
    """The verdicts of rows as parts of one bar."""
    counts, shares, start = Counter(row.verdict for row in rows), list[Share](), 0.0
    for word in VERDICTS:
        if counts[word]:
            part = 100 * counts[word] / longest
            shares.append(Share(word, counts[word], round(start, 3), round(part, 3)))
            start += part
    return shares


def catalogues(run: Run) -> list[Controls]:
    """The catalogues whose controls policies support, each control with its verdict."""
    tallies = by_policy(run)
    found = []
    for catalogue in run.profile.catalogues.values():
        rows = [_control(run, tallies, control) for control in catalogue.controls.values()]
        found.append(Controls(catalogue, rows, _shares(rows, len(rows) or 1)))
    return found


def _control(run: Run, tallies: dict[str, Tally], control: Control) -> Row:
    policies = [policy.id for policy in run.profile.policies if control.id in policy.controls]
    tally, word = _judged(tallies, policies)
    name, left = control.id.partition("/")[2], (control.pending, control.undecidable)
    return Row(control.id, name, control.title, word, tally, tuple(policies), *left)


def environments(run: Run) -> list[Row]:
    """The environments of the standard, then what belongs to none that is known."""
    tallies = by_environment(run)
    names = [*(one.name for one in run.profile.environments), ""]
    known = [*names, *(name for name in tallies if name not in names)]
    asked = ((name, tallies.get(name, Tally())) for name in known)
    return [Row(name, name, "", verdict(tally), tally) for name, tally in asked]


def owners(run: Run) -> list[Ownership]:
    """The owners of files that were judged or have findings; none without a CODEOWNERS file."""
    if run.codeowners is None:
        return []
    rules, found = Owners(run.codeowners.text), dict[str, Ownership]()
    for file, tally in _by_file(run).items():
        for name in rules.of(run.prefix + file) or ("",):
            before = found.get(name, Ownership(name, 0, 0, Tally()))
            clean = before.clean + (not tally)
            found[name] = Ownership(name, before.files + 1, clean, before.tally + tally)
    return sorted(found.values(), key=lambda one: (not one.name, one.name))


def _by_file(run: Run) -> dict[str, Tally]:
    tallies = {file: Tally() for file in sorted(run.sources.keys() - run.beside)}
    for finding in run.findings:
        tallies.setdefault(finding.file, Tally())[verdict_of(finding)] += 1
    return tallies
