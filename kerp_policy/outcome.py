"""What a run has brought, for all that comes after it: waivers, the baseline, the reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from kerp_policy.estate.estate import Estate
from kerp_policy.findings import Finding
from kerp_policy.i18n import Told
from kerp_policy.policy.model import Profile
from kerp_policy.results import FileResult, Trust, add_counts
from kerp_policy.sources.source import Source
from kerp_policy.waivers.model import Mistake, Pair, Waiver


class Run(Struct):
    """What a whole run brought: everything a report needs."""

    profile: Profile
    findings: list[Finding] = field(default_factory=list)
    files: Counter[str] = field(default_factory=Counter)
    not_judged: list[tuple[str, Told]] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    environments: dict[str, Counter[str]] = field(default_factory=dict)
    """The same counts by environment; by the empty name where nothing tells."""
    crashes: list[Told] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    prefix: str = ""
    """From the top of the repository to the project root: empty, or a path that ends with `/`."""

    older: int = 0
    """How many failures were left out because they had been there before a change."""
    fixed: int = 0
    """How many findings the baseline accepts that nothing needs any more."""
    beside: set[str] = field(default_factory=set)
    """The sources that were not asked for: findings in others point to them."""
    codeowners: Source | None = None
    """The file of the repository that tells who owns which files."""
    estate: Estate = field(default_factory=Estate)
    """What the whole project declares and does."""
    waivers: list[Waiver | Mistake] = field(default_factory=list)
    """The waivers of the files that were asked for, and what is wrong with some."""
    distrusted: list[Pair] = field(default_factory=list)
    """What waivers would cover if the change that brings them were trusted."""
    trust: Trust | None = None

    @property
    def open(self) -> list[Finding]:
        """The findings that no waiver and no baseline takes back."""
        return [finding for finding in self.findings if finding.is_open]

    @property
    def unwaived(self) -> list[Finding]:
        """The findings that are open, or debt."""
        return [f for f in self.findings if not f.suppression or f.suppression.kind == "baseline"]

    @property
    def judged(self) -> int:
        """How many artifacts there were, those that could not be read included."""
        return sum(self.files.values())

    def take(
        self, files: Sequence[FileResult], sources: Mapping[str, Source] | None = None
    ) -> None:
        """Add what judging brought.

        Args:
            files: what came of each.
            sources: what frames are to show of them, by path.
        """
        for file in files:
            if file.kind:
                self.files[file.kind] += 1
            self.findings += file.findings
            self.waivers += file.waivers
            self.crashes += file.crashes
            if file.not_judged:
                self.not_judged.append((file.path, file.not_judged))
            if sources and file.kind and file.path in sources:
                self.sources[file.path] = sources[file.path]
        add_counts(self.counts, [file.counts for file in files])
        add_counts(self.environments, [file.environments for file in files])
