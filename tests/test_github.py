"""Annotations: each reads back as exactly one workflow command, and nothing else does."""

import re

import pytest
from hypothesis import given

from cli import kerp_policy, write
from kerp_policy.findings import Place, Verdict
from kerp_policy.report import FORMATS
from kerp_policy.report.frame import printable
from kerp_policy.report.github import github
from kerp_policy.report.options import Options
from kerp_policy.sources.source import Span
from runs import ANY_PATH, ANY_TEXT, DEBT, WAIVER, finding, run_of

PROPERTY = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
DATA = {"%0D": "\r", "%0A": "\n", "%25": "%"}


def unescaped(text: str, table: dict[str, str]) -> str:
    return re.sub("|".join(table), lambda found: table[found[0]], text)


def command(line: str) -> tuple[str, dict[str, str], str] | None:
    """A line as a runner reads it: `::name key=value,…::message`, white space before it or not."""
    line = line.lstrip()
    if not line.startswith("::") or "::" not in line[2:]:
        return None
    head, _, message = line[2:].partition("::")
    name, _, pairs = head.partition(" ")
    properties = dict(pair.split("=", 1) for pair in pairs.split(",") if pair)
    values = {key: unescaped(value, PROPERTY) for key, value in properties.items()}
    return name, values, unescaped(message, DATA)


def lines(report: str) -> list[str]:
    """The lines of a log: a runner ends them at either of these, and nowhere else."""
    assert report.endswith("\n")
    return re.split(r"\r\n|\r|\n", report)[:-1]


def annotations(run) -> list[tuple[str, dict[str, str], str]]:
    return [found for line in lines(github(run)) if (found := command(line))]


def test_an_annotation_says_where_and_what():
    run = run_of(finding("a: b, 50%\nc", clauses=("2.1-b", "8.1-b")), prefix="deploy/")
    assert github(run).splitlines()[0] == (
        "::error file=deploy/a.yaml,line=3,endLine=3,col=5,endColumn=9,"
        "title=image-user (clause 2.1-b%2C 8.1-b)::a: b, 50%25%0Ac%0AMend it."
    )


@given(ANY_TEXT, ANY_PATH, ANY_TEXT, ANY_TEXT)
def test_whatever_a_file_says_is_one_command_and_no_other_line(message, path, help, crash):
    run = run_of(finding(message, file=path, help=help), crashes=[crash])
    crashed, (level, properties, data), *others = [command(line) for line in lines(github(run))]
    assert crashed == ("error", {"title": "a check crashed"}, printable(crash))
    assert (level, properties["file"]) == ("error", printable(path))
    assert data == printable(f"{message}\n{help}".rstrip())
    assert others == [None]


@given(ANY_TEXT)
def test_no_line_outside_of_commands_carries_what_a_file_says(text):
    run = run_of(*[finding(text, file=text)] * 12, not_judged=[(text, text)])
    plain = [line for line in lines(github(run)) if not command(line)]
    assert plain == [
        "not annotated: 2 more errors; --format markdown lists them, for the job summary",
        "nothing looked at: 12 errors, 0 warnings, 0 unverified",
    ]
    assert len(annotations(run)) == 10


def test_the_worst_come_first_and_ten_of_each_level():
    made = [finding(str(n), severity=s) for n in range(12) for s in ("info", "warning", "error")]
    run = run_of(*made, finding("open question", verdict=Verdict.UNVERIFIED))
    assert [(level, data.split("\n")[0]) for level, _, data in annotations(run)] == [
        (level, str(n)) for level in ("error", "warning", "notice") for n in range(10)
    ]
    assert github(run).splitlines()[-2:] == [
        "not annotated: 2 more errors, 2 more warnings, 2 more notices, 1 unverified;"
        " --format markdown lists them, for the job summary",
        "nothing looked at: 12 errors, 12 warnings, 12 infos, 1 unverified",
    ]


def test_a_crash_is_an_error_and_counts_as_one():
    run = run_of(*[finding()] * 10, crashes=["x crashed"])
    assert annotations(run)[0] == ("error", {"title": "a check crashed"}, "x crashed")
    assert len(annotations(run)) == 10
    assert "1 more error;" in github(run)


def test_what_is_waived_or_debt_is_not_annotated():
    run = run_of(finding(suppression=WAIVER), finding(suppression=DEBT))
    assert (
        github(run) == "nothing looked at: 0 errors, 0 warnings, 0 unverified, 1 waived, 1 debt\n"
    )


@pytest.mark.parametrize(
    ("span", "where"),
    [
        (Span(3, 5, 3, 9), {"line": "3", "endLine": "3", "col": "5", "endColumn": "9"}),
        (Span(3, 5, 6, 2), {"line": "3", "endLine": "6"}),
        (Span(3, 5, 6, 1), {"line": "3", "endLine": "5"}),
        (Span(1, 1, 1, 1), {"line": "1", "endLine": "1", "col": "1", "endColumn": "1"}),
    ],
)
def test_columns_are_named_only_within_a_line(span, where):
    [(_, properties, _)] = annotations(run_of(finding(place=Place(span, "x"))))
    del properties["file"], properties["title"]
    assert properties == where


def test_a_project_below_the_top_of_a_repository(tmp_path):
    write(tmp_path, {".git/HEAD": "", "a/b/.kerp-policy.yaml": "", "a/b/x.yaml": "kind: ["})
    outcome = kerp_policy("check", "--format", "github", cwd=tmp_path / "a/b")
    assert outcome.code == 1
    assert [command(line)[1]["file"] for line in lines(outcome.out)[:-1]] == ["a/b/x.yaml"]


@given(ANY_TEXT, ANY_PATH)
def test_the_report_for_people_holds_no_command(message, path):
    run = run_of(finding(message, file=path, help=message), not_judged=[(path, message)])
    for verbose in (False, True):
        report = FORMATS["text"](run, Options(verbose=verbose))
        assert "##[" not in report
        assert not any(line.lstrip().startswith("::") for line in lines(report))


def test_only_what_is_open_fails_a_run():
    from kerp_policy.commands.check import _exit_code

    assert _exit_code(run_of(finding()), "error", strict=False) == 1
    settled = run_of(
        finding(suppression=WAIVER), finding(suppression=DEBT, verdict=Verdict.UNVERIFIED)
    )
    assert _exit_code(settled, "error", strict=True) == 0
