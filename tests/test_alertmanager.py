"""Reading Alertmanager's configuration: places, versions, routes; where it is found."""

import pytest

from cli import kerp_policy
from kerp_policy.artifacts.alertmanager.loader import is_configuration, load
from kerp_policy.artifacts.alertmanager.matchers import classic
from kerp_policy.artifacts.alertmanager.routing import read_routes
from kerp_policy.artifacts.alertmanager.table import parse_version
from kerp_policy.artifacts.yaml import read
from kerp_policy.findings import Place
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.scopes.reading import read_artifact
from kerp_policy.sources.source import Source, Span

LEAST = "route: {receiver: team}\nreceivers: [{name: team}]\n"


def loaded(text, version="0.28"):
    document = read(text).documents[0]
    return load(document, parse_version(version), text.split("\n"))


def messages(text, version="0.28"):
    return [fault.message for fault in loaded(text, version).faults]


@pytest.mark.parametrize(
    ("field", "before", "since"),
    [
        ("time_intervals: []", "0.23", "0.24"),
        ("global: {slack_app_token: word}", "0.29", "0.30"),
        ("global: {rocketchat_api_url: 'http://x'}", "0.27", "0.28"),
        ("global: {telegram_bot_token: word}", "0.30", "0.31"),
        ("inhibit_rules: [{name: one}]", "0.29", "0.30"),
    ],
)
def test_a_field_is_known_from_its_version_on(field, before, since):
    assert messages(f"{LEAST}{field}\n", since) == []
    (message,) = messages(f"{LEAST}{field}\n", before)
    assert message.endswith(f"came with Alertmanager {since}, this is {before}")


def test_faults_of_two_fields_are_told_at_once_and_each_once():
    text = "global: {slack_api_url: x}\nroute: {receiver: 5m}\nreceivers: [{name: a, labels: {}}]\n"
    assert messages(text) == [
        "slack_api_url does not begin with http:// or https://",
        'the field "labels" in receivers[0] came with Alertmanager 0.33, this is 0.28',
        'the receiver "5m" is not defined; receivers are a',
    ]


def test_a_value_that_is_wrong_is_not_missing_as_well():
    text = LEAST.replace("team}]", "team, slack_configs: [{api_url: x}]}]")
    assert messages(text) == ["api_url does not begin with http:// or https://"]


