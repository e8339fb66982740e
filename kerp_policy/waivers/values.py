"""The hash of what a finding is about, which a waiver can be bound to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.findings import Finding
from kerp_policy.sources.source import Source, Span

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str)


def hashed(value: Any) -> str:
    """Twelve digits for a value, the same however it is written; None stands for what is absent."""
    text = _CANONICAL.encode(value)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:12]


def value_of(finding: Finding, sources: Mapping[str, Source]) -> str:
    """The hash of the values that a finding cites: of its field, else of the texts at its places.

    Empty for a finding about a secret: not even a hash of that leaves the program.
    """
    if finding.confidential:
        return ""
    return finding.value or hashed(list(_texts(finding, sources)))


def _texts(finding: Finding, sources: Mapping[str, Source]) -> Iterator[str]:
    places = [(finding.file, finding.place), *((r.file, r.place) for r in finding.related)]
    for file, place in places:
        source = sources.get(file)
        yield _text(source.lines, place.span) if source else ""


def _text(lines: list[str], span: Span) -> str:
    """The words at a place, whatever the spaces between them."""
    taken = lines[span.line - 1 : span.end_line]
    if taken:
        end = span.end_column - 1 if span.end_line == span.line + len(taken) - 1 else None
        taken[-1] = taken[-1][:end]
        taken[0] = taken[0][span.column - 1 :]
    return " ".join(" ".join(taken).split())
