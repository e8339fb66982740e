"""Every fixture folder is judged exactly as its expected.yaml says, as `kerp-policy test` does."""

import pytest

from cli import kerp_policy
from harness import FIXTURES
from kerp_policy.config import Config
from kerp_policy.examples import wrong_examples
from kerp_policy.fixtures import cases, expectations, judge
from kerp_policy.policy.load import load_library, load_profile

CASES = cases(FIXTURES)
POLICIES = load_library().policies
STANDARD = load_profile("kerp")


@pytest.mark.parametrize("folder", CASES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_fixture_folder(folder):
    case = judge(folder, Config())
    assert case.differences() == []
    assert (case.policy is not None) == (folder.parent.parent.name == "policies")


@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_has_a_flagged_and_a_clean_fixture(policy):
    folders = [folder for folder in CASES if folder.parent.name == policy]
    verdicts = [{f["verdict"] for f in expectations(folder)} for folder in folders]
    assert any(verdicts), "no case in which it speaks"
    assert not all(verdicts), "no case in which it is silent"


@pytest.mark.parametrize("policy", POLICIES)
def test_no_fixture_folder_without_files_to_judge(policy):
    for case in (folder for folder in CASES if folder.parent.name == policy):
        assert any(path.is_file() for path in case.rglob("*") if path.name != "expected.yaml")


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_the_examples_of_a_policy(policy):
    assert list(wrong_examples(policy, STANDARD)) == []


@pytest.mark.parametrize("profile", ["kerp", "thorough"])
def test_the_compliant_tree_is_clean(profile):
    done = kerp_policy("check", "--strict", "--profile", profile, cwd=FIXTURES / "kerp-compliant")
    assert (done.code, done.err) == (0, ""), done.out
