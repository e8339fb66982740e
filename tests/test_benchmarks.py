"""The benchmarks: what is measured is made alike each time, and the suite runs to its end."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cli import write
from harness import FIXTURES, ROOT

sys.path.insert(0, str(ROOT))

pytest.importorskip("psutil", reason="psutil is not installed")

from benchmarks import report
from benchmarks.commands import NOT_RUN, Command, Step, chain
from benchmarks.estate import estate, generate
from benchmarks.growth import edit
from benchmarks.memory import peak
from benchmarks.program import FORGET
from benchmarks.results import Mark, Results, Row
from benchmarks.schemas import write_schemas
from benchmarks.shares import share, tree_of
from benchmarks.timing import Stopwatch
from kerp_policy.sources.classify import kind_by_name


def files_of(folder):
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_an_estate_has_as_many_files_as_asked_for_and_the_same_for_the_same_seed(tmp_path):
    for name, seed in (("one", 1), ("again", 1), ("two", 2)):
        generate(tmp_path / name, files=150, seed=seed)
    one = files_of(tmp_path / "one")
    assert len(one) == 150
    assert files_of(tmp_path / "again") == one
    assert files_of(tmp_path / "two") != one


def test_no_two_files_of_an_estate_have_one_path():
    paths = [path for path, _text in islice(estate(4000, seed=3), 4000)]
    assert [path for path, times in Counter(paths).items() if times > 1] == []


def test_an_estate_has_the_proportions_of_real_trees():
    paths = [path for path, _text in islice(estate(4000, seed=8), 4000)]
    kinds = Counter(kind_by_name(path) for path in paths)
    assert 0.03 < kinds["dockerfile"] / 4000 < 0.06
    assert 0.02 < kinds["workflow"] / 4000 < 0.05
    assert 0.1 < (kinds[""] + kinds["dockerignore"]) / 4000 < 0.2


@pytest.fixture(name="stopwatch")
def _stopwatch(tmp_path):
    if not shutil.which("hyperfine"):
        pytest.skip("hyperfine is not installed")
    return Stopwatch(tmp_path / "work", {"PATH": os.environ["PATH"]})


def exits(name, code, folder, *, accepted=(0, 1), **options):
    words = (sys.executable, "-c", f"raise SystemExit({code})")
    return Command(name, (Step(words, frozenset(accepted), folder),), **options)


def test_a_tool_that_finds_something_ran_and_one_that_cannot_start_did_not(stopwatch, tmp_path):
    missing = Command("missing", (Step((str(tmp_path / "none"),), frozenset({0}), tmp_path),))
    commands = [exits("clean", 0, tmp_path), exits("finds", 1, tmp_path), missing]
    timings = stopwatch.race("three", commands, runs=2, warmup=0)
    assert [timing.ran for timing in timings] == [True, True, False]
    assert all(0 < timing.best <= timing.median for timing in timings)


def test_a_chain_runs_all_its_steps_and_stops_at_one_that_could_not_do_its_work(tmp_path):
    def run(*commands):
        script = tmp_path / "chain.sh"
        script.write_text(chain(commands).script())
        return subprocess.run(["sh", script], check=False).returncode

    writes = Command("writes", (Step(("touch", "written"), frozenset({0}), tmp_path),))
    assert run(exits("clean", 0, tmp_path), writes) == 0
    (tmp_path / "written").unlink()
    assert run(exits("crashes", 3, tmp_path), writes) == NOT_RUN
    assert not (tmp_path / "written").exists()
    assert chain([exits("one", 0, tmp_path), writes]).name == "one + writes"


def test_what_stands_before_a_command_runs_before_each_of_its_runs(stopwatch, tmp_path):
    log = tmp_path / "log"
    stopwatch.race("one", [exits("clean", 0, tmp_path, before=f"echo x >>{log}")], runs=3, warmup=0)
    assert log.read_text().split() == ["x"] * 3


def test_the_memory_of_a_child_counts(tmp_path):
    held = "import time; held = b'x' * 80_000_000; time.sleep(0.5)"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {held!r}])"
    step = Step((sys.executable, "-c", child), frozenset({0}), tmp_path)
    most = peak(Command("child", (step,)), tmp_path / "peak.sh", {})
    assert 80_000_000 < most < 160_000_000


def test_a_tree_is_parted_by_what_its_files_are_and_a_share_has_only_its_own(tmp_path):
    tree = tree_of("kerp", FIXTURES / "kerp")
    assert sorted(tree.kinds["dockerfile"]) == ["backend/Dockerfile", "web/Dockerfile"]
    assert tree.kinds["alertmanager"] == ["monitoring/alertmanager-config.yaml"]
    assert tree.kinds["workflow"] == [".github/workflows/deploy.yml"]
    assert "deployments/k8s/cronjobs.yaml" in tree.kinds["kubernetes"]
    files = share(tree, frozenset({"alertmanager"}), tmp_path / "share")
    assert files == ["monitoring/alertmanager-config.yaml"]
    assert set(files_of(tmp_path / "share")) == {*files, ".kerp-policy.yaml"}


def test_the_schemas_for_kubeconform_are_valid_and_refuse_what_is_wrong(tmp_path):
    write_schemas(tmp_path / "schemas")
    schema = json.loads((tmp_path / "schemas" / "deployment-apps-v1.json").read_text())
    Draft202012Validator.check_schema(schema)
    assert not Draft202012Validator(schema).is_valid({"spec": {"replicas": "three"}})
    assert (tmp_path / "schemas" / "ingress-networking-v1.json").exists()
    assert (tmp_path / "schemas" / "service-v1.json").exists()


@pytest.mark.skipif(not shutil.which("kubeconform"), reason="kubeconform is not installed")
def test_kubeconform_takes_them(tmp_path):
    write_schemas(tmp_path / "schemas")
    generate(tmp_path / "estate", files=100)
    files = tree_of("estate", tmp_path / "estate").kinds["kubernetes"]
    location = f"{tmp_path}/schemas/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    command = ["kubeconform", "-strict", "-summary", "-schema-location", location, *files]
    done = subprocess.run(command, cwd=tmp_path / "estate", capture_output=True, check=False)
    assert b"Invalid: 0, Errors: 0, Skipped: 0" in done.stdout


def test_a_first_run_knows_the_policies_and_no_result(tmp_path):
    cache = tmp_path / "kerp-policy"
    write(cache, {"policies-1.json": "", "results-1.json": "", "results/2.json": ""})
    environment = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path)}
    for _again in range(2):
        subprocess.run(["sh", "-c", FORGET], env=environment, check=True)
        assert [path.name for path in cache.iterdir()] == ["policies-1.json"]


def test_a_change_gives_each_time_a_version_that_was_never_there(tmp_path):
    generate(tmp_path / "estate", files=100)
    [path, *_] = (tmp_path / "estate").rglob("production/deployment.yaml")
    texts = [path.read_text()]
    for _again in range(2):
        subprocess.run(["sh", "-c", edit(path.parent, [path.name])], check=True)
        texts.append(path.read_text())
    changed = [set(new.splitlines()) - set(texts[0].splitlines()) for new in texts[1:]]
    assert changed[0] != changed[1]
    for [line] in changed:
        assert line.strip().startswith("image: 123456789012.dkr.ecr.eu-central-1.amazonaws.com/")


def results(**values):
    return Results({"cores": "2"}, {"kerp-policy": "1.0"}, ["pint"], **values)


ROW = Row("a tree", "everything", 3, "others", theirs=2.0, ours=1.0, ran=True)


def test_a_mark_is_met_not_met_or_not_measured():
    outcomes = [Mark("time", 1.0, value).outcome for value in (0.9, 1.0, 1.1, None)]
    assert outcomes == ["met", "met", "not met", "not measured"]


def test_the_table_has_the_ratio_the_marks_and_what_was_missing():
    marks = [Mark("memory", 400, 33.2, "MB"), Mark("a tree to checkov", 0.05, None)]
    text = report.text(results(rows=[ROW], marks=marks, failed=["zizmor on a tree"]))
    rows = [line.split("  ") for line in text.splitlines()]
    rows = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert ["a tree: everything", "3", "others", "2.0 s", "1.0 s", "0.50"] in rows
    assert ["memory", "400 MB", "33.20 MB", "met"] in rows
    assert ["a tree to checkov", "0.05", "not measured"] in rows
    assert ["missing, so not measured: pint"] in rows
    assert ["could not run: zizmor on a tree"] in rows


def test_a_race_that_did_not_run_has_no_ratio():
    assert results(rows=[ROW]).ratio("a tree", "others") == 0.5
    assert results(rows=[ROW._replace(ran=False)]).ratio("a tree", "others") is None
    assert "could not run" in report.text(results(rows=[ROW._replace(ran=False)]))


def test_the_page_keeps_what_is_written_around_the_measured_part(tmp_path):
    page = tmp_path / "performance.md"
    page.write_text("before\n\n<!-- measured -->\nold\n<!-- /measured -->\n\nafter\n")
    report.write_markdown(page, results(rows=[ROW]))
    text = page.read_text()
    assert text.startswith("before\n\n<!-- measured -->")
    assert text.endswith("<!-- /measured -->\n\nafter\n")
    assert "old" not in text
    assert "| a tree: everything | 3 | others | 2.0 s | 1.0 s | 0.50 |" in text


def benchmarks(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_tool_that_is_not_known_or_not_there_is_a_usage_error(tmp_path):
    done = benchmarks("--peer", "haddolint=/bin/true")
    assert done.returncode == 2
    assert "haddolint: expected one of actionlint, amlint" in done.stderr
    done = benchmarks("--peer", f"hadolint={tmp_path}/none")
    assert done.returncode == 2
    assert f"hadolint: no program lies at {tmp_path}/none" in done.stderr


def test_two_trees_of_one_name_are_a_usage_error(tmp_path):
    for parent in ("a", "b"):
        (tmp_path / parent / "kerp").mkdir(parents=True)
    done = benchmarks(str(tmp_path / "a" / "kerp"), str(tmp_path / "b" / "kerp"))
    assert done.returncode == 2
    assert "two TREES have one name" in done.stderr


def test_without_hyperfine_it_says_how_to_get_it(tmp_path):
    done = benchmarks("--short", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "hyperfine is not installed: apt-get install hyperfine" in done.stderr


@pytest.mark.skipif(not shutil.which("hyperfine"), reason="hyperfine is not installed")
def test_the_short_form_runs_to_its_end_with_whatever_is_there(tmp_path):
    program = Path(sys.executable).parent / "kerp-policy"
    if not program.exists():
        pytest.skip("kerp-policy is not installed beside this Python")
    page = tmp_path / "page.md"
    done = benchmarks("--short", "--program", str(program), "--markdown", str(page))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "peak memory of a first run" in done.stdout
    assert "--changed-since with three changed files" in page.read_text()
