"""The reports for GitLab and for viewers of tests."""

import json
from collections import Counter
from xml.etree import ElementTree

from hypothesis import given, settings

from cli import kerp_policy
from harness import FIXTURES
from kerp_policy.findings import Place, Related, Verdict
from kerp_policy.i18n import told
from kerp_policy.report.gitlab import gitlab
from kerp_policy.report.junit import junit
from kerp_policy.sources.source import Span
from runs import ANY_PATH, ANY_TEXT, DEBT, WAIVER, finding, run_of


def test_gitlab_gets_the_worst_first_with_place_and_fingerprint():
    mild, open_ = finding(severity="info"), finding(verdict=Verdict.UNVERIFIED)
    worst = finding(file="web/b.yaml")
    waived = finding(suppression=WAIVER)
    issues = json.loads(gitlab(run_of(mild, open_, waived, worst, prefix="erp/")))
    assert [issue["severity"] for issue in issues] == ["critical", "minor", "info"]
    assert issues[0] == {
        "description": "the value is 1; expected 2",
        "check_name": "image-user",
        "fingerprint": worst.fingerprint,
        "severity": "critical",
        "location": {"path": "erp/web/b.yaml", "lines": {"begin": 3, "end": 3}},
    }
    assert issues[2]["description"] == "unverified: the value is 1; expected 2"


def test_junit_has_a_suite_for_each_policy_and_a_case_for_each_finding():
    related = Related("c.yaml", Place(Span(7, 1, 7, 2), "x"), "set there")
    run = run_of(
        finding(related=(related,)),
        finding(verdict=Verdict.UNVERIFIED),
        finding(suppression=DEBT),
        counts={
            "image-user": Counter(judged=5, failed=2, unverified=1),
            "replicas": Counter(judged=2),
            "hpa-bounds": Counter(not_applicable=2),
        },
    )
    suites = ElementTree.fromstring(junit(run))
    assert [suite.get("name") for suite in suites] == ["image-user", "replicas"]
    counts = [(s.get("tests"), s.get("failures"), s.get("skipped")) for s in suites]
    assert counts == [("4", "1", "2"), ("1", "0", "0")]
    cases = suites[0].findall("testcase")
    assert cases[0].get("name") == "a.yaml:3 Pod/x:spec"
    assert cases[0].find("failure").text == (
        "a.yaml:3: the value is 1; expected 2\nsee c.yaml:7: set there\nhelp: Mend it."
    )
    assert cases[1].find("skipped").get("message") == "unverified: the value is 1; expected 2"
    assert cases[2].find("skipped").get("message") == "baseline: was there on 2026-11-02"
    assert cases[3].get("name") == "2 without a finding"


def test_a_crash_is_an_error_in_junit():
    suites = ElementTree.fromstring(junit(run_of(crashes=[told("a.yaml: the check of x crashed")])))
    error = suites.find("testsuite/testcase/error")
    assert error.get("message") == "a.yaml: the check of x crashed"


@settings(max_examples=200)
@given(ANY_TEXT, ANY_PATH)
def test_whatever_artifacts_say_is_text(text, path):
    said = finding(text, file=path, help=text, place=Place(Span(1, 1, 1, 2), text))
    suites = ElementTree.fromstring(
        junit(run_of(said, crashes=[told("{text}", text=text)])).encode()
    )
    assert [child.tag for child in suites.iter()].count("failure") == 1
    assert len(json.loads(gitlab(run_of(said)))) == 1


def test_both_are_made_by_the_command(tmp_path):
    gitlab_file, junit_file = tmp_path / "gl.json", tmp_path / "junit.xml"
    formats = [f"--format=gitlab={gitlab_file}", f"--format=junit={junit_file}", "--format=json"]
    outcome = kerp_policy("check", *formats, cwd=FIXTURES / "kerp")
    failed = [f for f in outcome.findings if f["verdict"] == "fail"]
    suites = ElementTree.parse(junit_file).getroot()
    assert len(suites.findall("testsuite/testcase/failure")) == len(failed)
    assert len(json.loads(gitlab_file.read_text())) == len(outcome.findings)
