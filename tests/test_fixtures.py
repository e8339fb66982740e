"""Every fixture folder is judged exactly as its expected.yaml says."""

import pytest

from harness import FIXTURES, compare, expected, judge
from kerp_policy.policy.load import load_library

POLICY_CASES = sorted(path.parent for path in (FIXTURES / "policies").glob("*/*/expected.yaml"))


@pytest.mark.parametrize("case", POLICY_CASES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_policys_fixture(case):
    assert compare(judge(case, case.parent.name), expected(case)) == []


@pytest.mark.parametrize("policy", sorted(load_library().policies))
def test_every_policy_has_a_flagged_and_a_clean_fixture(policy):
    folders = [case for case in POLICY_CASES if case.parent.name == policy]
    verdicts = [{f["verdict"] for f in expected(case)} for case in folders]
    assert any(verdicts), "no case in which it speaks"
    assert not all(verdicts), "no case in which it is silent"


@pytest.mark.parametrize("policy", sorted(load_library().policies))
def test_no_fixture_folder_without_files_to_judge(policy):
    for case in (case for case in POLICY_CASES if case.parent.name == policy):
        assert any(path.is_file() for path in case.rglob("*") if path.name != "expected.yaml")


def test_the_guides_tree_is_judged_exactly():
    folder = FIXTURES / "kerp"
    assert compare(judge(folder), expected(folder)) == []


def test_the_compliant_tree_is_clean():
    findings = judge(FIXTURES / "kerp-compliant")
    assert [f for f in findings if f.verdict == "fail"] == []
