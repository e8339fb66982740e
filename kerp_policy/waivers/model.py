"""A waiver, wherever it stands, and what it covers."""

from __future__ import annotations

from datetime import date
from typing import Literal

from kerp_policy.findings import Finding, Place, Suppression
from kerp_policy.records import Kept
from kerp_policy.sources.match import matches
from kerp_policy.sources.source import Span

Origin = Literal["comment", "annotation", "configuration"]


class Allowed(Kept, frozen=True):
    """What somebody wrote: which policy is waived, why, and until when.

    Attributes:
        policy: the policy's id.
        span: where the id stands.
        reason: why.
        until: the last day that it holds.
        owner: who answers for it; empty where nobody is named.
        value: the hash of the values that were reviewed; empty where it is not bound to any.
    """

    policy: str
    span: Span
    reason: str
    until: date
    owner: str = ""
    value: str = ""


class Waiver(Kept, frozen=True):
    """What was allowed, with what it covers.

    Attributes:
        allowed: what somebody wrote.
        file: the file that it stands in; of the configuration's, a pattern of files.
        place: where it stands.
        origin: how it was written.
        lines: of a comment, the first and the last line that it covers.
        address: of an annotation, how covered addresses begin; of the configuration's, a pattern.
    """

    allowed: Allowed
    file: str
    place: Place
    origin: Origin
    lines: tuple[int, int] = (0, 0)
    address: str = ""

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this finding, whatever its date and the values reviewed."""
        if finding.policy != self.allowed.policy:
            return False
        address = finding.place.address
        if self.origin == "configuration":
            return matches(self.address, address) and matches(self.file, finding.file)
        if finding.file != self.file:
            return False
        if self.origin == "annotation":
            rest = address.removeprefix(self.address)
            return rest == "" or (rest != address and rest[0] in ":.[")
        return self.lines[0] <= finding.place.span.line <= self.lines[1]

    def suppression(self) -> Suppression:
        """What a finding that it covers says of it."""
        allowed = self.allowed
        until, in_source = allowed.until.isoformat(), self.origin != "configuration"
        return Suppression("waiver", allowed.reason, allowed.owner, until, in_source)


Pair = tuple[Waiver, Finding]
"""A waiver, and a finding that it covers; the finding as it is without any waiver."""


class Mistake(Kept, frozen=True):
    """A waiver that cannot be accepted, and why."""

    place: Place
    message: str
