"""Changes in repositories of every kind: hooks, merges, clones that lack something, none at all."""

import shlex
import sys

import pytest

from cli import kerp_policy, write
from repository import BAD, GOOD, OTHER_BAD, TLS, Repository, change, told


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


HOOK = f"exec {shlex.quote(sys.executable)} -m kerp_policy check --staged --select image-tls"


@pytest.mark.parametrize("below", [".", "app"])
@pytest.mark.parametrize("linked", [False, True])
def test_in_a_hook_the_index_in_effect_is_judged(tmp_path, repository, below, linked):
    """`git commit -a` and `git commit FILE` make an index of their own and name it to the hook."""
    repository.commit({f"{below}/.kerp-policy.yaml": "", f"{below}/Dockerfile": GOOD})
    repository.hook("pre-commit", f"cd {below} && {HOOK}")
    if linked:
        repository.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
        repository.folder = tmp_path / "linked"
    files = {f"{below}/Dockerfile": BAD}
    write(repository.folder, files)
    assert TLS in repository.git("commit", "--all", "--message=all", check=False)
    assert TLS in repository.git("commit", f"{below}/Dockerfile", "--message=one", check=False)
    repository.stage(files)
    assert TLS in repository.git("commit", "--message=staged", check=False)
    write(repository.folder, {f"{below}/Dockerfile": f"{GOOD}# better\n", f"{below}/b.yaml": ""})
    repository.git("commit", f"{below}/Dockerfile", "--message=better")
    assert repository.git("status", "--short").strip() == f"?? {below}/b.yaml".replace("./", "")


def test_a_hook_that_asks_about_a_repository_inside_its_own(repository):
    nested = Repository(repository.folder / "nested")
    nested.stage({"Dockerfile": BAD})
    repository.hook("pre-commit", f"{HOOK} nested")
    write(repository.folder, {"main.py": ""})
    repository.git("add", "main.py")
    assert TLS in repository.git("commit", "--all", "--message=x", check=False)


def conflicting(repository):
    repository.commit({"Dockerfile": GOOD})
    repository.git("switch", "--quiet", "--create", "side")
    repository.commit({"Dockerfile": f"{GOOD}# side\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit({"Dockerfile": f"{GOOD}# main\n"})
    repository.git("merge", "side", check=False)


def test_in_the_middle_of_a_merge(repository):
    conflicting(repository)
    outcome = change(repository, "--staged")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        "kerp-policy: 'Dockerfile' has a conflict; resolve it and `git add` it first\n"
    )
    repository.stage({"Dockerfile": BAD})
    assert told(change(repository, "--staged")) == [("Dockerfile", 3, TLS)]


@pytest.mark.parametrize("ref", ["nope", "", "--help", "-x", "HEAD~9", "HEAD:Dockerfile", "HEAD^{"])
def test_a_revision_that_does_not_exist(repository, ref):
    repository.commit({"Dockerfile": GOOD})
    outcome = change(repository, f"--changed-since={ref}")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"kerp-policy: git knows no commit {ref!r} here\n"


def test_a_shallow_clone_says_so(tmp_path, repository):
    repository.commit({"Dockerfile": BAD})
    repository.commit({"Dockerfile": OTHER_BAD})
    source = repository.folder.as_uri()
    repository.git("clone", "--quiet", "--depth=1", source, str(tmp_path / "shallow"))
    shallow = Repository(tmp_path / "shallow")
    outcome = change(shallow, "--changed-since", "HEAD~1")
    assert outcome.code == 2
    assert "'HEAD~1' here; the clone is shallow, fetch more of the history" in outcome.err
    assert change(shallow, "--changed-since", "HEAD").code == 0


def test_a_partial_clone_fetches_nothing(tmp_path, repository):
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.commit({"Dockerfile": BAD})
    repository.commit({"Dockerfile": OTHER_BAD})
    source = repository.folder.as_uri()
    repository.git("clone", "--quiet", "--filter=blob:none", source, str(tmp_path / "partial"))
    partial = Repository(tmp_path / "partial")
    partial.git("config", "remote.origin.uploadpack", f"touch {tmp_path}/ran; git-upload-pack")
    outcome = change(partial, "--changed-since", "HEAD~1")
    assert (outcome.code, (tmp_path / "ran").exists()) == (2, False)
    assert "'Dockerfile': its content is not in this clone, which may be partial" in outcome.err
    partial.git("show", "HEAD~1:Dockerfile")
    assert (tmp_path / "ran").exists(), "the trap itself must work"


@pytest.mark.parametrize("option", ["--staged", "--changed-since=HEAD"])
def test_where_there_is_no_repository(tmp_path, option):
    write(tmp_path, {"Dockerfile": BAD})
    outcome = kerp_policy("check", option, cwd=tmp_path, GIT_CEILING_DIRECTORIES=str(tmp_path))
    assert outcome.code == 2
    assert "git says: fatal: not a git repository" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("option", ["--staged", "--changed-since=HEAD"])
def test_where_there_is_no_git(tmp_path, repository, option):
    repository.commit({"Dockerfile": BAD})
    outcome = kerp_policy("check", option, cwd=repository.folder, PATH=str(tmp_path))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "kerp-policy: git cannot be run: No such file or directory\n"


def test_standard_input_has_no_older_end(repository):
    outcome = kerp_policy("check", "--staged", "-", cwd=repository.folder)
    assert outcome.code == 2
    assert "leave out --staged, --changed-since" in outcome.err
