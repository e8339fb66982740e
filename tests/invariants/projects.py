"""Every fixture folder and example of a policy as a project in memory, which tests can rewrite."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from harness import FIXTURES
from kerp_policy.config import Config, load_config
from kerp_policy.findings import Finding
from kerp_policy.fixtures import EXPECTED, cases, today
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Profile
from kerp_policy.run import run
from kerp_policy.sources.source import Source
from kerp_policy.standard import standard_of

ROOT = Path(tempfile.mkdtemp(prefix="kerp-policy-nothing-"))
"""A folder in which nothing lies: no file of a project in memory is read from the disk."""

Rewrite = Callable[[str, bytes], bytes]
"""From a file's path and content to the content that it is to have instead."""


class Project(Struct, frozen=True, dict=True):
    """Files in memory, and the standard that they are held to."""

    name: str
    contents: Mapping[str, bytes]
    profile: Profile
    exclude: Sequence[str] = ()
    backwards: bool = False
    root: Path = ROOT

    def files(self) -> list[str]:
        """Every path, from the last to the first if that is wanted."""
        return sorted(self.contents, reverse=self.backwards)

    def read(self, path: str) -> Source | None:
        """A file, if there is one of that name."""
        return Source(path, self.contents[path]) if path in self.contents else None

    def rewritten(self, how: Rewrite) -> Project:
        """The same project with every file rewritten."""
        contents = {path: how(path, data) for path, data in self.contents.items()}
        return replace(self, contents=contents)

    @cached_property
    def findings(self) -> list[Finding]:
        """What is found in it."""
        return self.judged().findings

    def judged(self) -> Run:
        """What a run brings; no check may crash."""
        result = run(self, [self.root], self.profile)
        assert result.crashes == []
        return result


def _of(folder: Path) -> Project:
    config = load_config(folder)
    profile = replace(_standard(config), today=today(folder))
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != EXPECTED]
    contents = {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
    name = folder.relative_to(FIXTURES).as_posix()
    return Project(name, contents, profile, config.exclude)


@cache
def _standard(config: Config) -> Profile:
    everything = "thorough" if config.profile == "kerp" else config.profile
    return standard_of(replace(config, profile=everything))


@cache
def projects() -> tuple[Project, ...]:
    """Every fixture folder, held to the whole of its standard."""
    return tuple(_of(folder) for folder in cases(FIXTURES))


def identity(finding: Finding) -> tuple[str, ...]:
    """What a finding is about and what becomes of it, wherever it is written."""
    kind = finding.suppression.kind if finding.suppression else ""
    verdict = f"{finding.verdict} {finding.severity} {kind}"
    return (finding.file, finding.place.address, finding.subject, finding.policy, verdict)
