"""The YAML reader: values by dialect, places of everything, invariants."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_scalars import core, kubernetes
from kerp_policy.sources.source import Span


def data(text, resolve=core):
    return [document.data(resolve) for document in read(text).documents]


@pytest.mark.parametrize(
    ("text", "by_core", "by_kubernetes"),
    [
        ("on", "on", True),
        ("yes", "yes", True),
        ("n", "n", False),
        ("'on'", "on", "on"),
        ("true", True, True),
        ("17:00", "17:00", "17:00"),
        ("2026-01-01", "2026-01-01", "2026-01-01"),
        ("0644", 644, 420),
        ("0o644", 420, 420),
        ("1_000", "1_000", 1000),
        ("0x1F", 31, 31),
        ("1e3", 1000.0, 1000.0),
        (".5", 0.5, 0.5),
        ("-.inf", float("-inf"), float("-inf")),
        ("~", None, None),
        ("", None, None),
        ("=", "=", "="),
        ("!!str 8080", "8080", "8080"),
        ("!!int '8080'", 8080, 8080),
        ("9" * 400, "9" * 400, "9" * 400),
        ("-", [None], [None]),
        ("+", "+", "+"),
    ],
)
def test_a_scalar_means_what_its_reader_takes_it_for(text, by_core, by_kubernetes):
    assert data(f"a: {text}" if text != "-" else "a:\n  -")[0]["a"] == by_core
    assert data(f"a: {text}" if text != "-" else "a:\n  -", kubernetes)[0]["a"] == by_kubernetes


def test_a_pair_of_surrogates_in_json_is_read_and_moves_nothing():
    text = '{"a": "\\ud83d\\ude00", "b": [1, 2]}'
    document = read(text).documents[0]
    assert document.data() == {"a": "\ufffd\ufffd", "b": [1, 2]}
    assert document.span(("b", 1)) == Span(1, text.index("2") + 1, 1, text.index("2") + 2)


def test_keys_are_always_text():
    assert data("on: 1\n8080: 2\ntrue: 3\n~: 4\n") == [{"on": 1, "8080": 2, "true": 3, "~": 4}]


PLACES = """\
# a comment
spec:
  replicas: 3   # how many
  list:
    - name: first
      value: "한글 값"
    - second
  flow: {a: 1, b: [x, yy]}
  text: |
    line one
  folded: >-
    some
    text
  empty: {}
  alias: &x
    k: v
  again: *x
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("spec",), Span(2, 1, 2, 5)),
        (("spec", "replicas"), Span(3, 3, 3, 14)),
        (("spec", "list", 0), Span(5, 7, 5, 18)),
        (("spec", "list", 0, "value"), Span(6, 7, 6, 20)),
        (("spec", "list", 1), Span(7, 7, 7, 13)),
        (("spec", "flow", "b", 1), Span(8, 23, 8, 25)),
        (("spec", "text"), Span(9, 3, 9, 10)),
        (("spec", "empty"), Span(14, 3, 14, 12)),
        (("spec", "list", 0, "absent", "deeper"), Span(5, 7, 5, 18)),
        (("spec", "absent"), Span(2, 1, 2, 5)),
        (("absent",), Span(2, 1, 2, 5)),
        (("spec", "again", "k"), Span(16, 5, 16, 9)),
        (("spec", "again"), Span(17, 3, 17, 8)),
    ],
)
def test_a_path_has_the_place_where_it_is_written(path, place):
    document = read(PLACES).documents[0]
    assert document.span(path) == place


def test_merge_keys_bring_what_is_not_there_at_its_own_place():
    text = "base: &base {a: 1, b: 2}\nthing:\n  <<: *base\n  b: 3\n"
    document = read(text).documents[0]
    assert document.data()["thing"] == {"b": 3, "a": 1}
    assert document.span(("thing", "a")) == Span(1, 14, 1, 18)
    assert document.span(("thing", "b")) == Span(4, 3, 4, 7)


def test_the_earlier_of_several_merges_wins():
    text = "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz:\n  <<: [*x, *y]\n"
    assert data(text)[0]["z"] == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "text",
    [
        "a: {{ x }}",
        "{{- if x }}\na: b\n{{- end }}",
        "a:\n{{ include x }}\nb: c",
        "{% if x %}\na: b",
    ],
)
def test_braces_where_yaml_has_a_mapping_are_a_template(text):
    assert read(text).template


@pytest.mark.parametrize(
    "text", ['a: "{{ x }}"', "a: '{% x %}'", "a: |\n  {{ x }}", "? {a: b}\n: c"]
)
def test_braces_in_a_string_are_no_template(text):
    assert not read(text).template


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


def stand_in(value):
    """The value with each character that JSON escapes by two as the reader has it."""
    if isinstance(value, str):
        return re.sub("[\U00010000-\U0010ffff]", "\ufffd\ufffd", value)
    if isinstance(value, list):
        return [stand_in(item) for item in value]
    if isinstance(value, dict):
        return {stand_in(key): stand_in(item) for key, item in value.items()}
    return value


@given(json_values)
def test_json_is_yaml(value):
    stream = read(json.dumps({"value": value}))
    assert stream.problems == []
    assert stream.documents[0].data() == {"value": stand_in(value)}


plain = st.text(st.sampled_from("abcß한🚨"), min_size=1, max_size=5)
trees = st.recursive(
    plain, lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(
        plain, inner, min_size=1, max_size=3), max_leaves=12
)  # fmt: skip


def leaves(value, path=()):
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for step, part in items:
            yield from leaves(part, (*path, step))
    else:
        yield path, value


@given(st.dictionaries(plain, trees, min_size=1, max_size=3))
def test_the_place_of_every_leaf_ends_with_its_text(value):
    import yaml

    text = yaml.safe_dump(value, allow_unicode=True, width=10_000)
    lines = text.split("\n")
    document = read(text).documents[0]
    for path, leaf in leaves(value):
        span = document.span(path)
        written = lines[span.line - 1][span.column - 1 : span.end_column - 1]
        assert written.endswith((leaf, f"'{leaf}'", f'"{leaf}"'))
