"""Expressions: grammar, places, conditions and what they come to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.artifacts.workflow.conditions import runs_after
from kerp_policy.artifacts.workflow.evaluate import UNKNOWN, evaluate
from kerp_policy.artifacts.workflow.expressions import (
    MAX_DEPTH,
    MAX_LENGTH,
    find_expressions,
    read_condition,
    references,
)


def only(text):
    (expression,) = find_expressions(text)
    return expression


def shape(node):
    """A node as nested tuples."""
    return (node.kind, node.text, *(shape(part) for part in node.parts))


def ref(name, *parts):
    return ("reference", name, *parts)


A, B, C = ref("a"), ref("b"), ref("c")


def op(operator, *parts):
    return ("operator", operator, *parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b", ref("a.b")),
        ("A['B-c'].*[0]", ref("a.b-c.*.0")),
        ("a[b.c]", ref("a.*", ref("b.c"))),
        ("'it''s'", ("text", "it's")),
        ("-1.5e3", ("number", "-1.5e3")),
        ("0xff", ("number", "0xff")),
        ("true", ("word", "true")),
        ("fromJSON(a).y", ref("().y", ("call", "fromjson", A))),
        ("!!a", op("!!", A)),
        ("a || b && c", op("||", A, op("&&", B, C))),
        ("(a || b) && c", op("&&", op("||", A, B), C)),
        ("a == b != c", op("!=", op("==", A, B), C)),
        ("!a == b", op("==", op("!", A), B)),
        ("a && b && c", op("&&", A, B, C)),
        ("format('{0}', 1)", ("call", "format", ("text", "{0}"), ("number", "1"))),
    ],
)
def test_the_grammar(text, expected):
    assert shape(only("${{ " + text + " }}").node) == expected


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("${{ }}", "the expression ends too early; expected a value", 4),
        ("${{ a b }}", "b is not expected here", 6),
        ('${{ "a" }}', "texts in an expression stand in single quotes, not in double ones", 4),
        ("${{ a = b }}", "one = compares nothing; == does", 6),
        ("${{ f(a }}", "the expression ends too early; expected )", 8),
        ("${{ a. }}", "the expression ends too early; expected a name", 7),
        ("${{ a.'b' }}", "the dot has no name after it; expected one", 6),
        ("${{ 'a }}", "this ' is never closed", 4),
        ("${{ a", "this ${{ is never closed by }}", 0),
        ("${{ 5 5 }}", "5 is not expected here", 6),
    ],
)
def test_what_is_no_expression(text, message, at):
    expression = only(text)
    assert (expression.node, expression.error, expression.at) == (None, message, at)


def test_the_places_of_expressions_and_of_what_they_read():
    text = "x ${{ a.b }} y ${{ '}}' }}"
    first, second = find_expressions(text)
    assert text[first.start : first.end] == "${{ a.b }}"
    assert text[first.node.start : first.node.end] == "a.b"
    assert text[second.start :] == "${{ '}}' }}"


def test_depth_and_length_are_bounded():
    assert "levels deep" in only("${{ " + "(" * (MAX_DEPTH + 1) + " }}").error
    assert "levels deep" in only("${{ " + "a == b != " * (MAX_DEPTH + 1) + "c }}").error
    assert only("${{ " + "!" * 5000 + "a }}").node.text == "!!"
    assert len(only("${{ " + "a || " * 3000 + "a }}").node.parts) == 3001
    assert only("${{ '" + "x" * MAX_LENGTH + "' }}").node is None


@given(st.text(alphabet="${}'()[].!&|=<>,*a1 \n\"-", max_size=80))
def test_no_text_makes_it_raise_and_every_place_is_inside(text):
    for expression in find_expressions(text):
        assert 0 <= expression.start < expression.end <= len(text)
        assert bool(expression.node) != bool(expression.error)
        for node in expression.node.walk() if expression.node else ():
            assert expression.start <= node.start < node.end <= expression.end


names = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True).filter(
    lambda name: name not in ("true", "false", "null")
)
leaves = st.one_of(
    st.builds(".".join, st.lists(names, min_size=1, max_size=3)),
    st.text(alphabet="ab }{$'", max_size=5).map(lambda text: "'" + text.replace("'", "''") + "'"),
    st.integers(-99, 99).map(str),
)
grammar = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||", "==", "<"]), inner),
        st.builds("!{}".format, inner.map(lambda text: f"({text})")),
        st.builds("{}({})".format, names, st.lists(inner, max_size=3).map(", ".join)),
    ),
    max_leaves=8,
)


@given(grammar)
def test_whatever_the_grammar_gives_is_read(text):
    expression = only("${{" + text + "}}")
    assert expression.error == ""
    assert expression.end == len(text) + 5


def test_a_condition_needs_no_braces_and_text_around_them_makes_it_true():
    assert read_condition(" a == 'b' ").node.text == "=="
    assert read_condition("${{ a }}").node.text == "a"
    mixed = read_condition("${{ a }} && b")
    assert (mixed.node.kind, mixed.error) == ("text", "")


def test_a_line_end_behind_braces_makes_a_condition_a_text_and_its_expressions_are_still_read():
    kept = read_condition("${{ always() && a }}\n")
    assert kept.node.kind == "text"
    assert [node.text for node in references(kept)] == ["a"]
    assert runs_after(kept) == {"success", "failure", "cancelled"}
    assert read_condition("${{ a }} && ${{ b").error == "this ${{ is never closed by }}"


def test_the_references_of_a_condition():
    condition = read_condition("a.b && (c || d[e]) && f(g)")
    assert [node.text for node in references(condition)] == ["a.b", "c", "d.*", "e", "g"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a == 'x'", {"success"}),
        ("always()", {"success", "failure", "cancelled"}),
        ("failure()", {"failure"}),
        ("failure() || cancelled()", {"failure", "cancelled"}),
        ("!cancelled()", {"success", "failure"}),
        ("!(failure() || cancelled())", {"success"}),
        ("always() && a == 'x'", {"success", "failure", "cancelled"}),
        ("success() || a", {"success", "failure", "cancelled"}),
        ("!success() && failure()", {"failure"}),
        ("failure() && false", set()),
    ],
)
def test_after_which_outcomes_a_condition_may_hold(text, expected):
    assert runs_after(read_condition(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("github.ref == 'REFS/heads/main'", True),
        ("github.ref != 'refs/heads/main'", False),
        ("startsWith(github.ref, 'refs/heads/')", True),
        ("contains(github.ref, 'release')", False),
        ("inputs.x == 'y'", UNKNOWN),
        ("inputs.x && false", False),
        ("inputs.x || true", True),
        ("true && 'a'", "a"),
        ("'' || null", None),
        ("!inputs.x", UNKNOWN),
        ("!''", True),
        ("1 < 2", UNKNOWN),
        ("'1' == 1", UNKNOWN),
        ("success()", UNKNOWN),
        ("fromJSON('true')", UNKNOWN),
    ],
)
def test_what_facts_decide(text, expected):
    node = read_condition(text).node
    assert evaluate(node, {"github.ref": "refs/heads/main"}) == expected
