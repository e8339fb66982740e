"""A file as the thing that a policy is asked about, after all that stands in it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from kerp_policy.findings import Finding, Place
from kerp_policy.sources.source import START, Source
from kerp_policy.views import View


class FileSubject(Struct, frozen=True):
    """What checks of files work with.

    Attributes:
        source: the file.
        kind: of artifact.
        findings: what was found in it before.
    """

    source: Source
    kind: str
    findings: Sequence[Finding]


def file_view(source: Source, kind: str, findings: Sequence[Finding]) -> View:
    """The view of a file as a whole.

    Args:
        source: the file.
        kind: of artifact.
        findings: what was found in it.
    """
    data, place = {"path": source.path, "kind": kind}, Place(START, source.path)
    return View("file", data, {}, lambda _path: place, FileSubject(source, kind, findings))
