"""Which files there are, and what kind they are of."""

import json
import subprocess
from pathlib import Path

import pytest

from cli import kerp_policy, write
from kerp_policy.errors import UsageError
from kerp_policy.sources.classify import kind_by_name, may_be_manifest
from kerp_policy.sources.discover import asked_for, less_excluded, list_files, project_root
from kerp_policy.sources.match import matches
from kerp_policy.sources.read import MAX_BYTES

FILES = {
    "deployments/a.yaml": "",
    "deployments/ignored.yaml": "",
    "build/out.yaml": "",
    "web/Dockerfile": "",
    ".gitignore": "build/\nignored.yaml\n",
    "deep/.gitignore": "*.yaml\n!kept.yaml\n",
    "deep/er/lost.yaml": "",
    "deep/er/kept.yaml": "",
}
SEEN = [
    ".gitignore",
    "deep/.gitignore",
    "deep/er/kept.yaml",
    "deployments/a.yaml",
    "web/Dockerfile",
]


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def test_git_and_the_walk_see_the_same_files(tmp_path):
    write(tmp_path, FILES)
    assert list_files(tmp_path) == SEEN
    git(tmp_path, "init")
    assert list_files(tmp_path) == SEEN


def test_new_files_count_and_deleted_ones_do_not(tmp_path):
    write(tmp_path, {"a.yaml": "", "b.yaml": ""})
    git(tmp_path, "init")
    git(tmp_path, "add", "a.yaml")
    (tmp_path / "a.yaml").unlink()
    assert list_files(tmp_path) == ["b.yaml"]


def test_what_is_excluded_is_not_seen(tmp_path):
    write(tmp_path, FILES)
    left = less_excluded(list_files(tmp_path), ["deep/", "*.yaml"])
    assert left == [".gitignore", "web/Dockerfile"]


def test_the_root_is_where_the_configuration_lies_else_git_else_the_path(tmp_path):
    write(
        tmp_path, {"p/.git/HEAD": "", "p/q/.kerp-policy.yaml": "", "p/q/r/a.yaml": "", "p/s/b": ""}
    )
    assert project_root([tmp_path / "p/q/r"]) == tmp_path / "p/q"
    assert project_root([tmp_path / "p/s"]) == tmp_path / "p"
    assert project_root([tmp_path / "p/q/r", tmp_path / "p/s/b"]) == tmp_path / "p"
    outside = write(tmp_path / "elsewhere", {"a.yaml": ""})
    assert project_root([outside / "a.yaml"]) == outside


def test_a_table_in_pyproject_makes_a_root(tmp_path):
    write(tmp_path, {"pyproject.toml": "[tool.kerp-policy]\nprofile = 'kerp'\n", "a/b.yaml": ""})
    assert project_root([tmp_path / "a"]) == tmp_path


def test_the_configuration_in_pyproject_is_read(tmp_path):
    table = "[tool.kerp-policy]\nexclude = ['b/']\n"
    write(tmp_path, {"pyproject.toml": table, "a/a.yaml": "a: [", "b/b.yaml": "b: ["})
    findings = kerp_policy("check", "--format", "json", ".", cwd=tmp_path).findings
    assert [finding["file"] for finding in findings] == ["a/a.yaml"]


def test_a_path_that_does_not_exist(tmp_path):
    with pytest.raises(UsageError, match="no such file or folder"):
        project_root([tmp_path / "nothing"])


def test_a_file_that_was_named_counts_although_git_ignores_it(tmp_path):
    write(tmp_path, FILES)
    listed = list_files(tmp_path)
    paths = [tmp_path / "deployments", tmp_path / "build/out.yaml"]
    assert asked_for(tmp_path, listed, paths) == {"build/out.yaml", "deployments/a.yaml"}
    assert asked_for(tmp_path, listed, [tmp_path]) == set(SEEN)


def test_a_link_to_a_folder_stands_for_it_and_out_of_the_project_is_told(tmp_path):
    write(tmp_path, {"p/.kerp-policy.yaml": "", "p/a/a.yaml": "", "p/b/b.yaml": "", "out/c": ""})
    root = tmp_path / "p"
    (root / "link").symlink_to("a")
    (root / "away").symlink_to(tmp_path / "out")
    listed = list_files(root)
    assert asked_for(root, listed, [root / "link"]) == {"a/a.yaml"}
    with pytest.raises(UsageError, match=r"away: is a symbolic link out of the project"):
        asked_for(root, listed, [root / "away", root / "b"])
    done = kerp_policy("check", "away", "b", cwd=root)
    assert (done.code, done.out) == (2, "")


def test_what_a_sparse_checkout_leaves_out_counts_where_somebody_made_it(tmp_path):
    write(tmp_path, {"a/a.yaml": "", "b/b.yaml": "", "b/c.yaml": ""})
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "update-index", "--skip-worktree", "b/b.yaml", "b/c.yaml")
    (tmp_path / "b/c.yaml").unlink()
    assert list_files(tmp_path) == ["a/a.yaml", "b/b.yaml"]


