"""What is found does not depend on how YAML is written, nor on the order of files."""

import pytest
from msgspec.structs import replace
from projects import Project, identity, projects
from rewriting import as_json, in_flow_style

pytestmark = pytest.mark.parametrize("project", projects(), ids=lambda project: project.name)

ABOUT_STYLE = {
    "action-version-comment",
    "alert-value-comment",
    "blank-characters",
    "misleading-characters",
    "permission-comment",
}
"""Policies about comments and about characters as they stand, which are escapes in JSON."""


def found(project: Project) -> set[tuple[str, ...]]:
    """What is found; two of one identity may fall together where their places do."""
    return {identity(f) for f in project.findings if f.policy not in ABOUT_STYLE}


@pytest.mark.parametrize("style", [in_flow_style, as_json])
def test_the_same_findings_in_another_style(project: Project, style) -> None:
    written = project.rewritten(style)
    if written != project:
        assert found(written) == found(project)


def test_the_same_findings_in_whatever_order_files_are_listed(project: Project) -> None:
    if len(project.contents) > 1:
        assert replace(project, backwards=True).findings == project.findings
