"""The older end of a change, as far as the newer one is compared with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from kerp_policy.findings import Finding, Verdict, each_once
from kerp_policy.i18n import Told
from kerp_policy.outcome import Run
from kerp_policy.sources.moves import name_before
from kerp_policy.sources.source import Source

Identity = tuple[str, ...]
"""What a finding is told by at both ends."""


class Older(Struct, frozen=True):
    """What was found before a change, waived findings left out, and in which files."""

    found: Sequence[tuple[Identity, Verdict]]
    sources: Mapping[str, Source]
    crashes: Sequence[Told] = ()


def older_of(run: Run) -> Older:
    """What a run, which is not finished yet, says of an older end."""
    found = [(identity(f, run.sources, {}), f.verdict) for f in each_once(run.unwaived)]
    return Older(found, run.sources, run.crashes)


def identity(finding: Finding, sources: Mapping[str, Source], moved: Mapping[str, str]) -> Identity:
    """What tells a finding from others at both ends.

    Of a file that cannot be read, only the same content is nothing new: whatever else it says
    was not judged.

    Args:
        finding: the finding.
        sources: the files of its end, by path.
        moved: from the path of each file that moved to its old one, which it goes by.
    """
    address = name_before(finding.place.address, finding.file, moved)
    unread: tuple[str, ...] = ()
    if finding.policy == "unreadable":
        source = sources.get(finding.file)
        unread = (finding.message, source.blob if source else "")
    return (finding.policy, address, finding.subject, *unread)
