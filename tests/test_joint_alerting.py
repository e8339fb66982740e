"""What rules, routes and the standard say together."""

import shutil
import subprocess

import pytest
from msgspec.structs import replace

from kerp_policy.errors import UsageError
from kerp_policy.estate.alerting import Alert, Routing
from kerp_policy.estate.routes import Tree, Trees
from kerp_policy.policy.load import load_profile
from kerp_policy.run import run
from kerp_policy.sources.tree import WorkingTree

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
        "policies: {alert-threshold: {params: {thresholds: "
        "[{signal: cpu, above: 90, level: critical}]}}}\n"
    )
    return (folder,)


def test_a_policy_has_the_parameters_of_another_as_the_profile_tunes_them(tmp_path):
    [policy] = load_profile("own", _policies(tmp_path)).policies
    assert policy.params["thresholds"] == [{"signal": "cpu", "above": 90, "level": "critical"}]
    assert tuple(policy.params["signals"]) == SIGNALS
    assert policy.params["elsewhere"] == "rules/mine"


def test_a_policy_cannot_have_the_parameters_of_one_that_does_not_exist(tmp_path):
    with pytest.raises(UsageError, match="did you mean alert-threshold"):
        load_profile("own", _policies(tmp_path, of="alert-treshold"))


CONFIGURATION = """\
route:
  receiver: rest
  routes:
    - {matchers: ['severity=~"critical|page"'], receiver: on-call, continue: true}
    - matchers: [team="kerp"]
      receiver: kerp
      routes:
        - {matchers: [severity="warning"], receiver: kerp-warnings}
        - {matchers: ['alertname=~"Db.+"'], receiver: dba, continue: true}
        - {matchers: [severity!="info"], receiver: kerp-loud}
    - {matchers: [severity="warning"], receiver: warnings}
receivers:
"""
NAMES = ("rest", "on-call", "kerp", "kerp-warnings", "dba", "kerp-loud", "warnings")
LABELS = (
    {"severity": "critical"},
    {"severity": "critical", "team": "kerp"},
    {"severity": "warning", "team": "kerp"},
    {"severity": "info", "team": "kerp"},
    {"severity": "info", "team": "kerp", "alertname": "DbDown"},
    {"severity": "page", "team": "kerp", "alertname": "DbDown"},
    {"severity": "warning", "team": "shop"},
    {"severity": "Warning", "team": "shop"},
)


@pytest.fixture
def tree(tmp_path):
    file = tmp_path / "alertmanager.yml"
    file.write_text(CONFIGURATION + "".join(f"  - {{name: {name}}}\n" for name in NAMES))
    found = run(WorkingTree(tmp_path), [tmp_path], load_profile("kerp")).estate
    return Tree(found.all(Routing)[0])


@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: ",".join(labels.values()))
def test_an_alert_goes_where_alertmanager_sends_it(tree, tmp_path, labels):
    amtool = shutil.which("amtool")
    if amtool is None:
        pytest.skip("amtool is not installed")
    labels = {"alertname": "Api", "team": "", **labels}
    given = [f"{name}={value}" for name, value in labels.items() if value]
    command = [amtool, "config", "routes", "test", "--config.file", tmp_path / "alertmanager.yml"]
    said = subprocess.run([*command, *given], capture_output=True, text=True, check=True).stdout
    taken = tree.take(labels)
    assert [one.route.receiver for one in taken] == said.strip().split(",")
    assert all(one.sure for one in taken)


def test_a_label_that_is_not_known_may_decide(tree):
    taken = [(one.route.receiver, one.sure) for one in tree.take({"severity": "warning"})]
    assert taken == [("kerp-warnings", False), ("warnings", False)]
    assert [one.sure for one in tree.take({"severity": "warning", "team": "shop"})] == [True]


def test_very_many_routes_are_not_walked(tree):
    routes = tree.routing.routes
    many = Tree(replace(tree.routing, routes=(*routes, *([routes[1]] * 1000))))
    assert not any(one.sure for one in many.take({"severity": "critical", "team": "x"}))


def test_the_nearest_configuration_comes_first_and_copies_count_once(tmp_path):
    for folder in ("a", "a/b", "z"):
        (tmp_path / folder).mkdir()
        routes = "" if folder == "z" else f"  group_wait: {len(folder)}s\n"
        text = f"route:\n  receiver: x\n{routes}receivers: [{{name: x}}]\n"
        (tmp_path / folder / "alertmanager.yml").write_text(text)
        (tmp_path / folder / "copy.yml").write_text(text)
    (tmp_path / "a/b/rules.yaml").write_text(
        "groups: [{name: x, rules: [{alert: Down, expr: up == 0}]}]\n"
    )
    estate = run(WorkingTree(tmp_path), [tmp_path], load_profile("kerp")).estate
    [alert] = estate.all(Alert)
    files = [tree.routing.file for tree in Trees(estate).of(alert)]
    assert files == ["a/b/alertmanager.yml", "a/alertmanager.yml", "z/alertmanager.yml"]
