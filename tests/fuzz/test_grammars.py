"""Projects whose files are made from their grammars are judged whole."""

from __future__ import annotations

from hypothesis import given, settings

from artifact_grammars import PROJECTS
from judging import judge

FUZZ = settings.get_profile("fuzz")


@FUZZ
@given(PROJECTS)
def test_a_project_made_from_grammars_is_judged(project: dict[str, str]) -> None:
    result = judge({name: text.encode() for name, text in project.items()})
    read = {finding.file for finding in result.findings} | result.sources.keys()
    assert read >= project.keys()