def test_git_starts_no_program_of_the_repository(tmp_path):
    write(tmp_path, {"a.yaml": "", "evil.sh": f"#!/bin/sh\ntouch {tmp_path}/ran\n"})
    (tmp_path / "evil.sh").chmod(0o755)
    git(tmp_path, "init")
    git(tmp_path, "config", "core.fsmonitor", str(tmp_path / "evil.sh"))
    assert "a.yaml" in list_files(tmp_path)
    assert not (tmp_path / "ran").exists()
    git(tmp_path, "status")
    assert (tmp_path / "ran").exists(), "the trap itself must work"


def test_a_repository_of_somebody_else_is_listed_by_git_too(tmp_path, monkeypatch):
    write(tmp_path, {"a.yaml": "", ".gitignore": "a.yaml"})
    git(tmp_path, "init")
    git(tmp_path, "add", "--force", "a.yaml")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    refusal = subprocess.run(["git", "ls-files"], cwd=tmp_path, capture_output=True, check=False)
    assert b"dubious ownership" in refusal.stderr, "the trap itself must work"
    assert list_files(tmp_path) == [".gitignore", "a.yaml"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a/Dockerfile", "dockerfile"),
        ("Dockerfile.prod", "dockerfile"),
        ("api.Dockerfile", "dockerfile"),
        ("Containerfile", "dockerfile"),
        ("dockerfile", "dockerfile"),
        ("api.dockerfile", "dockerfile"),
        ("Containerfile.prod", "dockerfile"),
        ("api.Containerfile", "dockerfile"),
        ("Containerfile.dockerignore", "dockerignore"),
        ("a.YAML", "yaml"),
        ("a.YML", "yaml"),
        ("a.JSON", "json"),
        ("Dockerfile.dockerignore", "dockerignore"),
        ("api.Dockerfile.dockerignore", "dockerignore"),
        (".dockerignore", "dockerignore"),
        ("Dockerfile.j2", "template"),
        ("Dockerfile.tmpl", "template"),
        ("Dockerfile-web.gotmpl", "template"),
        ("Dockerfile-web", "dockerfile"),
        ("Dockerfile_web", "dockerfile"),
        ("Dockerfile-web.dockerignore", "dockerignore"),
        ("Dockerfile.md", ""),
        ("MyDockerfile", ""),
        ("dockerfile.md", ""),
        ("a.yaml.j2", "template"),
        ("nginx.conf.j2", ""),
        ("a.yml", "yaml"),
        ("a.json", "json"),
        ("kustomization.yaml", "kustomization"),
        ("Kustomization", "kustomization"),
        ("yaml", ""),
        ("scripts/deploy", "script"),
        ("a/bin/migrate", "script"),
        ("scripts/deploy.py", ""),
        ("scripts/a/deploy", ""),
        ("deploy", ""),
    ],
)
def test_a_name_speaks_for_a_kind(path, kind):
    assert kind_by_name(path) == kind


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("**/production/**", "deployments/k8s/production/a.yaml", True),
        ("**/production/**", "production/a.yaml", True),
        ("**/production/**", "production.yaml", False),
        ("**/production/**", "a/preproduction/b.yaml", False),
        ("*.yaml", "a/b.yaml", False),
        ("a?c", "abc", True),
        ("a.c", "abc", False),
    ],
)
def test_patterns_of_paths(pattern, path, fits):
    assert matches(pattern, path) is fits


def test_a_name_that_is_no_utf8_is_told_not_hidden(tmp_path):
    folder = tmp_path / "x"
    folder.mkdir()
    try:
        Path(folder, b"caf\xe9.yaml".decode("utf-8", "surrogateescape")).write_text("a: [")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    outcome = kerp_policy("check", "--format=text", "--format=json=out.json", ".", cwd=folder)
    assert outcome.code == 1
    assert "caf" in outcome.out
    [finding] = json.loads((folder / "out.json").read_text())["findings"]
    assert finding["file"] == "caf\udce9.yaml"


def test_rules_of_gitignore_that_are_too_large_hide_nothing(tmp_path):
    write(tmp_path, {"a.yaml": "", ".gitignore": b"a.yaml\n" + b"#" * MAX_BYTES})
    assert "a.yaml" in list_files(tmp_path)


def test_rules_of_gitignore_behind_a_link_hide_nothing(tmp_path):
    write(tmp_path, {"a.yaml": "", "rules": "a.yaml\n"})
    (tmp_path / ".gitignore").symlink_to("rules")
    assert "a.yaml" in list_files(tmp_path)


@pytest.mark.parametrize(
    ("data", "may_be"),
    [
        (b'{"apiVersion": "v1", "kind": "Pod"}', True),
        (b"{'apiVersion': 'v1', 'kind': 'Pod'}", True),
        (b"apiVersion: v1\nkind: Pod\n", True),
        ('{"apiVersion": "v1", "kind": "Pod"}'.encode("utf-16"), True),
        ('{"apiVersion": "v1", "kind": "Pod"}'.encode("utf-16-be"), True),
        (b'{"name": "left-pad", "version": "1.0.0"}', False),
        (b"", False),
    ],
)
def test_json_that_may_be_a_manifest(data, may_be):
    assert may_be_manifest("json", data) is may_be
