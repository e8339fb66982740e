"""`kerp-policy init`: a first configuration for what it finds."""

import json

import pytest

from cli import kerp_policy, write
from kerp_policy.config import load_config
from kerp_policy.policy.load import load_profile


def config_map(namespace, labels="{}"):
    return (
        "apiVersion: v1\nkind: ConfigMap\n"
        f"metadata:\n  name: a\n  namespace: {namespace}\n  labels: {labels}\ndata: {{}}\n"
    )


def init(folder, *arguments):
    return kerp_policy("init", *arguments, cwd=folder)


def test_a_project_whose_environments_the_standard_knows(tmp_path):
    files = {"k8s/production/a.yaml": config_map("kerp-prod"), "Dockerfile": "FROM scratch\n"}
    done = init(write(tmp_path, files))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "found 1 Dockerfile, 1 manifest",
        "environment production: namespace kerp-prod, path **/production/**",
        "",
        "wrote .kerp-policy.yaml",
        "",
        "next:",
        "  run: kerp-policy check",
        "  run: kerp-policy new policy NAME, for a rule of your own",
    ]
    assert (tmp_path / ".kerp-policy.yaml").read_text().splitlines() == [
        "# yaml-language-server: $schema=.kerp-policy/config.schema.json",
        "# `kerp-policy config` tells what is in effect and where each value comes from.",
        "# found 1 Dockerfile, 1 manifest",
        "# environment production: namespace kerp-prod, path **/production/**",
        "profile: kerp",
        "fail-on: error",
    ]
    schema = json.loads((tmp_path / ".kerp-policy/config.schema.json").read_text())
    assert schema == json.loads(kerp_policy("schema", "config", cwd=tmp_path).out)
    assert sorted(path.name for path in (tmp_path / ".kerp-policy").iterdir()) == [
        "config.schema.json"
    ]
    assert kerp_policy("check", cwd=tmp_path).code == 1


def test_environments_of_its_own_make_a_profile(tmp_path):
    files = {
        "a.yaml": config_map("shop-prod", "{env: prod}"),
        "overlays/stg/b.yaml": config_map("shop-stg"),
        "c.yaml": config_map("monitoring"),
        "d.yaml": config_map("dev-prod"),
    }
    done = init(write(tmp_path, files))
    assert done.out.splitlines()[:7] == [
        "found 4 manifests",
        "environment production: label env=prod, namespace shop-prod",
        "environment staging: namespace shop-stg, path **/stg/**",
        "namespaces that show no environment: dev-prod, monitoring",
        "",
        "wrote .kerp-policy.yaml",
        "wrote policies/profiles/own.yaml",
    ]
    assert (tmp_path / "policies/profiles/own.yaml").read_text().splitlines()[2:] == [
        "extends: kerp",
        "# Told by their words: have somebody look at them who knows the clusters.",
        "environments:",
        "  production:",
        "    namespaces: [kerp-prod, shop-prod]",
        "    labels: {env: prod}",
        "    paths: ['**/production/**']",
        "  staging:",
        "    namespaces: [kerp-staging, shop-stg]",
        "    labels: {env: staging}",
        "    paths: ['**/staging/**', '**/stg/**']",
    ]
    config = load_config(tmp_path)
    assert (config.profile, config.policies) == ("own", (tmp_path / "policies",))
    assert [e.name for e in load_profile("own", config.policies).environments] == [
        "production",
        "staging",
        "development",
    ]


@pytest.mark.parametrize("file", [".kerp-policy.yaml", "pyproject.toml"])
def test_a_configuration_is_not_written_over(tmp_path, file):
    before = "[tool.kerp-policy]\n" if file == "pyproject.toml" else "profile: kerp\n"
    done = init(write(tmp_path, {file: before}))
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"kerp-policy: {tmp_path / file}: is a configuration already; nothing was written\n"
    )
    assert (tmp_path / file).read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == [file]


def test_folders_of_tests_and_of_scripts_are_no_environments(tmp_path):
    files = {"src/test/a.yaml": config_map("shop"), "dev/run.sh": "#!/bin/sh\n"}
    done = init(write(tmp_path, files))
    assert done.out.splitlines()[:2] == [
        "found 1 manifest, 1 script",
        "namespaces that show no environment: shop",
    ]


def test_a_folder_that_is_named(tmp_path):
    (tmp_path / "a").mkdir()
    assert init(tmp_path, "a").code == 0
    assert (tmp_path / "a/.kerp-policy.yaml").is_file()
    assert "found nothing that a policy is about" in (tmp_path / "a/.kerp-policy.yaml").read_text()


HOSTILE = [
    '"a-prod: {x}"',
    '"prod\\r\\u2028x: y"',
    '"prod\\nprofile: evil"',
    '"prod\'\\u001b[31m #"',
    '"[prod"',
    '"prod, x"',
]


@pytest.mark.parametrize("namespace", HOSTILE)
def test_hostile_names_stay_names(tmp_path, namespace):
    done = init(write(tmp_path, {"a.yaml": config_map(namespace)}))
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    config = load_config(tmp_path)
    assert config.profile == "own"
    [production] = [
        e for e in load_profile("own", config.policies).environments if e.name == "production"
    ]
    assert production.namespaces == ("kerp-prod", json.loads(namespace))


def test_nothing_is_written_through_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    project = write(tmp_path / "project", {"a.yaml": config_map("shop-prod")})
    (project / ".kerp-policy").symlink_to(tmp_path / "elsewhere")
    done = init(project)
    assert done.code == 2
    assert "leads through one out of the project" in done.err
    assert list((tmp_path / "elsewhere").iterdir()) == []
