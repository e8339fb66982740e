"""The grammar of paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.paths import EACH, format_path, parse_path

STEPS = st.lists(st.one_of(st.text(), st.integers(min_value=0)), max_size=6).map(tuple)


@given(STEPS)
def test_a_path_survives_being_written_and_read(path):
    assert parse_path(format_path(path)) == path


@given(st.text())
def test_any_text_is_a_path_or_a_value_error(text):
    try:
        path = parse_path(text)
    except ValueError as error:
        assert "not a path from character" in str(error)
    else:
        assert parse_path(format_path(path)) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ()),
        ("spec", ("spec",)),
        ("spec.hard.pods", ("spec", "hard", "pods")),
        ('spec.hard["requests.cpu"]', ("spec", "hard", "requests.cpu")),
        ('["a.b"][0].c', ("a.b", 0, "c")),
        ("containers[0].env[2].value", ("containers", 0, "env", 2, "value")),
        ("ports[*].name", ("ports", EACH, "name")),
        (r'["a\"b\\c"]', ('a"b\\c',)),
        ("matchLabels.app-name", ("matchLabels", "app-name")),
    ],
)
def test_what_a_path_means(text, path):
    assert parse_path(text) == path
    assert format_path(path) == text.replace("[*]", '["*"]')


@pytest.mark.parametrize(
    ("text", "character"),
    [
        (".spec", 1),
        ("spec.", 5),
        ("spec..hard", 5),
        ("spec hard", 5),
        ("spec[0]hard", 8),
        ("spec[-1]", 5),
        ("spec[1", 5),
        ('spec["a]', 5),
        ("spec.1", 5),
    ],
)
def test_what_is_no_path_is_told_from_where_on(text, character):
    with pytest.raises(ValueError, match=f"from character {character} on"):
        parse_path(text)
