"""Line ends, a byte order mark and a line more before it change nothing that is found."""

import pytest
from projects import Project, identity, projects
from rewriting import is_bound, shifted, with_bom, with_crlf

from kerp_policy.sources.source import START, Span

pytestmark = pytest.mark.parametrize("project", projects(), ids=lambda project: project.name)


@pytest.mark.parametrize("how", [with_crlf, with_bom])
def test_the_same_findings_at_the_same_places(project: Project, how) -> None:
    assert project.rewritten(how).findings == project.findings


def test_a_line_before_it_moves_every_place_by_one(project: Project) -> None:
    before, after = project.findings, project.rewritten(shifted).findings
    assert list(map(identity, after)) == list(map(identity, before))
    for old, new in zip(before, after, strict=True):
        # One at the start is about the file as a whole, or about its first line.
        if old.place.span != START:
            assert new.place.span == _moved(project, old.file, old.place.span), identity(old)


def _moved(project: Project, file: str, span: Span) -> Span:
    """Where a place is once there is a line more."""
    down = 0 if span.line == 1 and is_bound(file, project.contents[file]) else 1
    return Span(span.line + down, span.column, span.end_line + down, span.end_column)
