"""Rules of Prometheus: their grammar, and what their comparisons mean."""

from __future__ import annotations

import json
import math
from contextlib import suppress

import pytest
from growth import grows_no_faster
from hypothesis import given
from hypothesis import strategies as st

from kerp_policy.artifacts.go_templates import template_error
from kerp_policy.artifacts.prometheus.algebra import comparisons, linear, threshold
from kerp_policy.artifacts.prometheus.grammar import duration_seconds
from kerp_policy.artifacts.prometheus.metrics import Unit, selector_words, unit_of
from kerp_policy.artifacts.prometheus.nodes import Binary, Number, Selector
from kerp_policy.artifacts.prometheus.promql import PromqlError, UnreadPromqlError, parse_promql
from kerp_policy.artifacts.prometheus.recordings import inlined
from kerp_policy.engine import FileResult, check_file
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source


def meaning(text: str, recorded: dict[str, str] | None = None) -> tuple[str, float | None]:
    known = {name: parse_promql(query) for name, query in (recorded or {}).items()}
    (comparison,) = comparisons(parse_promql(text))
    found = threshold(comparison, known)
    return found.operator, found.value


@pytest.mark.parametrize(
    ("text", "operator", "value"),
    [
        ("x > 80 / 100", ">", 0.8),
        ("0.5 < x", ">", 0.5),
        ("x * 1000 >= 500", ">=", 0.5),
        ("-x < -3", ">", 3),
        ("100 - x > 80", "<", 20),
        ("100 - avg(rate(idle[5m])) * 100 > 80", "<", 0.2),
        ("(1 - a / b) * 100 > 85", "<", 0.15),
        ("(total - free) / total > 0.85", "<", 0.15),
        ("used > 0.8 * total", ">", 0.8),
        ("sum(rate(e[5m])) * 100 / sum(rate(r[5m])) > 5", ">", 0.05),
        ("sum(rate(e[5m]) * 100) / sum(rate(r[5m])) > 5", ">", 0.05),
        ("100 * sum(e) / sum(r) > 1", ">", 0.01),
        ("max(1 - x) > 0.8", "<", 0.2),
        ("avg_over_time((100 * x + 1)[5m:]) > 81", ">", 0.8),
        ("sum(x + 1) > 5", ">", 5),
        ("x > 2 ^ 10", ">", 1024),
        ("x > 1 / 0", ">", None),
        ("x * 0 > 1", ">", None),
        ("x > y + 1", ">", None),
        ('label_replace(x * 2, "a", "$1", "b", "c") == 4', "==", 2),
    ],
)
def test_what_a_comparison_means(text, operator, value):
    assert meaning(text) == (operator, value)


def test_an_extreme_turns_around_with_its_sign():
    (comparison,) = comparisons(parse_promql("max(1 - x) > 0.8"))
    assert threshold(comparison, {}).core == parse_promql("min(x)")


def test_recording_rules_are_put_in():
    recorded = {"job:x:ratio": "100 * sum(a) / sum(b)", "job:y": "job:x:ratio"}
    assert meaning("job:y > 5", recorded) == (">", 0.05)


def test_recording_rules_in_a_circle_end():
    recorded = {"a:b": parse_promql("a:c + 1"), "a:c": parse_promql("a:b + 1")}
    query = inlined(parse_promql("a:b"), recorded)
    assert linear(query).offset == 2


def test_only_what_decides_is_a_comparison():
    query = parse_promql("(a > 1 and b < 2) or (c == 3 unless d > 4) or (e > bool 5)")
    assert [each.right for each in comparisons(query)] == [Number(1), Number(2), Number(3)]


@given(st.floats(-1e3, 1e3), st.floats(0.1, 1e3), st.floats(-1e3, 1e3), st.sampled_from("<>"))
def test_a_linear_comparison_is_solved(value, scale, offset, sign):
    operator, found = meaning(f"x * {scale:f} + {offset:f} {sign} {value:f}")
    expected = (float(f"{value:f}") - float(f"{offset:f}")) / float(f"{scale:f}")
    assert operator == sign
    assert math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000 + "x" + ")" * 100_000,
        "-" * 100_000 + "x",
        "+".join(["x"] * 10_000),
        " or ".join(["x"] * 2_000),
        "abs(" * 5_000 + "x" + ")" * 5_000,
        "x{a='" + "b" * 100_000 + "'}",
    ],
)
def test_a_query_beyond_the_bounds_is_not_read(text):
    with pytest.raises(UnreadPromqlError):
        parse_promql(text)


def test_brackets_in_strings_do_not_count():
    assert isinstance(parse_promql('x{a="' + "(" * 200 + '"} > 1'), Binary)


