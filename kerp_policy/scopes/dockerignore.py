"""A .dockerignore, which has one view: the whole file."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.docker.ignore import MAX_PATTERNS, Pattern, read_patterns
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Profile
from kerp_policy.scopes.artifact import Artifact
from kerp_policy.sources.source import START, Problem, Source, Span
from kerp_policy.views import View


def dockerignore_artifact(source: Source, profile: Profile, assumed: str | None) -> Artifact:
    """Read a .dockerignore.

    Args:
        source: the file.
        profile: the standard, for its environments.
        assumed: the environment of what shows none.
    """
    patterns = read_patterns(source.text)
    written = ["!" * pattern.keeps + pattern.text for pattern in patterns]

    def locate(path: Path) -> Place:
        return Place(START, source.path)

    environment = environment_of(profile, assumed, path=source.path)
    facts = {"file": source.path, "environment": environment}
    view = View("dockerignore", {"patterns": written}, facts, locate, patterns)
    return Artifact("dockerignore", [view], [*_too_many(patterns)])


def _too_many(patterns: tuple[Pattern, ...]) -> Iterator[Problem]:
    if len(patterns) > MAX_PATTERNS:
        line, most = patterns[MAX_PATTERNS].line, f"{MAX_PATTERNS:,}"
        message = f"none of {len(patterns):,} patterns is looked at; {most} are the most"
        yield Problem("unreadable", Span(line, 1, line, 1), message)
