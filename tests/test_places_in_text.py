"""The place of a stretch of a text value, in every style that YAML has for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from kerp_policy.artifacts.kubernetes import objects
from kerp_policy.artifacts.yaml import read

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n"


def place(body, needle):
    text = HEAD + body
    (thing,) = objects(read(text).documents, text.split("\n"))
    value = thing.data["data"]["a"]
    start = value.index(needle)
    found = thing.place_inside(("data", "a"), start, start + len(needle))
    assert found.address == "ConfigMap/-/x:data.a"
    return astuple(found.span)


@pytest.mark.parametrize(
    ("body", "span"),
    [
        ("  a: |\n    one\n      the needle here\n", (7, 11, 7, 17)),
        ("  a: |-\n\n    the needle", (7, 9, 7, 15)),
        ("  a: |2\n      the needle\n", (6, 11, 6, 17)),
        ("  a: |\n    비밀 needle\n", (6, 8, 6, 14)),
        ("  a: the needle\n", (5, 10, 5, 16)),
        ('  a: "the needle"\n', (5, 11, 5, 17)),
        ("  a: 'the needle'\n", (5, 11, 5, 17)),
    ],
)
def test_exact_where_the_text_stands_as_it_is(body, span):
    assert place(body, "needle") == span


@pytest.mark.parametrize(
    "body",
    ["  a: >\n    the\n    needle\n", '  a: "\\x74he needle"\n', "  a: the\n    needle\n"],
)
def test_the_whole_value_where_it_is_folded_or_escaped(body):
    assert place(body, "needle")[:2] == (5, 3)


@given(
    st.lists(st.text("ab 가😀:#-", max_size=12), min_size=1, max_size=6),
    st.integers(1, 6),
    st.data(),
)
def test_a_literal_block_is_exact_to_the_character(lines, indent, data):
    value = "\n".join(["x", *lines, "x"])
    pad = " " * (2 + indent)
    text = HEAD + "  a: |\n" + "".join(f"{pad}{line}\n" for line in value.split("\n"))
    (thing,) = objects(read(text).documents, text.split("\n"))
    index = data.draw(st.integers(0, len(value) - 1).filter(lambda i: value[i] != "\n"))
    span = thing.place_inside(("data", "a"), index, index + 1).span
    assert text.split("\n")[span.line - 1][span.column - 1] == value[index]