@given(st.text("x1()[]{}\"'`=~!<>+-*/^ \nby,sum5m:@#\\", max_size=60))
def test_any_text_is_a_query_or_an_error(text):
    with suppress(PromqlError):
        parse_promql(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("5m", 300), ("1h30m", 5400), ("100ms", 0.1), ("1y2w", 32_745_600)],
)
def test_durations(text, seconds):
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "5 m", "m", "1m1h", "1.5h", "5min", "-5m", "300y"])
def test_no_durations(text):
    with pytest.raises(ValueError, match=r"expected|longer"):
        duration_seconds(text)


def test_units_stand_at_word_boundaries():
    assert unit_of("http_request_duration_seconds_bucket") is Unit.SECONDS
    assert unit_of("http_request_duration_milliseconds_sum") is Unit.MILLISECONDS
    assert unit_of("kerp_items_total") is None
    assert unit_of("kerp_subseconds") is None


def test_words_of_a_metric():
    query = parse_promql('node_memory_MemFree_bytes{code=~"5..", mode!="idle", a=~"x|y"}')
    assert isinstance(query, Selector)
    expected = {"node", "memory", "mem", "free", "bytes", "5xx", "!idle"}
    assert selector_words(query) == expected


@pytest.mark.parametrize(
    ("text", "start", "message"),
    [
        ("a {{ $label.x }}", 5, 'the variable $label does not exist; did you mean "$labels"?'),
        ("{{ upper .x }}", 3, 'the function upper does not exist; did you mean "toUpper"?'),
        ("a {{ $value", 2, "an action is opened with {{ and never closed"),
        ('{{ "a }}', 0, "an action is opened with {{ and never closed"),
        ("{{ end }}", 0, "{{ end }} belongs to no block"),
        ("a {{ if true }} b", 2, "{{ if }} has no {{ end }}"),
        ("{{ }}", 0, "an action holds no value"),
        ("{{ (1 }}", 0, "a parenthesis is not closed"),
        ("{{ $value | | humanize }}", 12, "a value is missing before |"),
        ("{{ 1 % 2 }}", 5, "the character % is not expected in an action"),
        ("{{ with $x := 1 }}{{ end }}{{ $x }}", 30, "the variable $x does not exist"),
    ],
)
def test_templates_that_do_not_parse(text, start, message):
    error = template_error(text)
    assert error is not None
    assert (error.start, error.message.partition("; did")[0]) == (
        start,
        message.partition("; d")[0],
    )
    assert error.message.startswith(message) or "did you mean" in error.message


@given(st.text("{}$-/*\"'`|()= .:ifend1xvalue\n", max_size=80))
def test_any_text_is_a_template_or_an_error(text):
    error = template_error(text)
    assert error is None or 0 <= error.start < error.end <= len(text)


CONTEXT = Context(load_profile("kerp"))


def judge(*rules: dict[str, str]) -> FileResult:
    text = json.dumps({"groups": [{"name": "kerp", "rules": rules}]})
    return check_file(Source("rules.yaml", text.encode()), CONTEXT)


@pytest.mark.parametrize(
    "query",
    [
        "(" * 49 + "x" + ")" * 49 + " > 1",
        " + ".join(["x"] * 99) + " > 1",
        "x ^ " * 98 + "x > 1",
        "-" * 99 + "x > 1",
        "abs(" * 45 + "+".join(["x"] * 90) + ")" * 45 + " > 1",
        " or ".join(["x > 1"] * 50),
        " or ".join(['x{a="b", c=~"d", e!="f"}'] * 50) + " > 1",
        "x >= 1 unless on (a) " * 45 + "x > 1",
        "1 < x" + " > 1" * 90,
    ],
)
def test_queries_at_the_bounds_are_judged(query):
    result = judge({"alert": "A", "expr": query}, {"record": "a:b", "expr": query})
    assert result.crashes == []
    assert not [f for f in result.findings if f.message.startswith("expr ")]


def test_recording_rules_that_multiply_stay_bounded():
    def rules(count: int) -> list[dict[str, str]]:
        names = [f"a:{i}" for i in range(count)]
        pairs = zip(names, [*names[1:], "x"], strict=True)
        records = [{"record": a, "expr": " + ".join([b] * 20)} for a, b in pairs]
        return records + [{"alert": f"A{i}", "expr": f"a:0 > {i}"} for i in range(100)]

    assert grows_no_faster(rules, lambda made: judge(*made), 4, times=8)
    assert judge(*rules(30)).crashes == []


def test_many_rules_take_linear_time():
    def rules(count: int) -> list[dict[str, str]]:
        records = [{"record": f"a:b{i}", "expr": f"sum(x{i})"} for i in range(count)]
        return records + [{"alert": f"A{i}", "expr": f"a:b{i} > 1"} for i in range(count)]

    assert grows_no_faster(rules, lambda made: judge(*made), 50)
