"""Judging files that lie nowhere, and what must be true of any run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple

from kerp_policy.outcome import Run
from kerp_policy.policy.load import load_profile
from kerp_policy.policy.model import Profile
from kerp_policy.report import FORMATS
from kerp_policy.report.options import Options
from kerp_policy.run import run
from kerp_policy.sources.read import too_large
from kerp_policy.sources.source import Problem, Source, Span

PROFILE = load_profile("thorough")
_WORDY = Options(verbose=True)


class Contents(NamedTuple):
    """A tree of files that are only in memory."""

    contents: Mapping[str, bytes]
    root: Path = Path(gettempdir())
    exclude: Sequence[str] = ()

    def files(self) -> list[str]:
        return sorted(self.contents)

    def read(self, path: str) -> Source | Problem | None:
        data = self.contents.get(path)
        return data if data is None else too_large(len(data)) or Source(path, data)


def judge(contents: Mapping[str, bytes], profile: Profile = PROFILE) -> Run:
    """Judge files as a project, and hold the run to what must be true whatever the files say."""
    tree = Contents(contents)
    result = run(tree, [tree.root], profile)
    assert result.crashes == []
    for finding in result.findings:
        places = [(finding.file, finding.place), *((r.file, r.place) for r in finding.related)]
        for file, place in places:
            assert is_within(place.span, Source(file, contents.get(file, b"")).lines), finding
    for name in ("text", "json", "sarif"):
        assert FORMATS[name](result, _WORDY)
    return result


def is_within(span: Span, lines: Sequence[str]) -> bool:
    """Whether a stretch begins and ends in a text, its end no earlier than its start."""
    if not 1 <= span.line <= span.end_line <= len(lines) or span.start > span.end:
        return False
    ends = ((span.line, span.column), (span.end_line, span.end_column))
    return all(1 <= column <= len(lines[line - 1]) + 1 for line, column in ends)


def not_judged(result: Run, file: str) -> list[str]:
    """What the run says of a file that it could not judge."""
    told = ("unreadable", "not-judged")
    return [f.message for f in result.findings if f.file == file and f.policy in told]
