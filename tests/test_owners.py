"""Whom CODEOWNERS names for a file, by what GitHub's documentation says of its patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import write
from kerp_policy.sources.owners import MAX_BYTES, MAX_RULES, Owners, codeowners
from kerp_policy.sources.tree import WorkingTree


@pytest.mark.parametrize(
    ("pattern", "owned", "not_owned"),
    [
        ("*", ["a", "a/b/c.yaml"], []),
        ("*.js", ["a.js", "src/a.js", "x.js/readme"], ["a.jsx", "js"]),
        ("/build/logs/", ["build/logs/a", "build/logs/b/c"], ["x/build/logs/a", "build/logs"]),
        ("docs/*", ["docs/start.md"], ["docs/app/trouble.md", "x/docs/start.md"]),
        ("apps/", ["apps/a", "x/apps/b/c"], ["apps", "x/apps"]),
        ("/docs/", ["docs/a", "docs/b/c"], ["x/docs/a"]),
        ("/scripts", ["scripts", "scripts/a/b"], ["x/scripts", "scripts2"]),
        ("**/logs", ["logs", "a/logs", "a/b/logs/c"], ["a/logs2"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["a/x/c", "x/a/b"]),
        ("a/**", ["a/x", "a/x/y"], ["b/a/x"]),
        ("README.md", ["README.md", "x/README.md"], ["readme.md"]),
        ("/k8s/*/api-?.yaml", ["k8s/prod/api-1.yaml"], ["k8s/prod/api-.yaml", "k8s/api-1.yaml"]),
        ("*a*b*c", ["abc", "xaybzc"], ["acb", "abcd"]),
        ("ab*ba", ["abba"], ["aba"]),
        ("deploy*", ["deploy", "deployments/a"], ["x-deploy"]),
        (r"my\ file", ["my file", "x/my file/a"], ["my"]),
    ],
)
def test_a_pattern_means_these_files(pattern, owned, not_owned):
    owners = Owners(f"{pattern} @team\n")
    assert [path for path in [*owned, *not_owned] if owners.of(path)] == owned


def test_the_last_rule_that_fits_counts():
    owners = Owners("* @all\n/apps/ @apps\n/apps/github\n# no\n/web/ @web ops@example.com # x\n")
    assert owners.of("a") == ("@all",)
    assert owners.of("apps/a") == ("@apps",)
    assert owners.of("apps/github/a") == ()
    assert owners.of("web/a") == ("@web", "ops@example.com")


@pytest.mark.parametrize("line", ["!a @x", "a[bc] @x", r"\#a @x", "a nobody", "a @x what?", "a @"])
def test_a_line_that_github_does_not_read_is_skipped(line):
    assert Owners(f"* @all\n{line}\n").of("a") == ("@all",)


def test_too_many_rules_name_nobody():
    assert Owners("* @all\n" * (MAX_RULES + 1)).of("a") == ()


@given(st.text(max_size=40), st.text("ab*?/\\ .", min_size=1, max_size=15))
def test_any_text_is_read(text, path):
    assert isinstance(Owners(text).of(path), tuple)
    assert Owners(f"* @all\n{text}\n").rules[0].owners == ("@all",)


def test_what_a_hostile_pattern_asks_for_is_bounded():
    deep = "/".join("a" * 500)
    assert Owners("/".join(["**", "a"] * 200) + "/b @x\n").of(deep) == ()
    assert Owners("*a" * 200 + "b @x\n").of("a" * 2000) == ()


def test_the_first_place_that_has_a_file_counts(tmp_path):
    write(tmp_path, {"docs/CODEOWNERS": "* @docs", "CODEOWNERS": "* @top"})
    assert codeowners(WorkingTree(tmp_path), "").text == "* @top"
    write(tmp_path, {".github/CODEOWNERS": "* @github"})
    assert codeowners(WorkingTree(tmp_path), "").text == "* @github"


def test_the_file_of_the_repository_counts_for_a_part_of_it(tmp_path):
    write(tmp_path, {"CODEOWNERS": "* @top", "a/b/CODEOWNERS": "* @part"})
    assert codeowners(WorkingTree(tmp_path / "a" / "b"), "a/b/").text == "* @top"


def test_a_large_file_and_a_link_out_of_the_project_are_not_read(tmp_path):
    write(tmp_path, {"a": "* @outside", "in/CODEOWNERS": "#" * (MAX_BYTES + 1)})
    assert codeowners(WorkingTree(tmp_path / "in"), "") is None
    (tmp_path / "in" / "CODEOWNERS").unlink()
    (tmp_path / "in" / "CODEOWNERS").symlink_to(tmp_path / "a")
    assert codeowners(WorkingTree(tmp_path / "in"), "") is None
