"""What checks say, and what becomes of it: remarks, verdicts, findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from operator import attrgetter
from typing import Literal, Protocol

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.paths import Path
from kerp_policy.records import Kept
from kerp_policy.sources.source import Span


class Verdict(StrEnum):
    """The answer of one policy about one thing."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    UNVERIFIED = "unverified"
    NOT_APPLICABLE = "not_applicable"


SEVERITIES = ("error", "warning", "info")
"""From worst to least."""


class Place(Kept, frozen=True):
    """Where something is written: the span in the file, and the name that outlives edits."""

    span: Span
    address: str

    @property
    def thing(self) -> str:
        """The address of the object, stage or job that it is in."""
        return self.address if "#" in self.address else self.address.partition(":")[0]


class Related(Kept, frozen=True):
    """A second place that explains a finding."""

    file: str
    place: Place
    message: str


class Remark(Struct, frozen=True):
    """What a check has to say about one place.

    `at` is a path in the view's data, or a place where the view has no paths for it. `subject`
    tells two remarks at one address apart (the second `curl -k` of a RUN). `help` replaces the
    policy's own advice where the check knows better.

    `settled_by` is what a project can declare under `externals`, so that what no file shows
    counts as settled: `ServiceAccount/kerp-prod/kerp-api`, `environment/production: protected`.
    `consequence_of` names the policies whose finding about the same thing, or about a place among
    `related`, is the cause of this one, which then is told there.
    """

    at: Path | Place
    message: str
    verdict: Verdict = Verdict.FAIL
    subject: str = ""
    help: str = ""
    related: tuple[Related, ...] = ()
    settled_by: str = ""
    consequence_of: tuple[str, ...] = ()


NOT_APPLICABLE = Remark((), "", Verdict.NOT_APPLICABLE)
"""What a check yields when only a closer look shows that the policy has no say here."""


def unverified(at: Path | Place, message: str, help: str = "", *, settled_by: str = "") -> Remark:
    """A remark about what files cannot show."""
    return Remark(at, message, Verdict.UNVERIFIED, help=help, settled_by=settled_by)


class Subject(Protocol):
    """What a joint check is about: a fact with its file and environment."""

    @property
    def file(self) -> str:
        """The file that it is in."""
        ...

    @property
    def environment(self) -> str | None:
        """The environment that it belongs to, or None where nothing tells."""
        ...


class Judged(Struct, frozen=True):
    """One thing of the estate that a joint check has looked at, and what it says of it."""

    thing: Subject
    remarks: tuple[Remark, ...]


class Suppression(Kept, frozen=True):
    """Why a finding is not open: somebody waived it, or it is debt that was there before.

    `owner` and `until` (a date as YYYY-MM-DD) are empty where none is named. `in_source` tells a
    waiver that stands in the artifact itself from one that the configuration holds.
    """

    kind: Literal["waiver", "baseline"]
    reason: str
    owner: str = ""
    until: str = ""
    in_source: bool = False


class Finding(Kept, frozen=True):
    """A remark with its policy and its exact place: what is reported."""

    policy: str
    severity: str
    verdict: Verdict
    message: str
    help: str
    file: str
    place: Place
    subject: str = ""
    clauses: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    confidential: bool = False
    """Whether what follows the place is a secret, so that no report may show it."""
    count: int = 0
    """How many findings of the same identity come before this one."""
    suppression: Suppression | None = None
    """What keeps it from being open."""
    consequence_of: tuple[str, ...] = ()
    """The policies of which a finding may be the cause of this one."""
    value: str = ""
    """The hash of the value at its place; empty where it is about something else."""
    environment: str = ""
    """The environment of what it is about; empty where nothing tells. No part of what it says."""

    @property
    def is_open(self) -> bool:
        """Whether nothing takes it back; only open findings fail a run."""
        return self.suppression is None

    @property
    def fingerprint(self) -> str:
        """The identity, hashed: policy, address, subject and how many came before it."""
        identity = "\0".join((self.policy, self.place.address, self.subject, str(self.count)))
        return hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()[:32]


by_place = attrgetter("file", "place.span", "policy", "place.address", "message")
"""What findings are sorted by: the place first, so that a report reads like the file."""


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Open before settled, failed before unverified, by severity; else the order stays."""
    return sorted(findings, key=_rank)


def _rank(finding: Finding) -> tuple[bool, bool, int]:
    failed = finding.verdict is Verdict.FAIL
    return (not finding.is_open, not failed, SEVERITIES.index(finding.severity))


def each_once(findings: Iterable[Finding]) -> list[Finding]:
    """Findings less those that say what an earlier one says, be it of another environment."""
    first: dict[Finding, Finding] = {}
    for finding in findings:
        first.setdefault(said_by(finding), finding)
    return list(first.values())


def said_by(finding: Finding) -> Finding:
    """What a finding says, whatever the environment."""
    return replace(finding, environment="")
