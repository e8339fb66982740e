"""No pattern of a user, or of an artifact, takes longer than its length and that of the text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import kerp_policy, write
from judging import PROFILE, judge
from kerp_policy.errors import UsageError
from kerp_policy.policy.model import External
from kerp_policy.policy.require import valid
from kerp_policy.sources.discover import less_excluded, list_files
from kerp_policy.sources.match import MAX_PATTERN, matches

MANY = "*a" * 30 + "*b"
"""Python's own engine would try all ways to share a text among the thirty."""
LONG = "a" * 5_000
FUZZ = settings.get_profile("fuzz")


@pytest.mark.parametrize("pattern", [MANY, MANY.replace("*", "**"), "**/" * 30 + "b", "**/a*a"])
@pytest.mark.parametrize("text", [LONG, "a/" * 5_000 + "c"])
def test_a_glob_with_many_signs(pattern: str, text: str) -> None:
    assert matches(pattern, text) == (pattern == "**/a*a" and text == LONG)
    assert less_excluded([text], [pattern]) == ([text] if not matches(pattern, text) else [])


@FUZZ
@given(st.text("a/*?", max_size=8), st.text("ab/\n", max_size=8))
def test_a_glob_means_what_a_plain_translation_means(pattern: str, path: str) -> None:
    signs = {"**/": "(?:[^/]+/)*", "**": "(?s:.*)", "*": "[^/]*", "?": "[^/]"}
    regex = re.sub(r"\*\*/|\*\*|\*|\?", lambda sign: signs[sign[0]], pattern)
    assert matches(pattern, path) == bool(re.fullmatch(regex, path))


def test_a_name_that_is_no_utf_8() -> None:
    assert matches("a*b*c", "a\udcffbc")
    assert less_excluded(["a\udcffb", "x"], ["a?b"]) == ["x"]


def test_a_pattern_at_the_limit_counts_and_beyond_it_is_told() -> None:
    fits = "*a" * (MAX_PATTERN // 2)
    assert matches(fits, LONG)
    assert not matches(f"{fits}*", LONG)
    assert less_excluded([LONG], [fits]) == []
    with pytest.raises(UsageError, match="has 1,001 characters; expected at most 1,000"):
        less_excluded([LONG], [f"{fits}*"])


@pytest.mark.parametrize("pattern", ["!", "[z-a]", "a\\", "[[:x:]]"])
def test_what_is_no_pattern_is_told_and_git_passes_over_it(tmp_path, pattern: str) -> None:
    write(tmp_path, {".kerp-policy.yaml": f"exclude: ['{pattern}']\n", "a.yaml": "a: b\n"})
    outcome = kerp_policy("check", cwd=tmp_path)
    assert outcome.code == 2
    assert f"exclude in the configuration: {pattern!r} is no pattern of .gitignore" in outcome.err
    write(tmp_path, {".gitignore": f"{pattern}\n*.tmp\n", "b.tmp": ""})
    assert list_files(tmp_path) == [".gitignore", ".kerp-policy.yaml", "a.yaml"]


@pytest.mark.parametrize("regex", ["(a+)+$", "(a|a)*$", "^(a|aa)+$", "(.*a){20}$"])
def test_a_regular_expression_of_a_policy(regex: str) -> None:
    assert not valid({"pattern": f"{regex}b"}, LONG)


def test_patterns_of_artifacts() -> None:
    """Branches of a workflow, matchers of Alertmanager, targets of a kustomization, CODEOWNERS."""
    patch = f"patches: [{{target: {{kind: '(a+)+$', name: '(a|a)*b'}}, patch: 'a: {LONG}'}}]\n"
    route = f"route: {{receiver: a, routes: [{{matchers: ['a=~\"(a+)+b\"', 'a=\"{LONG}\"']}}]}}\n"
    judge(
        {
            ".github/workflows/a.yml": f"on: {{push: {{branches: ['{MANY}', {LONG}]}}}}\n".encode(),
            "kustomization.yaml": patch.encode(),
            "alertmanager.yml": f"{route}receivers: [{{name: a}}]\n".encode(),
            ".github/CODEOWNERS": f"{MANY} @a\n".encode(),
            f"deploy/{LONG[:200]}/a.yaml": b"apiVersion: v1\nkind: Namespace\n",
            "apply.sh": f"#!/bin/sh\nkubectl apply -f 'deploy/{MANY}'\n".encode(),
        }
    )


def test_what_a_project_answers_for() -> None:
    external = External(f"ServiceAccount/a/{MANY}", "", "Terraform makes it")
    assert not matches(external.says, f"ServiceAccount/a/{LONG}")
    assert PROFILE.externals == ()
