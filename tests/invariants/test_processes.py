"""The result is the same in one process, in two and in four."""

import pytest
from projects import Project, projects

from kerp_policy.report import FORMATS
from kerp_policy.report.options import Options
from kerp_policy.shares import sharing

SEVERAL = [project for project in projects() if len(project.contents) > 3]
"""Projects with enough files to share out."""


@pytest.mark.parametrize("project", SEVERAL, ids=lambda project: project.name)
def test_the_same_report_in_any_number_of_processes(project: Project, monkeypatch) -> None:
    monkeypatch.setattr("kerp_policy.judging._PIECE", 1)  # every file is work of its own
    monkeypatch.setattr("kerp_policy.judging._MANY", 1)  # and so are the joints of every module
    monkeypatch.setattr("kerp_policy.report.text._PIECE", 1)  # and what is told of each file
    run = project.judged()
    alone, in_words = FORMATS["json"](run, Options()), FORMATS["text"](run, Options())
    for processes in (2, 4):
        with sharing(processes):
            run = project.judged()
            assert FORMATS["json"](run, Options()) == alone
            assert FORMATS["text"](run, Options()) == in_words
