"""What rules, routes and the standard say together."""

import pytest

from kerp_policy.errors import UsageError
from kerp_policy.policy.load import load_profile

SIGNALS = ("latency", "errors", "cpu", "memory", "restarts", "pool")
POLICY = """\
title: A title
severity: info
topics: [mine]
each: estate
params_of: {of}
params: {{elsewhere: rules/mine}}
check: joint_alerting.implemented
why: so
how: so
"""


def _policies(folder, of="alert-threshold"):
    (folder / "prometheus").mkdir()
    (folder / "profiles").mkdir()
    (folder / "prometheus" / "mine.yaml").write_text(POLICY.format(of=of))
    (folder / "profiles" / "own.yaml").write_text(
        "title: Mine\ninclude: {policies: [mine]}\n"
        "policies: {alert-threshold: {params: {thresholds: [{signal: cpu}]}}}\n"
    )
    return (folder,)


def test_a_policy_has_the_parameters_of_another_as_the_profile_tunes_them(tmp_path):
    [policy] = load_profile("own", _policies(tmp_path)).policies
    assert policy.params["thresholds"] == [{"signal": "cpu"}]
    assert tuple(policy.params["signals"]) == SIGNALS
    assert policy.params["elsewhere"] == "rules/mine"


def test_a_policy_cannot_have_the_parameters_of_one_that_does_not_exist(tmp_path):
    with pytest.raises(UsageError, match="did you mean alert-threshold"):
        load_profile("own", _policies(tmp_path, of="alert-treshold"))
