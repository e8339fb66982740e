"""Every limit that is documented: its number, what is judged at it, what is told beyond it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from harness import ROOT
from judging import judge
from kerp_policy.artifacts import yaml, yaml_builder
from kerp_policy.artifacts.alertmanager import matchers
from kerp_policy.artifacts.dockerfile import prepass, stages
from kerp_policy.artifacts.prometheus import promql
from kerp_policy.artifacts.shell import cursor
from kerp_policy.artifacts.workflow import expressions, model
from kerp_policy.docker import ignore
from kerp_policy.findings import Verdict
from kerp_policy.sources import match, read


class Limit(NamedTuple):
    """A limit, a file that reaches a number of it, and what is told of one that goes beyond.

    `step` is how much more a file must have to go beyond it for sure.
    """

    value: int
    file: str
    text: Callable[[int], str]
    policy: str
    message: str
    step: int = 1


def _aliases(n: int) -> str:
    return f"a: &a [{'x, ' * 999}]\nb: [{'*a, ' * ((n - 1_010) // 1_000)}]\n"


def _workflow(condition: str, jobs: int = 1) -> str:
    job = f"  a{{}}:\n    runs-on: x\n    if: {condition}\n    steps: [{{{{run: x}}}}]\n"
    return "on: push\njobs:\n" + "".join(job.format(i) for i in range(jobs))


def _query(text: str) -> str:
    return f"groups: [{{name: a, rules: [{{alert: A, expr: '{text}'}}]}}]\n"


def _matcher(n: int) -> str:
    route = f"route: {{receiver: a, routes: [{{matchers: ['a={'b' * (n - 2)}']}}]}}\n"
    return f"{route}receivers: [{{name: a}}]\n"


A, W, P = "a.yaml", ".github/workflows/a.yml", "rules.yml"
OBJECT = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}\n'
LIMITS = {
    "bytes of a file": Limit(
        read.MAX_BYTES, A, lambda n: "#" * n, "unreadable", "files over 10 MiB are not read"
    ),
    "levels of a YAML or JSON document": Limit(
        yaml_builder.MAX_DEPTH, A, lambda n: "[" * n + "]" * n, "unreadable", "nested more than 200"
    ),
    "values of a document, aliases followed": Limit(
        yaml_builder.MAX_NODES, A, _aliases, "unreadable", "more than 2,000,000 values", 2_000
    ),
    "documents of a file": Limit(
        yaml.MAX_DOCUMENTS, A, lambda n: "---\na: b\n" * n, "unreadable", "more than 10,000 doc"
    ),
    "broken documents of a file": Limit(
        yaml.MAX_BROKEN, A, lambda n: "---\na: b: c\n" * n, "unreadable", "more than 100 broken"
    ),
    "objects of a JSON file without a `---` line between them": Limit(
        yaml.MAX_BROKEN, "a.json", lambda n: OBJECT * n, "unreadable", "more than 100 objects"
    ),
    "bytes of a line of a Dockerfile": Limit(
        prepass.MAX_LINE,
        "Dockerfile",
        lambda n: f"FROM a\nENV A={'x' * (n - 6)}\n",
        "dockerfile-syntax",
        "line 2 has more than 65,535 bytes",
    ),
    "stages of a Dockerfile": Limit(
        stages.MAX_STAGES, "Dockerfile", lambda n: "FROM a\n" * n, "unreadable", "of 257 stages"
    ),
    "patterns of a .dockerignore": Limit(
        ignore.MAX_PATTERNS, ".dockerignore", lambda n: "a\n" * n, "unreadable", "none of 1,001"
    ),
    "levels of a shell script": Limit(
        cursor.DEPTH,
        "a.sh",
        lambda n: "( " * ((n - 1) // 2) + "x" + " )" * ((n - 1) // 2),
        "unreadable",
        "this nests too deep",
        2,
    ),
    "jobs of a workflow": Limit(
        model.MAX_JOBS, W, lambda n: _workflow("true", n), "unreadable", "of 501 jobs"
    ),
    "characters of an expression of GitHub": Limit(
        expressions.MAX_LENGTH,
        W,
        lambda n: _workflow("github." + "a" * (n - 7)),
        "workflow-syntax",
        "longer than 21,000 characters",
    ),
    "levels of an expression of GitHub": Limit(
        expressions.MAX_DEPTH,
        W,
        lambda n: _workflow("(" * (n - 1) + "true" + ")" * (n - 1)),
        "workflow-syntax",
        "nested more than 50 levels",
        2,
    ),
    "characters of a query of Prometheus": Limit(
        promql._LONGEST, P, lambda n: _query("a" * n), "rules-valid", "longer than 10,000"
    ),
    "levels of a query of Prometheus": Limit(
        promql._DEEPEST,
        P,
        lambda n: _query("(" * n + "a" + ")" * n),
        "rules-valid",
        "nested more than 50",
    ),
    "operators of a query of Prometheus": Limit(
        promql._MOST_OPERATORS,
        P,
        lambda n: _query("a" + " + a" * n),
        "rules-valid",
        "more than 100 op",
    ),
    "characters of a matcher of Alertmanager": Limit(
        matchers._LONGEST, "alertmanager.yml", _matcher, "alertmanager-valid", "over 10000"
    ),
}


def documented() -> dict[str, int]:
    text = (ROOT / "docs" / "limits.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) \|", text, re.MULTILINE)
    return {name: int(value.replace(",", "")) for name, value in rows}


def test_the_table_has_every_limit_with_its_value() -> None:
    values = {name: limit.value for name, limit in LIMITS.items()}
    assert documented() == values | {"characters of a pattern in `exclude`": match.MAX_PATTERN}


@pytest.mark.parametrize("name", LIMITS)
def test_at_a_limit_all_is_judged_and_beyond_it_the_file_fails(name: str) -> None:
    limit = LIMITS[name]

    def told(n: int) -> list[str]:
        findings = judge({limit.file: limit.text(n).encode()}).findings
        failed = (f for f in findings if f.verdict is Verdict.FAIL and f.severity == "error")
        return [f.message for f in failed if f.policy == limit.policy]

    assert not [message for message in told(limit.value) if limit.message in message]
    assert [message for message in told(limit.value + limit.step) if limit.message in message]
