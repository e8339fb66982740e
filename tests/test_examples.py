"""The examples of policies: what surrounds a part, and what is said of an example that is wrong."""

import pytest
from msgspec.structs import replace

from cli import kerp_policy
from kerp_policy.examples import files_of, wrong_examples
from kerp_policy.policy.load import load_library, load_profile

POLICIES = load_library().policies
STANDARD = load_profile("kerp")
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: kerp-prod\n"


def wrong(id, **examples):
    policy = replace(POLICIES[id], examples=tuple({name: t} for name, t in examples.items()))
    return list(wrong_examples(policy, STANDARD))


def test_a_bad_example_in_which_nothing_fails_is_shown_as_it_was_judged():
    [said] = wrong("privileged", bad="securityContext:\n  privileged: false\n")
    first, *shown = said.splitlines()
    assert first == "privileged: nothing fails in the bad example"
    assert shown[0] == "    # example.yaml"
    assert shown[-1] == "              privileged: false"


def test_a_finding_in_a_good_example_is_told_with_its_place():
    [said] = wrong("privileged", good="securityContext:\n  privileged: true\n")
    assert said.splitlines()[:2] == [
        "privileged: found in the good example:",
        "  example.yaml:12: securityContext.privileged is true; expected false",
    ]


def test_what_only_another_policy_finds_does_not_make_an_example_bad():
    [said] = wrong("privileged", bad="securityContext: {privileged: true\n")
    assert said.startswith("privileged: nothing fails in the bad example")


def test_a_good_example_that_cannot_be_read_is_told():
    [said] = wrong("privileged", good="securityContext: {privileged: false\n")
    assert "example.yaml:" in said and "not YAML" in said


def test_a_part_that_repeats_a_key_of_what_surrounds_it_is_told():
    [said] = wrong("privileged", good="name: api\nsecurityContext: {privileged: false}\n")
    assert "the key name stands here a second time" in said


def test_what_is_left_open_is_no_bad_example():
    unknown = "securityContext:\n  privileged: ${PRIVILEGED}\n"
    [said] = wrong("privileged", bad=unknown)
    assert said.startswith("privileged: nothing fails in the bad example")


def test_what_is_left_open_is_an_unverified_example():
    assert wrong("privileged", unverified="securityContext:\n  privileged: ${PRIVILEGED}\n") == []
    [said] = wrong("privileged", unverified="securityContext:\n  privileged: true\n")
    assert said.splitlines()[:2] == [
        "privileged: nothing is unverified in the unverified example",
        "  example.yaml:12: securityContext.privileged is true; expected false",
    ]


def test_examples_mean_the_environments_of_the_standard():
    assert wrong("namespace-labels", bad=NAMESPACE) == []
    [said] = wrong("namespace-labels", bad=NAMESPACE.replace("kerp-prod", "elsewhere"))
    assert said.startswith("namespace-labels: nothing fails in the bad example")


def test_a_policy_for_one_environment_is_shown_by_an_example_of_none():
    policy = replace(POLICIES["replicas"], environments=("production",))
    [bad] = [example["bad"] for example in policy.examples if "bad" in example]
    nowhere = bad.replace("kerp-prod", "elsewhere")
    assert list(wrong_examples(replace(policy, examples=({"bad": nowhere},)), STANDARD)) == []


@pytest.mark.parametrize(
    ("id", "part", "line"),
    [
        ("max-surge", "strategy: {}", "  strategy: {}"),
        ("fs-group", "securityContext: {}", "      securityContext: {}"),
        ("privileged", "securityContext: {}", "        securityContext: {}"),
        ("job-timeout", "timeout-minutes: 5", "    timeout-minutes: 5"),
        ("workflow-tls", "- run: make", "      - run: make"),
        ("pinned-workflow-image", "container: golang:1", "    container: golang:1"),
        ("workflow-permissions", "permissions: {}", "permissions: {}"),
        ("alert-timing", "group_wait: 30s", "  group_wait: 30s"),
        ("alert-send-resolved", "slack_configs: []", "    slack_configs: []"),
        ("alert-inhibition", "inhibit_rules: []", "inhibit_rules: []"),
        ("alert-for", "- alert: KerpApiDown", "      - alert: KerpApiDown"),
        ("rules-valid", "- alert: KerpApiDown", "      - alert: KerpApiDown"),
        ("ssh-port", "EXPOSE 8080", "EXPOSE 8080"),
    ],
)
def test_a_part_stands_where_it_belongs(id, part, line):
    [text] = files_of(POLICIES[id], part).values()
    assert line in text.splitlines()
    assert text != part + "\n"


@pytest.mark.parametrize(
    ("id", "artifact"),
    [
        ("max-surge", "apiVersion: apps/v1\nkind: Deployment"),
        ("job-timeout", "on: push\njobs: {}"),
        ("workflow-permissions", "on: push\njobs: {}"),
        ("alert-inhibition", "route: {receiver: kerp-team}"),
        ("alert-for", "groups: []"),
        ("ssh-port", "from alpine:3.19\nEXPOSE 8080"),
        ("namespace-labels", NAMESPACE.rstrip()),
        ("script-stops", "#!/bin/sh\nmake"),
    ],
)
def test_a_whole_artifact_stays_as_it_is(id, artifact):
    assert list(files_of(POLICIES[id], artifact).values()) == [artifact + "\n"]


def test_parameters_are_put_into_several_files_as_well():
    texts = {"a.yaml": "runAsUser: {uid}", "b.yaml": "{other}"}
    expected = {"a.yaml": "runAsUser: 1001\n", "b.yaml": "{other}\n"}
    assert files_of(POLICIES["run-as-uid"], texts) == expected


def test_explain_shows_both_and_breaks_no_word_of_a_command(tmp_path):
    lines = kerp_policy("explain", "not-judged", cwd=tmp_path).out.splitlines()
    assert "  kerp-policy check - --stdin-name CHART` or `kustomize build OVERLAY |" in lines
    found, good = lines.index("Unverified"), lines.index("Good")
    assert lines[found + 1 : found + 3] == ["  # namespace.yaml.j2", "  apiVersion: v1"]
    assert lines[good + 1 : good + 3] == ["  # namespace.yaml", "  apiVersion: v1"]
