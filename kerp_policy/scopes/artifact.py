"""What every reader hands to the engine."""

from __future__ import annotations

from msgspec import Struct, field

from kerp_policy.i18n import Told, told
from kerp_policy.sources.source import Problem
from kerp_policy.views import View

UNRENDERED = told("a template: render it first")
"""Why no file is judged that a program fills in."""


class Artifact(Struct):
    """A file as the engine judges it.

    Attributes:
        kind: `kubernetes`, `dockerfile`, …; empty for a file that is no artifact.
        views: the things that policies are asked about.
        problems: what the reader could not accept.
        not_judged: why nothing in it was judged, where that is so: what it is, a colon, advice.
        rendered_from: by address, the template that a rendered object says it comes from.
    """

    kind: str
    views: list[View] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    not_judged: Told | None = None
    rendered_from: dict[str, str] = field(default_factory=dict)
