"""What fuzzing has found, each as small as it can be."""

from __future__ import annotations

import pytest

from judging import judge, not_judged
from kerp_policy.sources.source import Span

SCRIPT = b"#!/bin/bash\nset -euo pipefail\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a: b\nc\n", "not YAML: could not find expected ':'"),  # told behind the last line
        (b'a: "b\n', "not YAML: found unexpected end of stream"),
        (b"a\rb: c\n: [\n", None),  # libyaml ends a line at a carriage return, nobody else does
        ("a: [\u2028\nb\x85: c: d\n".encode(), None),
    ],
)
def test_what_is_no_yaml_is_told_within_the_file(text: bytes, message: str | None) -> None:
    told = not_judged(judge({"a.yaml": text}), "a.yaml")
    assert told == [message] if message else told


def test_places_behind_a_carriage_return_are_those_of_an_editor() -> None:
    text = "# a\rapiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n# \u2028 # b\nkind: Pod\n"
    told = [f for f in judge({"a.yaml": text.encode()}).findings if f.policy == "duplicate-key"]
    assert [f.place.span for f in told] == [Span(5, 1, 5, 5)]


@pytest.mark.parametrize(
    ("file", "text", "place", "message"),
    [
        ("a.sh", SCRIPT + b'curl "x\n', (3, 6), 'this " is never closed'),
        ("a.sh", SCRIPT + b"(" * 60 + b"x", (3, 21), "this nests too deep"),
        ("Dockerfile", b'FROM a\nRUN curl "x\n', (2, 10), 'this " is never closed'),
        (
            ".github/workflows/a.yml",
            b"on: push\njobs:\n  a:\n    runs-on: a\n    steps:\n      - run: curl 'x\n",
            (6, 19),
            "this ' is never closed",
        ),
    ],
)  # each passed as if it had been judged
def test_a_script_that_cannot_be_read_is_told(file, text, place, message) -> None:
    told = [f for f in judge({file: text}).findings if f.policy == "unreadable"]
    assert [f.place.span.start for f in told] == [place]
    assert told[0].message.startswith(f"not judged here: {message}")


@pytest.mark.parametrize("type_", ["{}", "[choice]", "null", "3"])
def test_an_input_whose_type_is_none_bounds_nothing(type_: str) -> None:
    text = (
        f"on: {{workflow_dispatch: {{inputs: {{version: {{type: {type_}}}}}}}}}\njobs:\n  a:\n"
        "    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ inputs.version }}\n"
    )
    run = judge({".github/workflows/a.yml": text.encode()})
    assert run.crashes == []
    assert [f.place.span.line for f in run.findings if f.policy == "member-script-injection"] == [6]


@pytest.mark.parametrize(
    "labels", ["[pod, a: b]", "[pod, ]", "[[pod]]", "pod", "{pod: 1}", "[null]"]
)
def test_labels_that_are_no_texts_group_nothing(labels: str) -> None:
    text = (
        f"route: {{receiver: team, group_by: {labels}}}\nreceivers:\n  - name: team\n"
        "    slack_configs: [{channel: a, text: '{{ .GroupLabels.a }} {{ .CommonLabels.a }}'}]\n"
    )
    assert judge({"alertmanager.yml": text.encode()}).crashes == []


def test_a_setting_in_the_place_of_a_job_is_read() -> None:
    text = "on: push\njobs:\n  timeout-minutes: ${{ github.run_id }}\n"
    assert judge({".github/workflows/a.yml": text.encode()}).crashes == []


@pytest.mark.parametrize("kind", ["[Group]", "{a: b}", "null", "3"])
def test_a_subject_whose_kind_is_no_text_is_read(kind: str) -> None:
    text = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\n"
        f"subjects: [{{kind: {kind}, name: b, apiGroup: c}}]\n"
    )
    assert judge({"binding.yaml": text.encode()}).crashes == []
