"""Shell scripts: what the checks see in them, on ordinary and on hostile text."""

from __future__ import annotations

import pytest
from growth import grows_no_faster
from hypothesis import given
from hypothesis import strategies as st

from harness import FIXTURES
from kerp_policy.artifacts.shell import parse_shell
from kerp_policy.engine import check_file
from kerp_policy.findings import Finding
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source

CONTEXT = Context(load_profile("kerp"))
SAFE = "#!/usr/bin/env bash\nset -euo pipefail\n"


def judge(text: str, policy: str, name: str = "deploy.sh") -> list[Finding]:
    result = check_file(Source(name, text.encode("utf-8", "surrogateescape")), CONTEXT)
    assert result.crashes == []
    return [finding for finding in result.findings if finding.policy == policy]


def said(text: str, policy: str) -> list[tuple[int, str]]:
    return [(f.place.span.line, f.message) for f in judge(text, policy)]


def test_a_case_has_its_branches():
    shell = parse_shell(
        'case "$ENV" in\n a|"b c") x ;;\n (*) case $Y in z) w;; esac; exit 1\nesac\n'
    )
    inner, outer = shell.cases
    assert [v.text for v in outer.word.variables] == ["ENV"]
    assert [[p.text for p in b.patterns] for b in outer.branches] == [["a", "b c"], ["*"]]
    names = [shell.commands[i].name for i in range(outer.branches[1].start, outer.branches[1].end)]
    assert names == ["w", "exit"]
    branch = inner.branches[0]
    assert [shell.commands[i].name for i in range(branch.start, branch.end)] == ["w"]


def test_a_case_that_is_not_finished_is_kept_as_far_as_it_was_read():
    (case,) = parse_shell("case $X in\n a) b ;;\n").cases
    assert [pattern.text for pattern in case.branches[0].patterns] == ["a"]


def test_a_token_is_named_by_its_public_prefix_and_nothing_more():
    token = "AKIA" + "Q3EGRI4NK7XLZPW2"
    (finding,) = judge(f"{SAFE}aws configure set aws_access_key_id {token}\n", "script-secret")
    assert finding.place.span.start == (3, 37)
    assert token[6:] not in repr(finding)


def test_no_finding_tells_the_length_of_a_secret():
    spans = {
        judge(f"{SAFE}DB_PASSWORD={'x7-q' * n}\n", "script-secret")[0].place.span for n in (2, 9)
    }
    assert len(spans) == 1


@pytest.mark.parametrize(
    "text",
    [
        'DATABASE_URL="postgres://kerp:${DB_PASSWORD}@${DB_HOST}:5432/kerp?sslmode=require"\n',
        "DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id kerp/db)\n",
    ],
)
def test_what_the_guide_does_with_its_password_is_right(text):
    result = check_file(Source("a.sh", (SAFE + text).encode()), CONTEXT)
    assert [finding.policy for finding in result.findings] == []


@pytest.mark.parametrize(
    ("default", "production"),
    [
        ("production", True),
        ("prod", True),
        ("PROD", True),
        ("kerp-prod", True),
        ("prd", True),
        ("p", False),
        ("staging", False),
        ("kerp-staging", False),
        ("product", True),
        ("", False),
    ],
)
def test_defaults_that_mean_production(default, production):
    text = f"ENV=${{1:-{default}}}\ncase $ENV in a) ;; *) exit 1 ;; esac\n"
    assert bool(judge(SAFE + text, "script-environment")) is production


def test_a_choice_in_a_loop_over_options_is_seen():
    text = (
        'while [ $# -gt 0 ]; do\n  case "$1" in\n    -n) NAMESPACE="$2"; shift ;;\n  esac\ndone\n'
    )
    message = "NAMESPACE may be anything; expected a case that ends the script for what it does not"
    assert said(SAFE + text, "script-environment") == [(5, f"{message} know")]


def test_a_parameter_that_was_looked_at_before_is_known():
    text = 'case "$1" in a|b) ;; *) exit 1 ;; esac\nENV=$1\n'
    assert said(SAFE + text, "script-environment") == []


def test_the_first_line_switches_options():
    assert said("#!/bin/bash -e\ncd /x\nls\n", "script-stops") == []
    assert said("#!/bin/bash -x\ncd /x\nls\n", "script-stops") != []


def test_a_script_with_windows_line_ends_is_read():
    text = SAFE.replace("\n", "\r\n") + "curl -k https://x.example.com\r\n"
    assert said(text, "script-tls") == [(3, "curl verifies no certificate (-k)")]


def test_another_language_is_no_artifact():
    result = check_file(Source("x.sh", b"#!/usr/bin/perl\nsystem('curl -k')\n"), CONTEXT)
    assert (result.kind, result.findings) == ("", [])


@pytest.mark.parametrize("name", ["migrate.sh", "rollback.sh"])
def test_the_guides_scripts_put_right_are_silent(name):
    path = FIXTURES / "kerp-compliant" / "scripts" / name
    result = check_file(Source(name, path.read_bytes()), CONTEXT)
    assert result.findings == []


@pytest.mark.parametrize(
    "line",
    [
        'case "$ENV" in a) b ;; *) exit 1 ;; esac\n',
        "ENV=${1:-production}\n",
        "A@_ENV=$1\n[ $A@_ENV = b ]\n",
        "[ $ENV = a ] || x $ENV $1\n",
        "a | b || true\n",
        "for x in $Y; do z $x; done\n",
    ],
)
def test_long_scripts_take_linear_time(line):
    def script(count: int) -> Source:
        lines = (line.replace("@", str(i)) for i in range(count))
        return Source("x.sh", (SAFE + "".join(lines)).encode())

    def judge(source: Source) -> None:
        assert check_file(source, CONTEXT).crashes == []

    assert grows_no_faster(script, judge, 250)


@given(st.text("case$ENV in\n*);exit1|&\"'`(){}[]=!-:#<", max_size=120))
def test_no_text_breaks_a_check(text):
    assert check_file(Source("x.sh", (SAFE + text).encode()), CONTEXT).crashes == []
