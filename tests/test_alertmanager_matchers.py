"""Matchers, durations and regular expressions of Alertmanager, and what matchers mean."""

import pytest
from msgspec.structs import astuple

from kerp_policy.artifacts.alertmanager.matchers import (
    Matcher,
    MatcherError,
    classic,
    read_matchers,
    utf8,
)
from kerp_policy.artifacts.alertmanager.matching import (
    accepts,
    by_label,
    contradiction,
    covers,
    excludes,
    implies,
    listed_values,
)
from kerp_policy.artifacts.alertmanager.re2 import regexp_problem
from kerp_policy.artifacts.alertmanager.texts import milliseconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{a=b}", [("a", "=", "b")]),
        ('a="b,c" , d!~"e"', [("a", "=", "b,c"), ("d", "!~", "e")]),
        ('a="say \\"hi\\"\\n"', [("a", "=", 'say "hi"\n')]),
        ("a=b c", [("a", "=", "b c")]),
        ("a==b", [("a", "=", "=b")]),
        ("a=\\d", [("a", "=", "\\d")]),
    ],
)
def test_the_classic_grammar(text, expected):
    assert [astuple(m) for m in classic(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"서비스"="결제", b=c,}', [("서비스", "=", "결제"), ("b", "=", "c")]),
        ("서비스=결제", [("서비스", "=", "결제")]),
        ('a="\\u00e9\\t"', [("a", "=", "é\t")]),
        ("{}", []),
        ("", []),
        ("a.b!=c-d", [("a.b", "!=", "c-d")]),
    ],
)
def test_the_grammar_of_utf8_names(text, expected):
    assert [astuple(m) for m in utf8(text)] == expected


@pytest.mark.parametrize(
    "text",
    ["{a=b", "a=b}", "a=", "a=b c=d", ",a=b", "a=b,,c=d", "a b", 'a="\\d"', "=b", "a==b", "{"],
)
def test_what_the_newer_grammar_refuses(text):
    with pytest.raises(MatcherError):
        utf8(text)


def test_which_grammar_counts():
    assert read_matchers("a=b c", (0, 28)).classic_only
    assert not read_matchers('a="b c"', (0, 28)).classic_only
    assert read_matchers('a="\\\\d"', (0, 28)) == read_matchers('a="\\\\d"', (0, 26))
    assert read_matchers('"a b"=c', (0, 28)).matchers == (Matcher("a b", "=", "c"),)
    with pytest.raises(MatcherError):
        read_matchers('"a b"=c', (0, 26))
    reading = read_matchers('a="\\t"', (0, 28))
    assert reading.disagrees
    assert reading.matchers == (Matcher("a", "=", "\\t"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("1h30m", 5_400_000),
        ("5ms", 5),
        ("1y", 31_536_000_000),
        ("30", None),
        ("1m1h", None),
    ],
)
def test_durations(text, expected):
    assert milliseconds(text) == expected


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?=x)", "lookahead"),
        ("a**", "repeats a repetition"),
        ("(a{100}){11}", "come to over 1000"),
        ("[z-a]", "wrong way round"),
        ("(", "not closed"),
        ("[", "not closed"),
        ("))", "never opened"),
        ("\\8", "no meaning"),
    ],
)
def test_why_a_regular_expression_is_refused(pattern, reason):
    assert reason in (regexp_problem(pattern) or "")


def m(text):
    return classic(text)[0]


@pytest.mark.parametrize(
    ("given", "other", "expected"),
    [
        ("a=x", 'a=~"x|y"', True),
        ('a=~"x|y"', 'a=~"x|y|z"', True),
        ('a=~"x|y"', "a=x", False),
        ("a=x", "a!=y", True),
        ('a!~"x|y"', "a!=x", True),
        ("a!=x", 'a!~"x|y"', False),
        ("a=xyz", 'a=~"x.*"', True),
        ('a=~"x.+"', 'a=~"x.*"', False),  # true, but not certain to a reader of texts
        ("a=x", "b=x", False),
        ("a=x", 'a=~"(?i)X"', True),
    ],
)
def test_implication(given, other, expected):
    assert implies(m(given), m(other)) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a=x", "a=y", True),
        ("a=x", "a!=x", True),
        ('a=~"x|y"', 'a=~"z|w"', True),
        ('a=~"x|y"', 'a=~"y|z"', False),
        ("a=abc", 'a=~"b"', True),
        ('a=~"x.*"', 'a=~"y.*"', False),
        ("a=x", "b=y", False),
    ],
)
def test_exclusion(one, other, expected):
    assert excludes(m(one), m(other)) is expected
    assert excludes(m(other), m(one)) is expected


def test_a_label_that_is_lacking_is_empty():
    assert accepts(m('a=""'), "") is True
    assert accepts(m("a!=x"), "") is True
    assert contradiction(classic('a="",a!=""')) == classic('a="",a!=""')


def test_nothing_covers_less_than_everything():
    assert covers((), by_label(classic("a=x")))
    assert not covers(classic("a=x"), {})
    assert covers(classic('a=~".*"'), {})


def test_listed_values():
    assert listed_values("(a|b)") == {"a", "b"}
    assert listed_values("a|b-c") == {"a", "b-c"}
    assert listed_values("") == {""}
    for pattern in ("a|b.*", "a.b", "(a|b)|c)", "a(b|c)", "(?:a|b", "?:a"):
        assert listed_values(pattern) is None
