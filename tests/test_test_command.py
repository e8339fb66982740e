"""`kerp-policy test`: what it says of examples and fixture folders."""

import pytest

from cli import kerp_policy, write

POLICY = """\
title: Deployments name their team
severity: warning
topics: [team-label]
each: workload
require:
  metadata.labels.team: {type: string}
why: Somebody has to be called.
how: Set the label team.
examples:
  - bad: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: api}
      spec: {template: {spec: {containers: []}}}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  selector: {matchLabels: {app: api}}
  template: {metadata: {labels: {app: api}}, spec: {containers: [{name: api, image: x:1}]}}
"""
FOUND = """\
findings:
  - file: api.yaml
    line: 3
    policy: team-label
    verdict: fail
    message: "metadata.labels.team is not set; expected a string"
"""
CLEAN = DEPLOYMENT.replace("  name: api\n", "  name: api\n  labels: {team: blue}\n")
PROJECT = {
    ".kerp-policy.yaml": "policies: [policies]\n",
    "policies/kubernetes/team-label.yaml": POLICY,
    "fixtures/team-label/flagged/api.yaml": DEPLOYMENT,
    "fixtures/team-label/flagged/expected.yaml": FOUND,
    "fixtures/team-label/clean/api.yaml": CLEAN,
    "fixtures/team-label/clean/expected.yaml": "findings: []\n",
}


def outcome(tmp_path, **changes):
    project = {**PROJECT, **{name.replace("__", "/"): text for name, text in changes.items()}}
    write(tmp_path, project)
    return kerp_policy("test", cwd=tmp_path)


def test_a_policy_whose_fixtures_and_examples_are_right(tmp_path):
    done = outcome(tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out == "2 fixture folders and 1 example: all as expected\n"


def test_a_difference_shows_what_was_expected_what_was_found_and_the_line(tmp_path):
    changed = FOUND.replace("not set; expected a string", "missing").replace("fail", "unverified")
    write(tmp_path, {**PROJECT, "fixtures/team-label/flagged/expected.yaml": changed})
    done = kerp_policy("test", cwd=tmp_path)
    assert done.code == 1
    assert done.out.splitlines() == [
        "fixtures/team-label/flagged",
        "  api.yaml:3",
        "    verdict expected: unverified",
        "    verdict found:    fail",
        "    message expected: metadata.labels.team is missing",
        "    message found:    metadata.labels.team is not set; expected a string",
        "    3 | metadata:",
        "      | ^^^^^^^^",
        "",
        "2 fixture folders and 1 example: 1 not as expected",
    ]


def test_what_is_missing_and_what_nobody_expects(tmp_path):
    project = {
        **PROJECT,
        "fixtures/team-label/flagged/expected.yaml": "findings:\n",
        "fixtures/team-label/clean/expected.yaml": FOUND,
    }
    done = kerp_policy("test", cwd=write(tmp_path, project))
    assert done.code == 1
    message = "metadata.labels.team is not set; expected a string"
    assert (
        f"    expected, but not found: team-label: fail: {message}\n    3 | metadata:" in done.out
    )
    assert (
        f"    found, but not expected: team-label: fail: {message}\n    3 | metadata:" in done.out
    )


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            POLICY.replace("bad:", "good:"),
            "team-label: found in the good example:\n  example.yaml:3",
        ),
        (POLICY.replace("name: api}", "name: api, labels: {team: x}}"), "nothing fails in the bad"),
    ],
)
def test_an_example_that_is_not_what_it_is_called(tmp_path, policy, message):
    write(tmp_path, {**PROJECT, "policies/kubernetes/team-label.yaml": policy})
    done = kerp_policy("test", cwd=tmp_path)
    assert done.code == 1
    assert message in done.out


def test_a_policy_that_no_fixture_shows_to_speak(tmp_path):
    project = {name: text for name, text in PROJECT.items() if "flagged" not in name}
    done = kerp_policy("test", cwd=write(tmp_path, project))
    assert done.code == 1
    assert "there is no fixture folder in which it speaks, for: team-label\n" in done.out


def test_a_mistake_in_the_expectations_is_told_with_its_place(tmp_path):
    changed = FOUND.replace("verdict: fail", "verdikt: fail")
    write(tmp_path, {**PROJECT, "fixtures/team-label/flagged/expected.yaml": changed})
    done = kerp_policy("test", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert 'flagged/expected.yaml:5:5: unknown field "verdikt"' in done.err
    assert "did you mean verdict?" in done.err


def test_a_folder_with_nothing_to_test(tmp_path):
    done = kerp_policy("test", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "there is nothing to test" in done.err
