"""`kerp-policy config`: what is in effect, and where each value comes from."""

import pytest

from cli import kerp_policy, write
from harness import ROOT

PROFILE = """\
title: Acme
extends: kerp
environments:
  production: {namespaces: [shop]}
policies:
  run-as-uid: {params: {uid: 10001}, severity: warning}
  replicas: {only: {environments: [staging]}}
  resources: {enabled: false}
"""
POLICY = """\
title: Services name their team
severity: info
topics: [team]
each: object
when: {kind: Service}
require:
  metadata.labels.team: {type: string}
why: Somebody has to be called.
how: Set the label team.
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: a, namespace: shop}
spec: {ports: [{name: http, port: 80}]}
"""
FILES = {
    ".kerp-policy.yaml": "profile: acme\npolicies: [rules]\nexclude: [old/]\n",
    "rules/profiles/acme.yaml": PROFILE,
    "rules/kubernetes/team.yaml": POLICY,
    "k8s/service.yaml": SERVICE,
    "old/service.yaml": SERVICE,
    "notes.txt": "",
}


def config(tmp_path, *arguments, **more):
    done = kerp_policy("config", *arguments, cwd=write(tmp_path, {**FILES, **more}))
    assert (done.code, done.err) == (0, "")
    return done


def test_the_project_and_what_it_changes(tmp_path):
    lines = (ROOT / "policies/kubernetes/replicas.yaml").read_text().splitlines()
    [line] = [i for i, text in enumerate(lines, 1) if text.startswith("params:")]
    lines = config(tmp_path).out.splitlines()
    kerp = "(built-in profiles/kerp.yaml"
    assert lines[:11] == [
        f"project  {tmp_path}",
        "configuration  .kerp-policy.yaml",
        "  profile               acme                    (.kerp-policy.yaml:1)",
        "  extends               kerp                    (rules/profiles/acme.yaml:2)",
        "  policies              rules                   (.kerp-policy.yaml:2)",
        "  exclude               old/, /rules/fixtures/  (.kerp-policy.yaml:3)",
        "  fail-on               error                   (default)",
        f"  kubernetes-version    1.37                    {kerp}:3)",
        f"  alertmanager-version  0.28                    {kerp}:4)",
        "",
        "environments",
    ]
    assert [line.split() for line in lines[11:13]] == [
        ["production", "shop", "(rules/profiles/acme.yaml:4)"],
        ["staging", "kerp-staging,", "env=staging,", "**/staging/**", *f"{kerp}:10)".split()],
    ]
    start = next(i for i, line in enumerate(lines) if " policies in effect: " in line)
    assert [line.split() for line in lines[start + 1 : -4]] == [
        ["replicas"],
        ["severity", "error", "(built-in", "kubernetes/replicas.yaml:2)"],
        ["min", "3", "(built-in", f"kubernetes/replicas.yaml:{line})"],
        ["kinds", "Deployment,", "StatefulSet", "(built-in", f"kubernetes/replicas.yaml:{line})"],
        ["only", "in", "staging", "(rules/profiles/acme.yaml:7)"],
        ["run-as-uid"],
        ["severity", "warning", "(rules/profiles/acme.yaml:6)"],
        ["uid", "10001", "(rules/profiles/acme.yaml:6)"],
        ["team"],
        ["severity", "info", "(rules/kubernetes/team.yaml:2)"],
    ]
    assert lines[-4].endswith(" more as they ship; -v lists them")
    assert lines[-3:] == ["", "turned off", "  resources  (rules/profiles/acme.yaml:8)"]


def test_every_policy_when_asked(tmp_path):
    short, full = config(tmp_path).out, config(tmp_path, "-v").out
    assert "\n  image-user\n" not in short
    assert "\n  image-user\n" in full
    assert "as they ship" not in full


def test_a_file(tmp_path):
    out = config(tmp_path, "k8s/service.yaml").out
    assert "\nk8s/service.yaml: manifest\n  environment production, by its namespace\n" in out
    assert "\n  team\n" in out
    assert "\n  run-as-uid\n" not in out


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (
            "old/service.yaml",
            "old/service.yaml: manifest\n  left out of a run over the project: ",
        ),
        ("notes.txt", "notes.txt: no artifact, so nothing judges it\n"),
        ("rules/kubernetes/team.yaml", "team.yaml: no artifact, so nothing judges it\n"),
    ],
)
def test_a_file_that_is_not_looked_at(tmp_path, file, told):
    assert told in config(tmp_path, file).out


def test_as_json(tmp_path):
    report = config(tmp_path, "k8s/service.yaml", "--format", "json").report
    assert report["configuration"] == ".kerp-policy.yaml"
    assert report["settings"]["profile"] == {"value": "acme", "origin": ".kerp-policy.yaml:1"}
    assert report["settings"]["fail-on"] == {"value": "error", "origin": "default"}
    assert report["environments"]["production"] == {
        "namespaces": ["shop"],
        "labels": {},
        "paths": [],
        "origin": "rules/profiles/acme.yaml:4",
    }
    assert report["file"] == {
        "path": "k8s/service.yaml",
        "kind": "kubernetes",
        "left_out": "",
        "not_judged": "",
        "environments": [{"name": "production", "sign": "namespace"}],
    }
    assert report["policies"]["team"] == {
        "file": "rules/kubernetes/team.yaml",
        "severity": {"value": "info", "origin": "rules/kubernetes/team.yaml:2"},
        "params": {},
        "only": None,
    }


def test_a_project_without_configuration(tmp_path):
    write(tmp_path, {"service.yaml": SERVICE})
    done = kerp_policy("config", cwd=tmp_path)
    assert "configuration  none, so everything is as by default\n" in done.out
    assert "  profile               kerp   (default)\n" in done.out


def test_a_table_of_toml_has_the_lines_that_it_has_there(tmp_path):
    text = "[project]\nname = 'a'\n[tool.kerp-policy]\n\nfail-on = 'warning'\n"
    done = kerp_policy("config", cwd=write(tmp_path, {"pyproject.toml": text}))
    assert "  fail-on               warning  (pyproject.toml:5)\n" in done.out


def test_another_profile_is_said_to_be_asked_for(tmp_path):
    done = config(tmp_path, "--profile", "kerp")
    assert "  profile               kerp                    (--profile)\n" in done.out


@pytest.mark.parametrize(("file", "message"), [("none.yaml", "no such file or folder")])
def test_a_file_that_does_not_exist(tmp_path, file, message):
    done = kerp_policy("config", file, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
