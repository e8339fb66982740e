"""What .dockerignore files keep from builds."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.docker.ignore import Pattern
from kerp_policy.findings import Place
from kerp_policy.records import Kept
from kerp_policy.views import View


class IgnoreFile(Kept, frozen=True):
    """A .dockerignore with its patterns, in order."""

    file: str
    place: Place
    environment: str | None
    patterns: tuple[Pattern, ...]


def ignore_facts(view: View) -> Iterator[IgnoreFile]:
    """The fact of one .dockerignore."""
    yield IgnoreFile(view.facts["file"], view.locate(()), view.environment, view.subject)
