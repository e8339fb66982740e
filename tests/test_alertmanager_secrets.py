"""Credentials in a configuration: known formats are made here, as fixtures hold none."""

import pytest

from kerp_policy.engine import check_file
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import Source, Span

CONTEXT = Context(load_profile("kerp"))
SLACK = "/".join(["https://hooks.slack.com/services", "T" + "0Q7" * 3, "B" + "1W8" * 3, "aZ3k" * 6])
TOKEN = "glpat-" + "aB3dE6gH9jK2mN5pQ8sT"


def remarks(policy, text):
    result = check_file(Source("alertmanager.yml", text.encode()), CONTEXT)
    return [
        (f.verdict, f.place.span.line, f.message) for f in result.findings if f.policy == policy
    ]


def configuration(integration):
    return f"route: {{receiver: t}}\nreceivers:\n  - name: t\n    {integration}\n"


@pytest.mark.parametrize(
    "integration",
    [
        f"slack_configs: [{{api_url: '{SLACK}'}}]",
        f"webhook_configs: [{{url: 'https://hooks.kerp-alerts.com/x?token={TOKEN}'}}]",
        f"pagerduty_configs: [{{routing_key: '{TOKEN}'}}]",
        f"slack_configs: [{{api_url_file: /x, text: 'see {TOKEN}'}}]",
        f"webhook_configs: [{{url: 'https://a/', http_config: {{bearer_token: '{TOKEN}'}}}}]",
        "webhook_configs: [{url: 'https://kerp:hunter2@hooks.example.com/x'}]",
        "webhook_configs: [{url: 'http://a', http_config: {http_headers: {K: {secrets: [h2o]}}}}]",
    ],
)
def test_a_credential_is_found_and_not_shown(integration):
    ((verdict, line, message),) = remarks("alertmanager-secret", configuration(integration))
    assert (verdict, line) == ("fail", 4)
    assert SLACK[-30:] not in message
    assert TOKEN[8:] not in message


@pytest.mark.parametrize(
    "integration",
    [
        "slack_configs: [{api_url: 'https://hooks.slack.com/services/SLACK_HOOK_PATH'}]",
        "slack_configs: [{api_url_file: /etc/slack}]",
        "pagerduty_configs: [{routing_key: '${PAGERDUTY_KEY}'}]",
        "pagerduty_configs: [{routing_key: changeme}]",
        "webhook_configs: [{url: 'http://log.monitoring.svc/'}]",
    ],
)
def test_a_reference_is_no_credential(integration):
    assert remarks("alertmanager-secret", configuration(integration)) == []


def test_a_webhook_outside_may_be_one():
    text = configuration("webhook_configs: [{url: 'https://bridge.kerp-alerts.com/alerts'}]")
    ((verdict, _, message),) = remarks("alertmanager-secret", text)
    assert (verdict, "do not show whether" in message) == ("unverified", True)


@pytest.mark.parametrize("value", ["x", TOKEN, SLACK, "ftp://" + SLACK])
def test_no_place_tells_how_long_a_secret_is(value):
    """The places of every policy are the same whatever the value is."""
    text = configuration("slack_configs: [{api_url: '@'}]").replace("@", value)
    result = check_file(Source("alertmanager.yml", text.encode()), CONTEXT)
    spans = {f.place.span for f in result.findings if "api_url" in f.place.address}
    assert spans == {Span(4, 22, 4, 29)}
