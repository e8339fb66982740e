"""Hostile configurations: no crash, no hang, nothing that grows faster than the file."""

import pytest
from growth import grows_no_faster
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import astuple

from harness import FIXTURES
from kerp_policy.artifacts.alertmanager.matchers import MatcherError, classic, read_matchers, utf8
from kerp_policy.artifacts.alertmanager.re2 import regexp_problem
from kerp_policy.engine import check_file
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source

CONTEXT = Context(load_profile("kerp"))
FILES = [*FIXTURES.glob("policies/alert*/*/*.y*ml")]
TEXTS = [f.read_text("utf-8") for f in sorted(FILES) if f.name != "expected.yaml"]


def judge(text):
    result = check_file(Source("alertmanager.yml", text.encode("utf-8", "replace")), CONTEXT)
    assert result.crashes == []
    return result


@settings(max_examples=300)
@given(st.sampled_from(TEXTS), st.integers(0, 2000), st.integers(0, 30), st.text(max_size=8))
def test_a_mutated_configuration_crashes_nothing(text, at, length, piece):
    judge(text[:at] + piece + text[at + length :])


@settings(max_examples=200)
@given(
    st.sampled_from(TEXTS),
    st.integers(0, 60),
    st.sampled_from(["null", "[]", "{}", "5", "true", "[null]", "[[x]]", "{a: {b: c}}", "'${X}'"]),
)
def test_any_value_in_the_place_of_another_crashes_nothing(text, number, value):
    lines = text.split("\n")
    line = lines[number % len(lines)]
    key, colon, _ = line.partition(":")
    lines[number % len(lines)] = f"{key}{colon} {value}"
    judge("\n".join(lines))


@pytest.mark.parametrize("end", ["\r", "\u2028", "\x85"])
def test_lines_that_only_yaml_ends_there(end):
    text = "route: {receiver: t}\nreceivers:\n- name: t\n  slack_configs:\n  - channel:\n"
    judge(text.replace("\n", end))
    inside = text.replace("\n", end).replace('"', "").encode("unicode_escape").decode()
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
    judge(f'{manifest}  a: "{inside}"\n')
    judge(f"{manifest}  a: |\n    " + text.replace("\n", end + "    ") + "\n")


@given(st.text(max_size=60))
def test_matchers_of_any_text(text):
    for version in ((0, 25), (0, 28)):
        try:
            read_matchers(text, version)
        except MatcherError as error:
            assert str(error)


@given(st.lists(st.tuples(st.from_regex(r"[a-z_]{1,5}", fullmatch=True), st.text(max_size=9))))
def test_what_a_matcher_prints_both_grammars_read_back(pairs):
    for name, value in pairs:
        if any(c < " " or c in "\x7f\u2028\u2029" or "\ud800" <= c <= "\udfff" for c in value):
            continue
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        for grammar in (classic, utf8):
            assert [astuple(m) for m in grammar(f'{name}="{quoted}"')] == [(name, "=", value)]


@given(st.text(alphabet="ab()[]{}*+?|^$\\-:1,", max_size=40))
def test_regular_expressions_of_any_text(text):
    assert regexp_problem(text) is None or regexp_problem(text)


def _nested(depth):
    lines = ["route:", "  receiver: team"]
    for level in range(1, depth):
        lines += ["  " * level + "routes:", "  " * level + f"- matchers: [a{level}=b]"]
    return "\n".join([*lines, "receivers: [{name: team}]"])


def test_routes_nested_as_deep_as_a_document_may_be():
    result = judge(_nested(98))
    assert not [f for f in result.findings if f.policy == "alertmanager-valid"]
    assert [f.policy for f in judge(_nested(150)).findings] == ["unreadable"]


ROUTES = "route:\n  receiver: team\n  routes:\n{}receivers: [{{name: team}}]\n"
GROWING = {
    "routes": lambda n: ROUTES.format("".join(f"    - matchers: [a=x{i}]\n" for i in range(n))),
    "same routes": lambda n: ROUTES.format("    - matchers: [a=x]\n      continue: true\n" * n),
    "matchers": lambda n: ROUTES.format(
        "    - matchers:\n" + "".join(f"        - a!=x{i}\n" for i in range(n))
    ),
    "group_by": lambda n: (
        "route:\n  receiver: team\n  group_by:\n"
        + "".join(f"    - a{i}\n" for i in range(n))
        + "receivers: [{name: team}]\n"
    ),
    "receivers": lambda n: (
        "route: {receiver: r1}\nreceivers:\n" + "".join(f"  - name: r{i}\n" for i in range(n))
    ),
    "one matcher": lambda n: ROUTES.format(f"    - matchers: ['{'a=b,' * n}']\n"),
    "a pattern": lambda n: ROUTES.format(f"    - match_re: {{a: '{'(a|b)+' * n}'}}\n"),
    "open groups": lambda n: ROUTES.format(f"    - match_re: {{a: '{'(' * n}'}}\n"),
    "alternatives": lambda n: ROUTES.format(f"    - match_re: {{a: '{'x|' * n}y'}}\n"),
    "a template": lambda n: (
        "route: {receiver: t}\nreceivers:\n  - name: t\n    slack_configs:\n"
        f"      - text: '{'{{ .CommonLabels.a }' * n}'\n"
    ),
}


@pytest.mark.parametrize("kind", GROWING)
def test_the_time_grows_no_faster_than_the_file(kind):
    assert grows_no_faster(GROWING[kind], judge, 100)
