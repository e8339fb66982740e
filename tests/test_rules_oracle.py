"""promtool must refuse exactly the rule files that we say Prometheus refuses.

Where the two differ, and why:

- Fields of the rulers of Thanos and Mimir are known to us: a file may be theirs.
- A query that gives a range or a string passes promtool and fails when it is evaluated.
- A mapping in the place of a name passes promtool, which then sees no name.
- `{{ else with }}` is read by newer versions only.
- A function that nobody knows is unverified, unless it looks like a misspelling of one: the file
  may be written for a newer or another ruler.
- Names that Prometheus 3 alone takes are unverified: promtool here may be older.
"""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cli import write
from kerp_policy.checks.rule_files import valid
from kerp_policy.findings import Verdict
from kerp_policy.policy.load import load_profile
from kerp_policy.scopes.prometheus import rule_file_views
from kerp_policy.sources.source import Source

PROMTOOL = shutil.which("promtool")
pytestmark = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")

RULE = {
    "alert": "Down",
    "expr": "up == 0",
    "for": "5m",
    "labels": {"severity": "warning"},
    "annotations": {"summary": "{{ $labels.job }} is {{ $value | humanize }}"},
}
RECORD = {"record": "job:up:count", "expr": "count by (job) (up)", "labels": {"tier": "web"}}
BASE = {"groups": [{"name": "kerp", "interval": "1m", "rules": [RULE, RECORD]}]}

DURATIONS = ["5m", "0", "0s", "1h30m", "5 m", "5", "5min", "1m1h", "", "1d12h", "-5m", "1.5m", "9y"]
NAMES = ["a", "a{b='c'}", "a_b1", "_a", "a-b", "1a", "", "a.b", "a:b", "ü", "__name__", "a b"]
QUERIES = [
    "up", "1", "up ==", "sum(up", "sum by (job) (up)", "rate(up)", "rate(up[5m])", "irates(up[5m])",
    "",
    'up{a="b"}', 'up{a="b}', 'up{a=~"("}', "a and b", "a and on (x) group_left b",
    "a > bool 1", "1 > 2", "1 > bool 2", "topk(3, up)", "topk(up)", "histogram_quantile(0.9, up)",
    "up offset 5m", "up offset x", "-up", "a + + b", "up @ start()", "# comment", "up # comment",
    "count_values('v', up)", "quantile(0.5, up)", "label_replace(up, 'a', '$1', 'b', '(.*)')",
    "sum(up) by (job)", "sum by job (up)", "{job='a'}", "{}", "{job=~'.*'}", "up{}", "0x1F", "Inf",
    "up unless", "a / on (b) c", "a atan2 b", "time()", "vector(1)", "scalar(up)", "absent(up)",
    "sum(1)", "up > 1 > 2", "a % b ^ c", "'x' == 'y'", "min_over_time(up[5m])", "up[5m] > 1",
]  # fmt: skip
TEMPLATES = [
    "plain", "{{ $value }}", "{{ $label }}", "{{ $labels.a.b }}", "{{ .Labels.x }}", "{{ .Value }}",
    "{{", "}}", "{{ }}", "{{ end }}", "{{ if $value }}x{{ end }}", "{{ if }}x{{ end }}",
    "{{ if $value }}x", '{{ range query "up" }}{{ .Value }}{{ end }}', "{{ humanise 1 }}",
    "{{ $value | humanize }}", "{{ $value | }}", "{{ | humanize }}", "{{ (1 }}", "{{ 1) }}",
    "{{/* c */}}", "{{- /* c */ -}}", "{{ /* c */ }}", "{{- $value -}}", "{{ $x := 1 }}{{ $x }}",
    "{{ with $x := 1 }}{{ end }}{{ $x }}", '{{ "}}" }}', "{{ `}}` }}", "{{ 'a' }}", '{{ "a }}',
    "{{ $externalURL }} {{ $externalLabels.a }}", "{{ else }}", "{{ if 1 }}{{ else }}{{ end }}",
    "{{ if 1 }}{{ else if 2 }}{{ end }}", '{{ printf "%.2f" $value }}', "{{ $labels.a-b }}",
    '{{ index $labels "a-b" }}', "{{ true }}", "{{ 1.5e3 }}", "{{ eq 1 2 }}", "{{ $ }}", "{{ . }}",
    "{{ $labels.instance is down }}", "{{ 1 + 2 }}", "{ {", "{{{ $value }}}",
    '{{ define "a" }}{{ end }}', "{{ $value\n}}", '{{ first (query "up") | value }}',
    "{{ and 1 2 | not }}", "{{ 1 2 }}", "{{ nil }}", "{{ $value := 2 }}", "{{ $i, $e := 1 }}",
    '{{ range $i, $e := query "a" }}{{ $i }}{{ end }}', "{{ break }}", '{{ template "x" }}',
    "{{ .a | .b }}", '{{ (query "a").b }}', "{{ 0x1F }}", "{{ 08 }}", "{{ (1 |) }}",
    '{{ range query "a" }}{{ break }}{{ end }}', "{{ if 1 }}{{ continue }}{{ end }}",
    "{{ $x = 1 }}", "{{ 0.5 }}", "{{ 0 }}", "{{ -1 }}", "{{ .5 }}", "{{ '' }}", '{{ "a" "b" }}',
    "{{ /*c*/}}", "{{/*c*/ }}", "{{ $labels. }}", "{{ ,1 }}", "{{ 1 := 2 }}", "{{end}}{{if 1}}",
    "{{ else if 1 }}", "{{ if 1 }}{{ else }}{{ else }}{{ end }}",
 '{{ block "a" . }}{{ end }}',
    "{{ define x }}{{ end }}", "{{ () }}", "{{ (1) (2) }}", "{{ $value|humanize }}",
    '{{ "a"|len|printf "%d" }}', "{{ map 1 }}", "{{ .Labels|len }}",
]  # fmt: skip


