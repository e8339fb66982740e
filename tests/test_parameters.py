"""Parameters have a meaning, and whoever writes one without it is told where, of all at once."""

import pytest

from cli import kerp_policy, write
from kerp_policy.checks import joint_environments
from kerp_policy.policy.load import load_library
from kerp_policy.policy.parameters import review_own, review_parameters, taken

POLICIES = {id: policy for id, policy in load_library().policies.items() if policy.params}
EACH = [
    (id, name)
    for id, policy in POLICIES.items()
    for name in policy.params
    if policy.check or not policy.params_of  # else the other policy says what they have to be
]
OWN = """\
title: Ours
severity: error
topics: [ours]
each: container
{}
why: Because.
how: Do it.
"""
PROFILE = "title: Ours\nextends: kerp\npolicies:\n  {}: {{params: {}}}\n"


def told(tmp_path, **files):
    """What is said of a project's standard, after the name of its folder."""
    names = {"policy": "policies/kubernetes/ours.yaml", "profile": "policies/profiles/acme.yaml"}
    texts = {"profile": "title: Acme\nextends: kerp\n", **files}
    config = {
        ".kerp-policy.yaml": "policies: [policies]\nprofile: acme\n",
        "Dockerfile": "FROM a\n",
    }
    write(tmp_path, {**config, **{names[name]: text for name, text in texts.items()}})
    done = kerp_policy("check", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    return done.err.replace(f"kerp-policy: {tmp_path}/policies/", "").splitlines()


@pytest.mark.parametrize(("id", "name"), EACH)
def test_what_each_parameter_means_is_known(id, name):
    policy = POLICIES[id]
    known = taken(policy.check, policy.takes)
    assert name in known
    assert list(review_parameters(policy.check, known, policy.params, ())) == []


@pytest.mark.parametrize(("id", "name"), EACH)
@pytest.mark.parametrize("value", [None, "", [""], {"": ""}, [[]], -1, float("nan"), [None]])
def test_no_nonsense_is_taken(id, name, value):
    policy = POLICIES[id]
    path = ("policies", id, "params")
    known = taken(policy.check, policy.takes)
    found = review_own(known, {name: value}, policy.params, path, ("production",))
    assert [mistake.path[:4] for mistake in found][:1] == [(*path, name)]


def test_the_choices_are_those_of_the_check():
    items = taken("joint_environments.alike", {})["alike"]["items"]
    assert items["enum"] == [*joint_environments._SETTINGS]


@pytest.mark.parametrize(
    ("id", "params", "message"),
    [
        ("alert-repeat-interval", "{retention: 5 days}",
         ':4:36: retention is "5 days"; expected a duration, as 30s, 5m or 1h30m'),
        ("alert-repeat-interval", "{retention: 0s}",
         ":4:36: retention is 0s; expected a duration, as 30s, 5m or 1h30m"),
        ("pinned-image", "{level: digst}",
         ":4:27: level is digst; expected one of tag, version, digest; did you mean digest?"),
        ("replicas", "{min: -1}", ":4:23: min is -1; expected at least 1"),
        ("replicas", "{kinds: []}", ":4:23: kinds is empty; expected at least one item"),
        ("replicas", "{kinds: [Deploment]}",
         ":4:31: kinds[0] is Deploment; did you mean Deployment?"),
        ("ingress-tls", '{lowest: "1.4"}',
         ':4:26: lowest is "1.4"; expected one of 1.0, 1.1, 1.2, 1.3; did you mean 1.3?'),
        ("documented-api-resources", "{limits_cpu: two}",
         ":4:39: limits_cpu is two; expected a quantity, as 500m, 2 or 512Mi"),
        ("workload-labels", "{labels: [a b]}",
         ':4:39: labels[0] is "a b"; expected the key of a label, as app.kubernetes.io/name'),
        ("deploy-environment", "{protected: prodution}",
         ":4:33: protected is prodution; expected an environment of the profile: "
         "development, production, staging"),
        ("rollout-status", "{timeouts: {staging: 5m}}",
         ":4:40: staging is a string (5m); expected a whole number"),
        ("documented-api-probes", "{liveness: {periodSecond: 1}}",
         ':4:47: unknown field "periodSecond" in liveness; did you mean periodSeconds?'),
        ("alert-threshold", "{thresholds: [{signal: cpu, above: high, level: info}]}",
         ":4:57: above is a string (high); expected a number"),
        ("alert-threshold", "{thresholds: [{signal: gpu, above: 1, level: info}]}",
         ":4:44: signal is gpu; expected one of the signals: cpu, errors, latency, memory, pool, "
         "restarts"),
        ("alert-threshold", "{signals: {cpu: {title: CPU, unit: ratio, part: [a]}}}",
         ':4:40: required field "whole" is missing in cpu'),
    ],
)  # fmt: skip
def test_a_mistake_in_what_a_profile_sets(tmp_path, id, params, message):
    assert f"profiles/acme.yaml{message}" in told(tmp_path, profile=PROFILE.format(id, params))


def test_what_a_policy_takes_goes_on_from_the_type_of_its_default(tmp_path):
    text = "params: {teams: [shop]}\ntakes: {teams: {items: {pattern: '^[a-z]+$'}}}\n"
    policy = OWN.format(f"{text}require: {{a: {{enum: $teams}}}}")
    for value, message in (
        ("[Shop]", ":4:27: teams[0] is Shop; expected a string that matches ^[a-z]+$"),
        ("shop", ':4:19: teams is a text; expected a list, as ["shop"]'),
    ):
        profile = PROFILE.format("ours", f"{{teams: {value}}}")
        [line] = told(tmp_path, policy=policy, profile=profile)
        assert line == f"profiles/acme.yaml{message}"


def test_signals_that_thresholds_need_are_missed(tmp_path):
    signals = "{signals: {cpu: {title: CPU, unit: count, metric: [a]}}}"
    lines = told(tmp_path, profile=PROFILE.format("alert-threshold", signals))
    start = "profiles/acme.yaml:4:21: "
    assert f"{start}signal is latency; expected one of the signals: cpu" in lines


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("check: images.pinned", ":1:1: there is no parameter level, which images.pinned needs"),
        ("check: images.pinned\nparams: {levl: tag}",
         ":6:1: there is no parameter level, which images.pinned needs"),
        ("check: images.pinned\nparams: {level: 3}",
         ":6:10: level is 3; expected one of tag, version, digest"),
        ("params: {uid: ten}\ntakes: {uid: {type: integer}}\nrequire: {a: {const: $uid}}",
         ":5:10: uid is a string (ten); expected a whole number"),
        ("params: {uid: 1}\ntakes: {uud: {type: integer}}\nrequire: {a: {const: $uid}}",
         ":6:9: there is no parameter 'uud'; did you mean uid?"),
        ("params: {uid: 1}\ntakes: {uid: {typ: integer}}\nrequire: {a: {const: $uid}}",
         ":6:15: there is no word of a schema 'typ'; did you mean type?"),
        ("check: images.pinned\nparams_of: replicas",
         ":6:1: there is no parameter level, which images.pinned needs"),
        ("params_of: replicas\nrequire: {spec.replicas: {minimum: $mun}}",
         ":6:27: there is no parameter 'mun'; did you mean min?"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_policy_that_has_parameters(tmp_path, text, message):
    assert told(tmp_path, policy=OWN.format(text)) == [f"kubernetes/ours.yaml{message}"]


def test_all_mistakes_are_told_at_once(tmp_path):
    policy = OWN.format(
        "check: probes.timing\nwhen: {kidn: Pod}\nparams: {liveness: {}, readiness: 1}"
    )
    profile = (
        PROFILE.format("replicas", "{min: many, kinds: [Pot], most: 9}")
        + "  nothing: {severity: info}\n"
    )
    lines = told(tmp_path, policy=policy)
    assert [line.partition(";")[0] for line in lines] == [
        "kubernetes/ours.yaml:6:8: there is no fact of container 'kidn'",
        "kubernetes/ours.yaml:7:24: readiness is a number (1)",
    ]
    (tmp_path / "policies/kubernetes/ours.yaml").unlink()
    lines = told(tmp_path, profile=profile)
    assert [line.partition(";")[0] for line in lines] == [
        "profiles/acme.yaml:4:48: the profile acme, at replicas, names the parameter 'most', which "
        "does not exist",
        "profiles/acme.yaml:5:3: the profile acme names the policy 'nothing', which does not exist",
        "profiles/acme.yaml:4:42: kinds[0] is Pot",
        "profiles/acme.yaml:4:23: min is a string (many)",
    ]


def test_mistakes_of_all_files_are_told_at_once(tmp_path):
    lines = told(tmp_path, policy="title: 1\n", profile="title: 2\n")
    assert {line.partition(":")[0] for line in lines} == {
        "kubernetes/ours.yaml",
        "profiles/acme.yaml",
    }
