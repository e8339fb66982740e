"""The checklist for programs, as the schema `review` describes it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from kerp_policy import __version__
from kerp_policy.review.model import Answer, Entry, Review
from kerp_policy.visible import dumped

FORMAT = 1


def as_json(review: Review) -> str:
    """The review as one JSON object and a line end."""
    report = {
        "format": FORMAT,
        "version": __version__,
        "base": asdict(review.base),
        "head": asdict(review.head),
        "answers": [
            _answer(section.id, answer) for section in review.sections for answer in section.answers
        ],
    }
    return dumped(report, indent=2) + "\n"


def _answer(section: str, answer: Answer) -> dict[str, Any]:
    return {
        "id": answer.id,
        "section": section,
        "title": answer.title,
        "answered": answer.answered,
        "says": answer.says,
        "entries": [_entry(entry) for entry in answer.entries],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "change": entry.how,
        "holder": entry.holder,
        "what": entry.what,
        "old": entry.old,
        "new": entry.new,
        "file": entry.file,
        "line": entry.place.span.line,
        "column": entry.place.span.column,
        "address": entry.place.address,
        "users": list(entry.users),
        "note": entry.note,
    }
