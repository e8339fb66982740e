"""What a review is made of: questions, their answers, and what each answer rests on."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from kerp_policy.findings import Place

How = Literal["added", "changed", "removed", "told"]
"""What became of a thing; `told` for what is so, whether it differs or not."""


class Entry(Struct, frozen=True):
    """One thing that an answer rests on; every text may be shown, secrets are out of it.

    Attributes:
        how: what became of it.
        holder: what it belongs to: `Deployment kerp-prod/kerp-api, container api`.
        what: which part of that: `image`, `LOG_LEVEL`; empty for the whole.
        old: its value before; None where it has none that may be shown.
        new: its value with the change, likewise.
        file: where it stands; of what is removed, where it stood.
        place: where in it.
        users: the workloads that see it.
        note: what follows from it, in words; empty where nothing does.
    """

    how: How
    holder: str
    what: str
    old: str | None
    new: str | None
    file: str
    place: Place
    users: tuple[str, ...] = ()
    note: str = ""


class Answer(Struct, frozen=True):
    """The answer to one question of the checklist.

    Attributes:
        id: its name for programs.
        title: the question, as a checklist has it.
        answered: whether files answer it; else the box stays open.
        says: the answer in a sentence, or why files cannot give it.
        entries: what it rests on.
    """

    id: str
    title: str
    answered: bool
    says: str
    entries: tuple[Entry, ...] = ()


class Section(Struct, frozen=True):
    """Questions that belong together."""

    id: str
    title: str
    answers: tuple[Answer, ...]


class Revision(Struct, frozen=True):
    """One end of the change: as it was asked for, and the commit, empty where it is none."""

    name: str
    commit: str


class Review(Struct, frozen=True):
    """The checklist, filled in."""

    base: Revision
    head: Revision
    sections: tuple[Section, ...]
