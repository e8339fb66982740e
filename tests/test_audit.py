"""Many repositories in one run: what is told of each and of all, and what nothing may stop."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import jsonschema
import pytest
from cmarkgfm import github_flavored_markdown_to_html as html
from hypothesis import given

from cli import kerp_policy, write
from clusters import PATIENCE, until
from harness import ROOT
from kerp_policy.audit.clauses import by_clause
from kerp_policy.audit.json import as_json
from kerp_policy.audit.judge import Options, Repository, judge_repository
from kerp_policy.audit.markdown import MAX_CHARACTERS, markdown
from kerp_policy.audit.model import Audit, First, Standard, Summary, Tally, by_policy
from kerp_policy.audit.run import audit
from kerp_policy.audit.text import text
from kerp_policy.policy.model import this_day
from kerp_policy.policy.validate import schema
from runs import ANY_TEXT

OPTIONS = Options(this_day())
BAD = "FROM scratch\nUSER 1001:1001\nRUN curl -k https://example.com\n"
GOOD = "FROM scratch\nUSER 1001:1001\nHEALTHCHECK NONE\n"
KERP = Standard("kerp")
ONLY = "profile: ours\npolicies: [rules]\n"
OURS = {
    ".kerp-policy.yaml": ONLY,
    "rules/profiles/ours.yaml": "title: Ours\ninclude: {policies: [image-tls]}\n",
}


@pytest.fixture(name="estate")
def _estate(tmp_path):
    """Repositories of every fate."""
    write(tmp_path / "bad", {**OURS, "Dockerfile": BAD, "b/Dockerfile": BAD})
    write(tmp_path / "good", {**OURS, "Dockerfile": GOOD})
    write(tmp_path / "bare", {"README": "nothing to see\n"})
    write(tmp_path / "wrong", {".kerp-policy.yaml": "profle: kerp\n", "Dockerfile": BAD})
    (tmp_path / "empty").mkdir()
    write(tmp_path, {"file": "x\n"})
    return tmp_path


def audited(*arguments, cwd, **environment):
    """The JSON of an audit, by repository, held to its schema."""
    done = kerp_policy("audit", *arguments, "--format", "json", cwd=cwd, **environment)
    jsonschema.validate(done.report, schema("audit"))
    return done, {one["repository"]: one for one in done.report["repositories"]}


def test_each_repository_is_told_with_the_first_place_of_what_it_breaks(estate):
    done, told = audited("good", "bad", cwd=estate)
    assert done.code == 1
    assert list(told) == ["bad", "good"]
    assert (told["bad"]["fails"], told["good"]["fails"]) == (True, False)
    [tally] = told["bad"]["policies"]
    assert (tally["policy"], tally["failed"]) == ("image-tls", 2)
    assert (tally["first"]["file"], tally["first"]["line"]) == ("Dockerfile", 3)
    assert "verifies no certificate" in tally["first"]["message"]
    assert told["bad"]["files"] == {"dockerfile": 2}
    assert told["bad"]["findings"]["errors"] == 2
    assert told["good"]["policies"] == []


def test_an_audit_finds_what_a_check_of_each_finds(tmp_path):
    for name in ("kerp", "other"):
        shutil.copytree(ROOT / "fixtures/kerp", tmp_path / name)
    (tmp_path / "other/backend/Dockerfile").unlink()
    _done, told = audited("kerp", "other", cwd=tmp_path)
    for name in ("kerp", "other"):
        findings = kerp_policy("check", "--format", "json", cwd=tmp_path / name).findings
        failed = Counter(f["policy"] for f in findings if f["verdict"] == "fail")
        assert {t["policy"]: t["failed"] for t in told[name]["policies"] if t["failed"]} == failed


def test_what_was_not_judged_is_told_with_the_reason_and_the_rest_all_the_same(estate):
    names = ("gone", "bad", "wrong", "file", "empty", "bare")
    done, told = audited(*names, cwd=estate)
    assert done.code == 2
    assert {name: one["problems"] for name, one in told.items() if one["problems"]} == {
        "gone": ["there is no such folder"],
        "file": ["is no folder"],
        "empty": ["holds no files; it may not have been checked out"],
        "wrong": told["wrong"]["problems"],
    }
    assert told["wrong"]["problems"][0].startswith(".kerp-policy.yaml:1:1: unknown field")
    assert told["bad"]["fails"]
    assert done.report["totals"]["not_judged"] == 4
    assert done.report["totals"]["empty"] == 1
    assert "4 of 6 repositories not judged" in done.err


def test_a_repository_without_artifacts_fails_nothing_unless_all_are_so(estate):
    assert kerp_policy("audit", "good", "bare", cwd=estate).code == 0
    assert kerp_policy("audit", "bare", cwd=estate).code == 2


@pytest.mark.parametrize("again", ["./bad", "bad/", "good/../bad", "link"])
def test_a_repository_that_is_named_twice_is_judged_once(again, estate):
    (estate / "link").symlink_to("bad")
    _done, told = audited("bad", "good", again, cwd=estate)
    assert list(told) == ["bad", "good"]


def test_repositories_come_from_a_list_or_from_standard_input(estate):
    write(estate, {"list": "good\r\n\nbad\n"})
    done, told = audited("--repos", "list", cwd=estate)
    assert (done.code, list(told)) == (1, ["bad", "good"])
    done = kerp_policy("audit", "--repos", "-", cwd=estate, stdin=b"good\n")
    assert (done.code, done.out.splitlines()[0]) == (0, "good")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "no repository is named; expected REPO or --repos FILE"),
        (("--repos", "nowhere"), "nowhere: cannot be read: No such file or directory"),
        (("--repos", "nul"), "nul:2: is no path"),
        (("--repos", "blank"), "no repository is named"),
        (("good", "--processes", "2", "--scheduler", "tcp://x"), "exclude each other"),
        (("good", "--format", "jsno"), "'jsno', which does not exist; did you mean json?"),
        (("good", "--format", "json", "--format", "text"), "only one --format can go to standard"),
    ],
)
def test_a_wrong_command_line_is_told(arguments, says, estate):
    write(estate, {"nul": b"good\nb\0d\n", "blank": "\n \n"})
    done = kerp_policy("audit", *arguments, cwd=estate)
    assert done.code == 2
    assert says in done.err


def test_nothing_above_a_repository_decides(estate):
    write(estate, {".kerp-policy.yaml": "profle: x\n"})
    assert kerp_policy("audit", "good", cwd=estate).code == 0


def test_one_profile_holds_all_and_one_severity_fails_all(estate):
    _done, told = audited("bad", "good", "--profile", "kerp@1.0", cwd=estate)
    assert {one["profile"] for one in told.values()} == {"kerp@1.0"}
    write(estate / "lax", {**OURS, ".kerp-policy.yaml": f"{ONLY}fail-on: info\n"})
    rules = (
        "title: Ours\ninclude: {policies: [image-tls]}\npolicies: {image-tls: {severity: info}}\n"
    )
    write(estate / "lax", {"Dockerfile": BAD, "rules/profiles/ours.yaml": rules})
    assert kerp_policy("audit", "lax", cwd=estate).code == 1
    assert kerp_policy("audit", "lax", "--fail-on", "warning", cwd=estate).code == 0


def test_an_environment_that_a_standard_does_not_have_is_told_of_the_repository(estate):
    done, told = audited("good", "--environment", "nowhere", cwd=estate)
    assert done.code == 2
    assert "nowhere" in told["good"]["problems"][0]


def test_debt_and_waivers_are_counted_and_fail_nothing(estate):
    assert kerp_policy("baseline", "write", cwd=estate / "bad").code == 0
    waived = BAD.replace("RUN", '# kerp-policy: allow image-tls until=2027-01-31 reason="x"\nRUN')
    write(estate / "good", {"Dockerfile": waived})
    done, told = audited("bad", "good", cwd=estate, SOURCE_DATE_EPOCH="1795392000")
    assert done.code == 0
    assert told["bad"]["findings"]["debt"] == 2
    assert told["good"]["findings"]["waived"] == 1
    assert told["bad"]["policies"][0]["first"] is None


def test_no_path_of_the_machine_is_shown(estate):
    (estate / "unread").mkdir()
    write(estate / "unread", {".kerp-policy.yaml": "policies: [x]\n"})
    write(estate / "broken", {".kerp-policy-baseline.json": "{", "Dockerfile": BAD})
    for form in ("text", "json", "markdown"):
        names = ("bad", "wrong", "gone", "unread", "broken")
        done = kerp_policy("audit", *names, "--format", form, cwd=estate)
        assert str(estate) not in done.out + done.err


def test_policies_of_one_repository_do_not_outlive_it(estate):
    """A worker of a cluster judges a folder today and tomorrow."""
    repository = Repository("bad", str(estate / "bad"))
    assert judge_repository(repository, OPTIONS).fails
    rules = "title: Ours\ninclude: {policies: [image-user]}\n"
    write(estate / "bad", {"rules/profiles/ours.yaml": rules})
    assert not judge_repository(repository, OPTIONS).fails


def broken(repository, *, name):
    """Judge, but for one repository, where something goes wrong."""
    if repository.name == "raises":
        raise ValueError("s3cret")
    if repository.name == "unpicklable":
        return lambda: None
    if repository.name == "dies":
        os._exit(3)
    if repository.name == "dies once" and not Path(name).exists():
        Path(name).touch()
        os._exit(3)
    return Summary(repository.name, KERP)


NAMES = [f"n{i:02}" for i in range(20)]
FINE = [Summary(name, KERP) for name in NAMES]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("raises", "judging it ended with ValueError"),
        ("unpicklable", "judging it ended with "),
        ("dies", "the process that judged it ended without an answer"),
    ],
)
@pytest.mark.parametrize("processes", [1, 3])
def test_what_goes_wrong_in_one_repository_ends_no_other(name, problem, processes, tmp_path):
    names = [*NAMES[:5], name, *NAMES[5:]]
    judge = partial(broken, name=str(tmp_path / "seen"))
    found = audit([Repository(n, n) for n in names], judge, processes=processes)
    assert [s for s in found.summaries if s.repository != name] == FINE
    [wrong] = found.unjudged
    assert wrong.problems[0].startswith(problem)
    assert "s3cret" not in as_json(found)


def test_a_repository_whose_process_was_killed_is_judged_again(tmp_path):
    names = [*NAMES, "dies once"]
    judge = partial(broken, name=str(tmp_path / "seen"))
    found = audit([Repository(n, n) for n in names], judge, processes=2)
    assert [s.repository for s in found.summaries] == sorted(names)
    assert not found.unjudged


def test_any_executor_will_do_and_what_it_leaves_is_done_here(tmp_path):
    names = [*NAMES[:8], "dies once", *NAMES[8:]]
    judge = partial(broken, name=str(tmp_path / "seen"))
    repositories = [Repository(n, n) for n in names]
    with ProcessPoolExecutor(2, get_context("fork")) as executor:
        found = audit(repositories, judge, executor)
    with ThreadPoolExecutor(2) as executor:
        assert audit(repositories, judge, executor) == found
        executor.shutdown()
        assert audit(repositories, judge, executor) == found
    assert [s.repository for s in found.summaries] == sorted(names)


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_the_bytes_are_the_same_whoever_judges(form, estate):
    names = ["gone", "good", "bad", "wrong", "bare"]
    options = ("--format", form, "--processes")
    outs = {
        kerp_policy("audit", *names, *options, count, cwd=estate, PYTHONHASHSEED=count).out
        for count in "124"
    } | {kerp_policy("audit", *reversed(names), *options, "2", cwd=estate).out}
    assert len(outs) == 1


def test_several_reports_are_made_of_one_run(estate):
    files = ("--format", "json=out.json", "--format", "markdown=out/of.md")
    (estate / "out").mkdir()
    several = kerp_policy("audit", "bad", "good", *files, "--format", "text", cwd=estate)
    assert several.code == 1
    for form, made in (
        ("json", (estate / "out.json").read_text()),
        ("markdown", (estate / "out/of.md").read_text()),
        ("text", several.out),
    ):
        assert made == kerp_policy("audit", "bad", "good", "--format", form, cwd=estate).out


def test_a_report_that_cannot_be_written_is_told_and_keeps_none_from_coming(estate):
    (estate / "good/link.json").symlink_to(estate / "elsewhere")
    files = ("json=nowhere/out.json", "json=good/link.json", "markdown=out.md", "text")
    formats = [word for file in files for word in ("--format", file)]
    done = kerp_policy("audit", "bad", "good", *formats, cwd=estate)
    assert done.code == 2
    assert "nowhere/out.json: No such file or directory" in done.err
    assert "good/link.json: leads through a symbolic link of the project" in done.err
    assert not (estate / "elsewhere").exists()
    assert (estate / "out.md").read_text().startswith("### kerp-policy: 2 repositories")
    assert done.out.startswith("bad\n")


def test_people_read_titles_in_their_language_and_programs_compare_english(estate):
    formats = ("--format", "json=out.json", "--format", "markdown=out.md")
    kerp_policy("audit", "bad", *formats, "--lang", "ko", cwd=estate)
    [policy] = json.loads((estate / "out.json").read_text())["policies"]
    assert policy["title"] == "Nothing in a Dockerfile turns verification off"
    assert policy["title"] not in (estate / "out.md").read_text()
    assert "저장소" in (estate / "out.md").read_text()


def test_the_time_of_all_processes_is_told_and_changes_no_report(estate):
    words = ("audit", "bad", "good", "--no-cache", "--format", "json", "--processes")
    for processes in "12":
        done = kerp_policy(*words, processes, "--timings", cwd=estate)
        assert done.out == kerp_policy(*words, "1", cwd=estate).out
        assert " s  judging repositories\n" in done.err
        assert " s  reading and parsing: 7 files\n" in done.err
        assert " s  image-tls: " in done.err


def tally(policy, failed, *clauses, severity="error"):
    first = First("a.yaml", 1, 1, "x") if failed else None
    return Tally(policy, policy.title(), severity, clauses, failed, first=first)


def test_what_most_repositories_break_comes_first():
    summaries = (
        Summary("a", tallies=(tally("often", 9, "1-a"), tally("wide", 1, "1-a", "2-b"))),
        Summary("b", tallies=(tally("none", 0, "3-c"), tally("wide", 1, "4-d", severity="info"))),
    )
    found = by_policy(Audit(summaries).tallies)
    assert [(t.policy, t.repositories, t.failed) for t in found] == [
        ("wide", 2, 2),
        ("often", 1, 9),
        ("none", 0, 0),
    ]
    assert found[0].clauses == ("1-a", "2-b", "4-d")
    assert found[0].severity == "error"
    assert [(c.clause, c.failed, c.repositories) for c in by_clause(summaries)] == [
        ("1-a", 10, 1),
        ("2-b", 1, 1),
        ("4-d", 1, 1),
    ]


def test_markdown_that_has_no_room_says_what_it_leaves_out():
    tallies = tuple(tally(f"policy-{i}", 3, "1-a") for i in range(30))
    summaries = [
        Summary(f"team/service-{i:05}", KERP, (("yaml", 1),), tallies) for i in range(5000)
    ]
    report = markdown(Audit((*summaries, Summary("z", problems=("no such folder",)))))
    assert len(report) < MAX_CHARACTERS
    assert "- **z** not judged: no such folder" in report
    assert "more, which --format json has" in report


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_what_a_repository_says_is_text_in_every_report(name, problem, title):
    one = Tally("p", title, "error", ("1-a",), 1, first=First("a", 1, 1, "x"))
    summary = Summary(name, KERP, (("yaml", 1),), (one,), 0, True, (problem,))
    found = Audit((summary,))
    rendered = html(markdown(found))
    assert not [tag for tag in ("<script", "<img", "<a ", "<h1") if tag in rendered]
    assert rendered.count("<table>") == 2
    assert rendered.count("<tr>") == 4
    for report in (text(found), as_json(found), markdown(found)):
        assert not [line for line in report.splitlines() if line.lstrip().startswith("::")]
        assert "\x1b" not in report
    assert json.loads(as_json(found))["repositories"][0]["repository"] == name


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_audit_that_is_stopped_leaves_no_process_behind(number, tmp_path):
    held = tmp_path / "held"
    code = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "import kerp_policy.audit.judge as judge\n"
        "def judged(*_arguments):\n"
        "    with open(sys.argv[0], 'a') as file: file.write(f'{os.getpid()}\\n')\n"
        "    time.sleep(600)\n"
        "judge._judged = judged\n"
        f"sys.argv = [{str(held)!r}, 'audit', 'a', 'b', 'c', '--processes', '2']\n"
        "from kerp_policy.cli import main\n"
        "main(prog_name='kerp-policy')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    held.touch()
    run = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, stderr=subprocess.PIPE
    )
    until(lambda: len(held.read_text().split()) == 2)
    run.send_signal(number)
    _out, err = run.communicate(timeout=PATIENCE)
    if number != signal.SIGKILL:
        assert (run.returncode, err) == (2, b"kerp-policy: stopped\n")
    until(lambda: not [pid for pid in held.read_text().split() if is_alive(pid)])


def is_alive(pid):
    """Whether a process runs: one that has ended and that nobody asked about does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
