"""What a baseline holds: findings by what they are about, not by lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, field

from kerp_policy.findings import Finding, Suppression
from kerp_policy.secrets import redact

FILE = ".kerp-policy-baseline.json"
"""Where a project keeps its baseline, beside its configuration."""
FORMAT = 1
"""Raised when a key changes its meaning or goes away."""
DEBT = Suppression("baseline", f"accepted in {FILE}")


class Identity(NamedTuple):
    """What a finding is told by, whatever line and file it is in."""

    policy: str
    address: str
    subject: str


class Entry(Struct, frozen=True):
    """Accepted findings of one identity in one file.

    Attributes:
        policy: the policy's id.
        file: the file that they were in. Only that one comes before others of the same identity.
        address: as reports show it.
        subject: what tells two findings at one address apart; nothing in it is a secret.
        times: how many there are.
    """

    policy: str
    file: str
    address: str
    subject: str = ""
    times: int = 1

    @property
    def identity(self) -> Identity:
        """What its findings are told by."""
        return Identity(self.policy, self.address, self.subject)

    @property
    def is_named_by_path(self) -> bool:
        """Whether its address begins with its file, and so changes when that is renamed."""
        return self.address.startswith(f"{self.file}#")


class Baseline(Struct, frozen=True):
    """The debt of a project, and what it was judged by.

    Attributes:
        profile: the standard's name.
        environment: what was assumed where files do not tell, if anything was.
        outlines: by path, what files are known by when they are renamed.
        entries: the accepted findings.
    """

    profile: str
    environment: str | None = None
    outlines: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()

    @property
    def total(self) -> int:
        """How many findings are accepted."""
        return sum(entry.times for entry in self.entries)


def identity_of(finding: Finding) -> Identity:
    """What a finding is told by in a baseline."""
    return Identity(finding.policy, finding.place.address, redact(finding.subject))
