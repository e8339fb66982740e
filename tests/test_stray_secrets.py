"""Tokens where no policy of a file's own kind looks: told once, at their place, and not shown."""

from __future__ import annotations

from random import Random

import pytest
from test_secrets_tokens import TOKENS

from cli import write
from harness import judge

TOKEN = TOKENS["github-token"](Random(31))
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
WORKFLOW = "name: x\non: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: make\n"
SECRETS = ("stray-secret", "configmap-secret", "secret-literal", "image-secret", "workflow-secret")


@pytest.mark.parametrize(
    ("path", "text", "where"),
    [
        ("a.yaml", f"{MAP}data: {{a: b}}  # was {TOKEN}\n", "a comment"),
        ("a.yaml", f"{MAP}data:\n  {TOKEN}: b\n", "the file"),
        ("a.yaml", MAP.replace("a}", f"a, labels: {{b: {TOKEN}}}}}"), "the file"),
        ("a.yaml", f"kind: X\napiVersion: x.io/v1\nspec: {{token: {TOKEN}}}\n", "the file"),
        ("a.yaml", f"{MAP}data: [\ntoken: {TOKEN}\n", "the file"),
        ("Dockerfile", f"# {TOKEN}\nFROM alpine:3.19\n", "a comment"),
        (".github/workflows/a.yml", f"{WORKFLOW}      # - run: x {TOKEN}\n", "a comment"),
        (".github/workflows/a.yml", WORKFLOW.replace("  a:", f"  {TOKEN}:"), "the file"),
        ("action.yml", f"# {TOKEN}\nname: a\nruns: {{using: composite, steps: []}}\n",
         "a comment"),
        ("alertmanager.yml", f"# {TOKEN}\nroute: {{receiver: a}}\nreceivers: [{{name: a}}]\n",
         "a comment"),
        ("rules.yaml", f"groups:\n- name: a\n  rules: [{{alert: A, expr: 'up{{t=\"{TOKEN}\"}}'}}]",
         "the file"),
        ("kustomization.yaml", f"commonLabels: {{a: {TOKEN}}}\n", "the file"),
    ],
)  # fmt: skip
def test_a_token_is_told_wherever_it_stands(tmp_path, path, text, where):
    (finding,) = [f for f in judge(write(tmp_path, {path: text})) if f.policy in SECRETS]
    line = text[: text.index(TOKEN)].count("\n") + 1
    column = text.split("\n")[line - 1].index(TOKEN) + 1
    assert finding.policy == "stray-secret"
    assert finding.message == f"{where} holds a GitHub token (ghp_…)"
    assert finding.place.span.start == (line, column)
    assert finding.place.span.end == (line, column + len("ghp_"))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.yaml", f"{MAP}data:\n  a: >-\n    {TOKEN}\n"),
        ("a.yaml", f"{MAP}data:\n  a: |\n    b\n\n    c {TOKEN}\n"),
        ("a.yaml", f"{MAP}data: {{a: {TOKEN}}}\n".replace("ConfigMap", "Secret")),
        ("Dockerfile", f"FROM alpine:3.19\nRUN a && \\\n  # {TOKEN}\n  b\n"),
        (".github/workflows/a.yml", WORKFLOW.replace("make", f"|\n          # {TOKEN}")),
    ],
)
def test_what_another_policy_tells_is_told_once(tmp_path, path, text):
    found = [f.policy for f in judge(write(tmp_path, {path: text})) if f.policy in SECRETS]
    assert len(found) == 1
    assert found != ["stray-secret"]


def test_lines_are_gone_through_once():
    from growth import grows_no_faster

    from kerp_policy.checks.stray_secrets import absent
    from kerp_policy.findings import Finding, Place, Verdict
    from kerp_policy.scopes.file import file_view
    from kerp_policy.sources.source import Source, Span

    def made(lines):
        text = f"a:\n{f'  - {TOKEN}' + chr(10)}" * lines
        place = [Place(Span(n, 1, n, 1), "") for n in range(1, 2 * lines, 2)]
        found = [
            Finding("x", "error", Verdict.FAIL, "", "", "", p, confidential=True) for p in place
        ]
        return file_view(Source("a.yaml", text.encode()), "kubernetes", found)

    def ask(given):
        assert list(absent(given, {})) == []

    assert grows_no_faster(made, ask, 200)