def promtool_accepts(folder: Path, files: list[str]) -> set[str]:
    """The files that it accepts; it is started once, and says of each in turn what it is."""
    done = subprocess.run(
        [PROMTOOL, "check", "rules", "--lint=none", *files],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    said = re.findall(r"^Checking (.*)\n(  SUCCESS)?", done.stdout, re.MULTILINE)
    assert [file for file, _ in said] == files, done.stderr
    accepted = {file for file, success in said if success}
    assert done.returncode == (len(accepted) < len(files))
    return accepted


def we_refuse(text: str) -> bool:
    from kerp_policy.artifacts.yaml import read

    source = Source("rules.yaml", text.encode())
    stream = read(text)
    if stream.problems or any(document.problems for document in stream.documents):
        return True
    views = [
        view
        for document in stream.documents
        for view in rule_file_views(document, source, load_profile("kerp"), None)
        if view.scope == "rules"
    ]
    remarks = [remark for view in views for remark in valid(view, {})]
    return any(r.verdict is Verdict.FAIL or "before Prometheus 3" in r.message for r in remarks)


def disagreements(tmp_path, files: list[dict]) -> list[str]:
    texts = {f"{n}.yaml": json.dumps(data, ensure_ascii=False) for n, data in enumerate(files)}
    accepted = promtool_accepts(write(tmp_path, texts), list(texts))
    return [
        f"promtool {'accepts' if file in accepted else 'refuses'}: {text}"
        for file, text in texts.items()
        if (file in accepted) == we_refuse(text)
    ]


def with_rule(**changes) -> dict:
    data = copy.deepcopy(BASE)
    data["groups"][0]["rules"][0].update(changes)
    return data


def test_queries(tmp_path):
    files = [with_rule(expr=query) for query in QUERIES]
    assert disagreements(tmp_path, files) == []


def test_templates(tmp_path):
    files = [with_rule(annotations={"a": text}) for text in TEMPLATES]
    assert disagreements(tmp_path, files) == []


def test_durations_and_names(tmp_path):
    files = [with_rule(**{"for": each}) for each in DURATIONS]
    files += [with_rule(labels={name: "x"}) for name in NAMES]
    files += [with_rule(annotations={name: "x"}) for name in NAMES]
    for name in NAMES:
        data = copy.deepcopy(BASE)
        data["groups"][0]["rules"][1]["record"] = name
        files.append(data)
    assert disagreements(tmp_path, files) == []


def paths(data, prefix=()):
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        yield (*prefix, key)
        if isinstance(value, (dict, list)):
            yield from paths(value, (*prefix, key))


def mutated(chance: random.Random) -> dict:
    data = copy.deepcopy(BASE)
    for _ in range(chance.randint(1, 3)):
        *above, last = chance.choice(list(paths(data)))
        parent = data
        for step in above:
            parent = parent[step]
        change = chance.randrange(5)
        if change == 0 and len(parent) > 1:
            del parent[last]
        elif change == 1 and isinstance(parent, dict) and last in parent:
            parent[f"{last}s"] = parent.pop(last)
        elif change == 2:
            parent[last] = chance.choice([None, "", 5, True, [], {}, "x", "5m", ["x"], {"a": "b"}])
        elif change == 3 and isinstance(parent, list):
            parent.append(copy.deepcopy(parent[last]))
        elif isinstance(parent, dict) and isinstance(parent[last], str):
            parent[chance.choice(["for", "record", "alert", "interval", "limit"])] = parent[last]
    return data


def test_mutated_files(tmp_path):
    chance = random.Random(42)
    assert disagreements(tmp_path, [mutated(chance) for _ in range(250)]) == []