def test_no_message_shows_a_secret():
    word = "xq" * 9
    text = (
        f"global:\n  slack_api_url: '{word}'\n  opsgenie_api_key: ['{word}']\n"
        f"  pagerduty_url: 'ftp://{word}@host'\n{LEAST}"
    )
    assert len(messages(text)) == 3
    assert not any(word in message for message in messages(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0.28", (0, 28)), ("v0.28.1", (0, 28)), ("0.34", (0, 34))],
)
def test_versions(text, expected):
    assert parse_version(text) == expected


@pytest.mark.parametrize("text", ["", "28", "0.28-rc.1", "0.21", "0.35", "1.0", "latest"])
def test_what_is_no_version(text):
    with pytest.raises(ValueError):
        parse_version(text)


def test_a_route_inherits_and_overrides():
    text = """
route:
  receiver: team
  group_by: [alertname]
  group_wait: 10s
  routes:
    - match: {severity: critical}
      receiver: pager
      continue: true
      group_by: []
      routes:
        - matchers: [team="api"]
          group_wait: 1m
receivers: [{name: team}, {name: pager}]
"""
    routes = read_routes(loaded(text).data["route"], (0, 28))
    root, child, leaf = routes.values()
    assert leaf.effective["receiver"] == "pager"
    assert leaf.effective["group_by"] == ["alertname"]
    assert leaf.effective["repeat_interval"] == "4h"
    assert (child.duration("group_wait"), leaf.duration("group_wait")) == (10_000, 60_000)
    assert (child.continues, leaf.continues) == (True, False)
    assert leaf.chain == classic('severity="critical",team="api"')
    assert leaf.set_at("receiver") is child
    assert root.address == "route"
    assert leaf.address == 'route{severity="critical"}/{team="api"}'
    newer = read_routes(loaded(text, "0.31").data["route"], (0, 31))
    assert list(newer.values())[1].effective["group_by"] == []


def views(text, path="alertmanager.yml"):
    source = Source(path, text.encode())
    return read_artifact(source, Context(load_profile("kerp")))


def test_it_is_found_by_what_it_holds_whatever_its_name():
    assert views(LEAST, "x/any.yaml").kind == "alertmanager"
    assert views('{"route": {"receiver": "a"}, "receivers": []}', "x.json").kind == "alertmanager"
    assert views("receivers: []\nexporters: {}\n").kind == ""
    assert not is_configuration(
        read("apiVersion: v1\nkind: X\nroute: {}\nreceivers: []\n").documents[0]
    )


def test_places_and_addresses_of_routes_and_receivers():
    text = """route:
  receiver: team
  routes:
    - match: {b: x, a: "y"}
    - matchers: [a="y", b="x"]
      group_wait: 1m
receivers:
  - name: team
    slack_configs:
      - channel: '#x'
"""
    found = views(text).views
    routes = [view for view in found if view.scope == "route"]
    receiver = next(view for view in found if view.scope == "receiver")
    second = routes[2].locate(("group_wait",))
    assert second.address == 'alertmanager.yml#route{a="y",b="x"}~2.group_wait'
    assert second.span == Span(6, 7, 6, 21)
    assert routes[2].locate(("receiver",)).span.line == 2
    channel = receiver.locate(("slack_configs", 0, "channel"))
    address = "alertmanager.yml#receiver(team).slack_configs[0].channel"
    assert channel == Place(Span(10, 9, 10, 22), address)


def test_a_configuration_in_a_secret_is_judged_at_its_place():
    text = """apiVersion: v1
kind: Secret
metadata: {name: am, namespace: monitoring}
stringData:
  alertmanager.yaml: |
    route:
      receiver: team
      receiver: pager
    receivers: []
"""
    artifact = views(text, "secret.yaml")
    scopes = [view.scope for view in artifact.views]
    assert scopes == ["object", "alertmanager", "route"]
    (problem,) = artifact.problems
    assert (problem.policy, problem.span.line, problem.span.column) == ("duplicate-key", 8, 7)
    place = artifact.views[2].locate(("receiver",))
    assert place.span.line == 8
    assert place.address == 'Secret/monitoring/am:stringData["alertmanager.yaml"]#route.receiver'


def test_an_object_of_the_operator_is_read_as_a_configuration():
    text = """apiVersion: monitoring.coreos.com/v1alpha1
kind: AlertmanagerConfig
metadata: {name: team, namespace: kerp-prod}
spec:
  route:
    receiver: team
    groupWait: 10s
    matchers: [{name: a b, value: "x|y", matchType: "!~"}, {name: c, value: 'd"', regex: true}]
  receivers:
    - name: team
      slackConfigs: [{sendResolved: true, apiURL: {name: s, key: url}}]
"""
    found = views(text, "team.yaml").views
    assert [view.scope for view in found] == ["object", "alertmanager", "route", "receiver"]
    route = found[2]
    assert [str(m) for m in route.subject[1].chain] == ['a b!~"x|y"', 'c=~"d\\""']
    assert route.locate(("group_wait",)).span == Span(7, 5, 7, 19)
    assert found[3].data["slack_configs"] == [{"send_resolved": True, "api_url": None}]


def test_the_version_can_be_asked_for(tmp_path):
    (tmp_path / "am.yml").write_text(f"{LEAST}time_intervals: []\n")
    check = ("check", ".", "--select", "alertmanager-valid")
    assert kerp_policy(*check, cwd=tmp_path).code == 0
    old = kerp_policy(*check, "--alertmanager-version", "0.23", cwd=tmp_path)
    assert "came with Alertmanager 0.24" in " ".join(old.out.split())
    older = kerp_policy(*check, "--alertmanager-version", "0.21", cwd=tmp_path)
    assert (older.code, "0.22 to 0.34 are" in older.err) == (2, True)
    (tmp_path / ".kerp-policy.yaml").write_text('alertmanager-version: "0.22"\n')
    assert kerp_policy(*check, cwd=tmp_path).code == 1
