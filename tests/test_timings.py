"""`check --timings`: where the time went, told apart from the reports."""

import re

import pytest

from cli import kerp_policy, write
from kerp_policy.judging import Once
from kerp_policy.policy.load import load_profile
from kerp_policy.run import run
from kerp_policy.scopes.context import Context
from kerp_policy.shares import sharing
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.timings import PARSING, Timings, measuring, phase, spend
from repository import Repository

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: a}
spec: {containers: [{name: a, image: "b:1"}, {name: c, image: "b:1"}]}
"""
FILES = {"a.yaml": POD, "b/Dockerfile": "FROM b:1\n", "c.sh": "#!/bin/sh\necho\n"}
PHASES = ["start-up", "standard", "finding files", "reading", "judging", "joints", "order"]
LINE = re.compile(r" *(\d+\.\d{3}) s  (.*)")


def told(text):
    """Names and seconds of the lines, phases apart from the rest."""
    head, phases, rest = re.split(r"time by phase:\n|in all processes together:\n", text)
    assert not head
    return [
        {found[2]: float(found[1]) for found in map(LINE.fullmatch, lines.splitlines())}
        for lines in (phases, rest)
    ]


@pytest.mark.parametrize("processes", [1, 2])
def test_phases_and_policies_are_named(processes, tmp_path):
    number = str(processes)
    done = kerp_policy(
        "check", "--timings", "--no-cache", "--processes", number, cwd=write(tmp_path, FILES)
    )
    phases, spent = told(done.err)
    assert {*PHASES, "waivers and baseline", "report text", "other"} < {*phases}
    assert "reading and parsing: 3 files" in spent
    policies = [re.fullmatch(r"([a-z0-9-]+): \d+ things?", row) for row in [*spent][1:]]
    assert len(policies) == 10
    assert {found[1] for found in policies} <= {p.id for p in load_profile("kerp").policies}
    times = [*spent.values()][1:]
    assert times == sorted(times, reverse=True)


def test_the_phases_make_up_the_whole(tmp_path):
    done = kerp_policy("check", "--timings", cwd=write(tmp_path, FILES))
    phases, _spent = told(done.err)
    whole = phases.pop("in all")
    assert sum(phases.values()) == pytest.approx(whole, abs=0.0005 * (len(phases) + 1))


def test_reports_are_the_same_with_and_without(tmp_path):
    write(tmp_path, FILES)
    for form in ("json", "text", "sarif"):
        command = ("check", "--no-cache", "--format", form)
        plain, timed = (kerp_policy(*command, *more, cwd=tmp_path) for more in ((), ("--timings",)))
        assert (timed.out, timed.code) == (plain.out, plain.code)
        assert not plain.err
        assert f"report {form}" in told(timed.err)[0]


def test_each_report_has_its_time(tmp_path):
    formats = ("--format", "json=a.json", "--format", "html=a.html")
    done = kerp_policy("check", "--timings", *formats, cwd=write(tmp_path, FILES))
    assert {"report json", "report html"} < {*told(done.err)[0]}


def test_results_of_an_earlier_run_are_told_from_new_ones(tmp_path):
    project, cache = write(tmp_path / "p", FILES), {"XDG_CACHE_HOME": str(tmp_path / "c")}
    rows = []
    for text in (POD, POD, POD.replace("b:1", "b:2")):
        write(project, {"a.yaml": text})
        done = kerp_policy("check", "--timings", "--cache", cwd=project, **cache)
        rows.append([row for row in told(done.err)[1] if row.endswith(("file", "files"))])
    kept, new = "results of an earlier run", "results for the next run"
    assert rows == [
        ["reading and parsing: 3 files", f"{kept}: 0 files", f"{new}: 3 files"],
        [f"{kept}: 3 files"],
        ["reading and parsing: 1 file", f"{kept}: 2 files", f"{new}: 1 file"],
    ]


@pytest.mark.parametrize(
    ("option", "read"),
    [("--changed-since", 4), ("--trust", 3)],  # what both ends hold alike is read once
)
def test_a_change_has_the_same_phases(option, read, tmp_path):
    repository = Repository(tmp_path / "r")
    repository.commit(FILES)
    write(repository.folder, {"a.yaml": POD.replace("b:1", "b:2")})
    done = kerp_policy("check", "--timings", "--no-cache", option, "HEAD", cwd=repository.folder)
    phases, spent = told(done.err)
    assert {*PHASES, "report text"} < {*phases}
    assert f"reading and parsing: {read} files" in spent


def test_standard_input_has_them(tmp_path):
    done = kerp_policy("check", "-", "--timings", cwd=tmp_path, stdin=POD.encode())
    phases, spent = told(done.err)
    assert {"standard", "joints", "order", "report text"} < {*phases}
    assert "reading and parsing: 1 file" in spent


def test_they_are_told_in_korean(tmp_path):
    done = kerp_policy("check", "--timings", "--lang", "ko", cwd=write(tmp_path, FILES))
    assert done.err.startswith("단계별 시간:\n")
    names = [found[2] for found in map(LINE.fullmatch, done.err.splitlines()) if found]
    assert {"시작", "판정", "text 보고서", "읽기와 구문 분석: 파일 3개"} < {*names}
    assert not [name for name in names if re.search(r"phase|report|things?$|files?$", name)]


def test_the_things_are_the_same_in_any_number_of_processes(tmp_path, monkeypatch):
    monkeypatch.setattr("kerp_policy.judging._PIECE", 1)
    tree, profile = WorkingTree(write(tmp_path, FILES)), load_profile("kerp")
    things = []
    for processes in (1, 2, 4):
        with sharing(processes), measuring() as timings:
            run(tree, [tmp_path], profile)
        things.append({on: spent.things for on, spent in timings.spent.items()})
    assert things[0] == things[1] == things[2]
    assert things[0][PARSING] == 3
    assert things[0]["resources"] == 2  # containers
    assert things[0]["image-user"] == 1


def test_nothing_is_measured_that_nobody_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("kerp_policy.engine._judge_timed", lambda *_: pytest.fail("measured"))
    context = Context(load_profile("kerp"))
    Once()([Source("a.yaml", POD.encode())], context)
    spend("a", 0.0)
    with phase("b"), measuring() as timings:
        pass
    assert timings == Timings()


def test_phases_of_one_name_are_added_up(monkeypatch):
    moments = iter([0.0, 1.0, 10.0, 12.0])
    monkeypatch.setattr("kerp_policy.timings.perf_counter", lambda: next(moments))
    with measuring() as timings:
        for _ in range(2):
            with phase("a"):
                pass
    assert timings.phases == {"a": 3.0}
