"""What holds for every policy and profile."""

import re
from pathlib import Path

import pytest

from harness import ROOT
from kerp_policy.checks import find_check
from kerp_policy.errors import UsageError
from kerp_policy.paths import parse_path
from kerp_policy.policy.load import load_library, load_profile
from kerp_policy.policy.model import fill, section_of

POLICIES = load_library().policies


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_a_policys_check_exists_and_its_words_are_whole(policy):
    if policy.check:
        assert callable(find_check(policy.check))
    for path in policy.require:
        assert parse_path(path)
    for text in (policy.title, policy.why, policy.how):
        filled = fill(text, policy.params)
        assert not re.search(r"\{[a-z_]+\}", filled), "a parameter that does not exist"
    assert policy.why.rstrip().endswith(".")
    assert policy.help().rstrip().endswith((".", "`."))
    assert not policy.title.endswith(".")


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_a_policy_shows_what_breaks_it_and_what_does_not(policy):
    shown = {name for example in policy.examples for name in example}
    assert shown in ({"bad", "good"}, {"unverified", "good"})
    for text in (text for example in policy.examples for text in example.values()):
        for file, part in (text if isinstance(text, dict) else {"": text}).items():
            assert not re.search(r"(?<![{$])\{[a-z_]+\}", fill(part, policy.params)), file


@pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))
def test_parameters_are_used(policy):
    text = repr(policy.require) + policy.title + policy.how + policy.why
    module = policy.check.partition(".")[0]
    code = (ROOT / "kerp_policy" / "checks" / f"{module}.py").read_text() if module else ""
    shared = POLICIES[policy.params_of].params if policy.params_of else {}
    for name in policy.params.keys() - shared.keys():
        assert f"${name}" in text or f"{{{name}}}" in text or f'"{name}"' in code


def test_clauses_of_policies_are_clauses_of_the_standard():
    profile = load_profile("kerp")
    named = {clause for policy in POLICIES.values() for clause in policy.clauses}
    assert named - set(profile.clauses) == set()


def test_every_clause_of_the_standard_has_a_policy():
    named = {clause for policy in load_profile("kerp").policies for clause in policy.clauses}
    assert set(load_profile("kerp").clauses) - named == set()


def test_every_section_of_the_standard_has_a_title():
    profile = load_profile("kerp")
    assert list(profile.sections) == list(dict.fromkeys(map(section_of, profile.clauses)))


def test_the_page_of_the_standard_is_up_to_date():
    import importlib.util

    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "scripts/build_docs.py")
    build_docs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build_docs)
    page = build_docs.page(load_profile("kerp"))
    assert Path(build_docs.TARGET).read_text("utf-8") == page, "run python scripts/build_docs.py"


@pytest.mark.parametrize(
    "name",
    [
        "os.system", "workloads.__import__", "workloads.Pod", "..os.system", "x", "no.such",
        "workloads.lookup", "workloads.missing_labels", "alb.tls", "workflow_jobs.at",
    ],
)  # fmt: skip
def test_a_policy_reaches_no_code_but_checks(name):
    with pytest.raises(UsageError):
        find_check(name)
