"""The findings as the page shows them: by file, each with its lines and what filters ask for."""

from __future__ import annotations

from itertools import groupby

from msgspec import Struct

from kerp_policy.findings import Finding, Place
from kerp_policy.outcome import Run
from kerp_policy.report.frame import Marked, marked_line
from kerp_policy.report.html.verdicts import verdict_of
from kerp_policy.report.text import secret_columns
from kerp_policy.sources.owners import Owners

_ROOM = 160
"""Characters of a line that are shown; the page wraps them."""


class Line(Struct, frozen=True):
    """A place with the line of the file, if that can be shown, and what is to be said of it."""

    file: str
    number: int
    text: Marked | None
    message: str


class Entry(Struct, frozen=True):
    """One finding."""

    finding: Finding
    verdict: str
    line: Line
    related: list[Line]
    controls: tuple[str, ...]


class File(Struct, frozen=True):
    """A file with its findings, by their places."""

    path: str
    owners: tuple[str, ...]
    entries: list[Entry]


class _Lines:
    """Shows lines of the files of a run, without the secrets that it knows of."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._secrets = secret_columns(run)

    def at(self, file: str, place: Place, message: str) -> Line:
        source, span = self._run.sources.get(file), place.span
        hidden = self._secrets.get((file, span.line))
        text = marked_line(source, span, _ROOM, hidden) if source else None
        return Line(self._run.prefix + file, span.line, text, message)


def entries(run: Run) -> list[File]:
    """Every finding of a run, open or not, by file."""
    rules = Owners(run.codeowners.text if run.codeowners else "")
    lines, controls = _Lines(run), {policy.id: policy.controls for policy in run.profile.policies}
    found = []
    for file, findings in groupby(run.findings, key=lambda finding: finding.file):
        path = run.prefix + file
        shown = [_entry(lines, one, controls.get(one.policy, ())) for one in findings]
        found.append(File(path, rules.of(path), shown))
    return found


def _entry(lines: _Lines, finding: Finding, controls: tuple[str, ...]) -> Entry:
    related = [lines.at(one.file, one.place, one.message) for one in finding.related]
    line = lines.at(finding.file, finding.place, finding.message)
    return Entry(finding, verdict_of(finding), line, related, controls)
