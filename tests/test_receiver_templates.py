"""The fields that templates of receivers ask for, against amtool, which fills templates in."""

import random
import shutil
import subprocess

import pytest

from kerp_policy.artifacts.go_dialects import RECEIVERS
from kerp_policy.artifacts.go_templates import template_error

NAMES = (
    *("Receiver", "Status", "Alerts", "GroupLabels", "CommonLabels", "CommonAnnotations"),
    *("ExternalURL", "Labels", "Annotations", "GeneratorURL", "Fingerprint", "Name", "Value"),
    *("alertname", "Alert", "Label", "Summary"),
)
AROUND = (
    (),
    ("range .Alerts",),
    ("range .Alerts", "with .Labels"),
    ("range .Alerts", "range .Annotations.SortedPairs"),
    ("with .CommonLabels",),
    ("with .CommonLabels", "range .SortedPairs"),
    ("range .GroupLabels",),
    ("with $", "range .Alerts", "with $.CommonAnnotations"),
)
"""Blocks that are entered with amtool's sample of a notification, which has all of this."""


def templates(seed):
    """A field, or one of a field, within blocks."""
    choose = random.Random(seed)
    around = choose.choice(AROUND)
    path = "".join(f".{choose.choice(NAMES)}" for _ in range(choose.choice((1, 1, 2))))
    inner = f"{{{{ {choose.choice(('', '', '$'))}{path} }}}}"
    return "".join(f"{{{{ {each} }}}}" for each in around) + inner + "{{ end }}" * len(around)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """What amtool says of a template; empty where it fills it in."""
    if not shutil.which("amtool"):
        pytest.skip("amtool (Debian: prometheus-alertmanager) is not installed")
    empty = tmp_path_factory.mktemp("templates") / "empty.tmpl"
    empty.write_text('{{ define "kerp.none" }}{{ end }}')

    def ask(text):
        command = ["amtool", "template", "render", f"--template.glob={empty}"]
        done = subprocess.run(
            [*command, f"--template.text={text}"], capture_output=True, text=True, check=False
        )
        return done.stderr if done.returncode else ""

    return ask


@pytest.mark.parametrize("part", range(5))
def test_a_field_is_missing_where_amtool_does_not_find_it(rendered, part):
    for seed in range(part * 24, part * 24 + 24):
        text = templates(seed)
        error, theirs = template_error(text, RECEIVERS), rendered(text)
        assert (error is not None) == ("can't evaluate field" in theirs), (text, error, theirs)


@pytest.mark.parametrize(
    ("text", "start", "message"),
    [
        (
            "{{ .Alert }}",
            3,
            'there is no field .Alert of the notification; did you mean ".Alerts"?',
        ),
        (
            "{{ range .Alerts }}{{ else }}{{ .Labels.pod }}{{ end }}",
            32,
            ".Labels is of one alert; go through .Alerts",
        ),
        (
            "{{ range .Alerts.Firing }}{{ with .Labels }}{{ .pod.name }}{{ end }}{{ end }}",
            51,
            ".name is asked of a text, which has no fields",
        ),
    ],
)
def test_a_field_that_is_not_there_is_named_where_it_stands(text, start, message):
    error = template_error(text, RECEIVERS)
    assert error is not None
    assert (error.start, error.message, error.certain) == (start, message, True)


def test_of_values_that_nothing_is_known_of_nothing_is_said():
    for text in (
        "{{ (index .Alerts 0).Whatever }}",
        "{{ with index .Alerts 0 }}{{ .Whatever }}{{ end }}",
        '{{ define "kerp.one" }}{{ .Whatever }}{{ $.Whatever }}{{ end }}',
        "{{ range $i, $alert := .Alerts }}{{ $alert.Whatever }}{{ end }}",
        "{{ range .Alerts }}{{ .StartsAt.Whatever }}{{ end }}",
    ):
        assert template_error(text, RECEIVERS) is None, text
