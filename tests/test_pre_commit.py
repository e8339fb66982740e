"""The hooks that teams use, by the real pre-commit in real repositories."""

import os
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from cli import kerp_policy, write
from harness import ROOT
from repository import API, BAD, BUDGET, GOOD, TLS, Repository

pytest.importorskip("pre_commit")
if not shutil.which("kerp-policy", path=str(Path(sys.executable).parent)):
    pytest.skip("kerp-policy is not installed beside this Python", allow_module_level=True)

PACKAGE = ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
FOLDERS = ("kerp_policy", "policies", "scripts")
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").open())}
HAS_NO_PACKAGES = ("No matching distribution", "Could not find a version", "Connection")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """This checkout as it lies here, committed to a repository of its own."""
    repository = Repository(tmp_path_factory.mktemp("package") / "kerp-policy")
    for name in PACKAGE:
        shutil.copy(ROOT / name, repository.folder)
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, repository.folder / name, ignore=ignored)
    repository.commit()
    return repository


@pytest.fixture
def environment(tmp_path):
    """What hooks run with; an entry of the `system` is this checkout's own program."""
    return {
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PRE_COMMIT_COLOR": "never",
    }


class Team:
    """A team's repository, with one of our hooks installed in it."""

    def __init__(self, folder, package, environment, hook, **settings):
        self.repository = Repository(folder)
        self.environment = environment
        arguments = ["--select", "image-tls,disruption-budget", "--fail-on", "warning"]
        entry = {"id": hook, "args": arguments, **settings}
        revision = package.git("rev-parse", "HEAD").strip()
        source = {"repo": str(package.folder), "rev": revision, "hooks": [entry]}
        configuration = {".pre-commit-config.yaml": yaml.safe_dump({"repos": [source]})}
        self.repository.commit(configuration)
        self.pre_commit("install")

    def pre_commit(self, *arguments, check=True):
        command = (sys.executable, "-m", "pre_commit", *arguments)
        return self.repository.run(*command, check=check, **self.environment)

    def commit(self, *arguments):
        """Commit, hooks and all; whether a commit came of it, and what was said."""
        before = self.repository.git("rev-parse", "HEAD")
        said = self.repository.git(
            "commit", "--message=x", *arguments, check=False, **self.environment
        )
        return self.repository.git("rev-parse", "HEAD") != before, said


@pytest.fixture(params=sorted(HOOKS))
def team(request, tmp_path, package, environment):
    return Team(tmp_path / "team", package, environment, request.param, language="system")


def test_a_breach_blocks_the_commit_and_the_fixed_file_passes(team):
    team.repository.stage({"Dockerfile": BAD})
    committed, said = team.commit()
    assert not committed
    assert TLS in said
    team.repository.stage({"Dockerfile": GOOD})
    committed, said = team.commit()
    assert committed, said


def test_a_partially_staged_file_is_judged_as_staged(team):
    team.repository.stage({"Dockerfile": BAD})
    write(team.repository.folder, {"Dockerfile": GOOD})
    committed, said = team.commit()
    assert (committed, TLS in said) == (False, True)
    team.repository.stage({"Dockerfile": GOOD})
    write(team.repository.folder, {"Dockerfile": BAD})
    committed, said = team.commit()
    assert committed, said
    assert (team.repository.folder / "Dockerfile").read_text() == BAD


def test_a_commit_that_only_deletes_is_judged(team):
    team.repository.commit({"k8s/api.yaml": API, "k8s/budget.yaml": BUDGET})
    team.repository.git("rm", "--quiet", "k8s/budget.yaml")
    committed, said = team.commit()
    assert not committed
    assert "no PodDisruptionBudget of the project selects the pods of Deployment api" in " ".join(
        said.split()
    )


def test_old_debt_blocks_with_the_hook_for_the_whole_project_alone(tmp_path, package, environment):
    for hook, passes in (("kerp-policy", False), ("kerp-policy-staged", True)):
        team = Team(tmp_path / hook, package, environment, hook, language="system")
        team.repository.commit({"Dockerfile": BAD})
        team.repository.stage({"Dockerfile": f"# a comment\n{BAD}"})
        committed, said = team.commit()
        assert committed is passes, said


def test_a_commit_of_everything_or_of_one_file(team):
    team.repository.commit({"Dockerfile": GOOD, "other/Dockerfile": GOOD})
    write(team.repository.folder, {"Dockerfile": BAD})
    assert team.commit("--all")[0] is False
    assert team.commit("Dockerfile")[0] is False
    write(team.repository.folder, {"other/Dockerfile": f"{GOOD}# better\n"})
    committed, said = team.commit("other/Dockerfile")
    assert committed, said


def test_pre_commit_installs_the_package(tmp_path, package, environment):
    environment.pop("PYTHONPATH")
    team = Team(tmp_path / "team", package, environment, "kerp-policy-staged")
    said = team.pre_commit("install-hooks", check=False)
    if any(reason in said for reason in HAS_NO_PACKAGES):
        pytest.skip("pip reaches no package index")
    team.repository.stage({"Dockerfile": BAD})
    committed, said = team.commit()
    assert (committed, TLS in said) == (False, True)


def test_the_readme_shows_a_configuration_that_pre_commit_takes(tmp_path):
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = readme.partition("## With pre-commit")[2].partition("```yaml\n")[2].partition("```")[0]
    [repo] = yaml.safe_load(shown)["repos"]
    assert {hook["id"] for hook in repo["hooks"]} <= set(HOOKS)
    repository = Repository(tmp_path / "team")
    write(repository.folder, {"shown.yaml": shown})
    repository.run(sys.executable, "-m", "pre_commit", "validate-config", "shown.yaml")


def test_this_repository_runs_its_own_hook_on_itself():
    repos = yaml.safe_load((ROOT / ".pre-commit-config.yaml").open())["repos"]
    [ours] = [h for repo in repos for h in repo["hooks"] if h["id"] in HOOKS]
    published = {k: v for k, v in HOOKS[ours["id"]].items() if k != "description"}
    assert ours == {**published, "language": "system"}


def test_this_repository_holds_to_its_own_standard():
    outcome = kerp_policy("check", "--format=json", cwd=ROOT)
    assert outcome.code == 0, outcome.out
    assert {"workflow", "dockerfile"} <= set(outcome.report["summary"]["files"])
