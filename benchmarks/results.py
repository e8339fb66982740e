"""What was measured: rows of a table, and the marks that the project set itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Row(NamedTuple):
    """This program and another one, on the same files, in one run.

    Attributes:
        tree: what was measured on.
        what: which of its files.
        files: how many.
        peer: the other one.
        theirs: its fastest run in seconds.
        ours: the fastest run of this program.
        ran: whether both did their work.
    """

    tree: str
    what: str
    files: int
    peer: str
    theirs: float
    ours: float
    ran: bool

    @property
    def ratio(self) -> float:
        """Ours by theirs: below one, this program is faster."""
        return self.ours / self.theirs


class Mark(NamedTuple):
    """A mark, and what came of it.

    Attributes:
        text: what it is about.
        limit: the most that is allowed.
        value: what was measured; none if a tool was missing.
        unit: of both; empty for a ratio.
    """

    text: str
    limit: float
    value: float | None
    unit: str = ""

    @property
    def outcome(self) -> str:
        """In words."""
        if self.value is None:
            return "not measured"
        return "met" if self.value <= self.limit else "not met"


@dataclass(slots=True)
class Results:
    """All that one run of the suite brings."""

    machine: dict[str, str]
    versions: dict[str, str]
    missing: list[str]
    rows: list[Row] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def ratio(self, tree: str, peer: str) -> float | None:
        """Of a whole tree to a tool or a chain; none if one of them did not run."""
        rows = [r for r in self.rows if (r.tree, r.what, r.peer) == (tree, WHOLE, peer) and r.ran]
        return rows[0].ratio if rows else None


WHOLE = "everything"
"""What a row is about that is not of one kind of artifact."""
