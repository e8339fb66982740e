"""What a .dockerignore keeps from a build, as BuildKit decides it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.docker.ignore import hidden_by, read_patterns


def hides(text, source):
    return hidden_by(source, read_patterns(text)) is not None


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("a", "a"),
        ("a", "a/b/c"),
        ("a/", "./a/"),
        ("/a", "/a"),
        ("  a  ", "a"),
        ("./b/../a", "a"),
        ("*", "a"),
        ("*/b", "a/b"),
        ("*.md", "a.md"),
        ("a?", "ab"),
        ("[a-c]x", "bx"),
        ("[^a]x", "bx"),
        ("**/x", "x"),
        ("**/x", "a/b/x"),
        ("**/x/**", "a/x/y"),
        ("a/**/x", "a/x"),
        ("a/**/x", "a/b/c/x"),
        ("a/**", "a/x"),
        ("**.log", "a/b.log"),
        ("**", "a"),
        ("a+b(1).txt", "a+b(1).txt"),
        ("target", "target/*.jar"),
        ("a\n!a\na", "a"),
        ("a\n!b", "a"),
        ("a\n!ab", "a"),
        ("!a\na", "a"),
        ("a\n!", "a"),
        ("*\n!src/**", "docs"),
    ],
)
def test_what_a_pattern_hides(text, source):
    assert hides(text, source)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("", "a"),
        ("# a", "a"),
        ("b", "a"),
        ("a/b", "a"),
        ("*", "."),
        ("*", "/"),
        ("*", "*.md"),
        ("*.md", "a/b.md/../c"),
        ("*.md", "*.md"),
        ("a?", "a/b"),
        ("?", "ab"),
        ("a/**", "a"),
        ("a.b", "axb"),
        ("[a-c]x", "dx"),
        ("[", "["),
        (r"a\*", "ab"),
        ("a\n!a", "a"),
        ("a\n!a/b", "a"),
        ("a\n!a/b", "a/b"),
        ("a\n!a/*.txt", "a"),
        ("a\n!**/*.md", "a"),
        ("*\n!src", "src/main"),
        ("target\n!target/*.jar", "target/*.jar"),
        ("**/node_modules", "node_modules_cache"),
    ],
)
def test_what_it_leaves(text, source):
    assert not hides(text, source)


@given(st.text("ab*?[]!/.\\\n#^- ", max_size=40), st.text("ab*?[/.\\", max_size=20))
def test_any_patterns_are_read(text, source):
    found = hidden_by(source, read_patterns(text))
    assert found is None or not found.keeps


@given(st.lists(st.sampled_from(["a", "a/b", "!a/b", "!a", "b", "!b", "*"]), max_size=6))
def test_the_last_pattern_for_a_path_decides(lines):
    last = next((line for line in reversed(lines) if line.lstrip("!") in ("b", "*")), "!b")
    assert hides("\n".join(lines), "b") == (not last.startswith("!"))
