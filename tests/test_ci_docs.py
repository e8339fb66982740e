"""What docs/ci.md shows can be used as it stands."""

import re
import shlex

import pytest
import yaml

from cli import kerp_policy, write
from harness import ROOT

PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
BLOCKS = [
    (file, text)
    for file, text in re.findall(r"^```\w+\n(?:#|//) (\S+)\n(.*?)^```$", PAGE, re.M | re.S)
]
WORKFLOWS = [text for file, text in BLOCKS if file.startswith(".github/")]
PIPELINES = [text for file, text in BLOCKS if file == ".gitlab-ci.yml"]
CHECKS = re.findall(r"^\s*(?:- |sh ')(kerp-policy check[^'\n]*)", PAGE, re.MULTILINE)
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def test_every_block_names_its_file():
    assert len(BLOCKS) == PAGE.count("```") // 2
    assert {file for file, _ in BLOCKS} == {
        ".github/workflows/kerp-policy.yml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
    }


@pytest.mark.parametrize("text", WORKFLOWS)
def test_a_workflow_breaks_no_policy(text, tmp_path):
    write(tmp_path, {".github/workflows/kerp-policy.yml": text})
    outcome = kerp_policy("check", "--strict", "--fail-on", "info", cwd=tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    assert "1 workflow looked at" in outcome.out


@pytest.mark.parametrize("text", WORKFLOWS)
def test_a_workflow_gives_the_action_inputs_that_it_has(text):
    *_, step = yaml.safe_load(text)["jobs"]["kerp-policy"]["steps"]
    assert "/kerp-policy@" in step["uses"]
    assert step.get("with", {}).keys() <= ACTION["inputs"].keys()


def test_a_workflow_has_no_filter_of_paths():
    triggers = [yaml.safe_load(text)[True] for text in WORKFLOWS]
    assert not any("paths" in str(trigger) for trigger in triggers)


def test_every_input_is_told():
    assert set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) == ACTION["inputs"].keys()


@pytest.mark.parametrize("text", PIPELINES)
def test_a_job_of_gitlab_runs_the_check_and_nothing_lets_it_pass(text):
    job = yaml.safe_load(text)["kerp-policy"]
    assert job["script"][-1] in CHECKS
    assert not job.keys() & {"allow_failure", "when"}


@pytest.mark.parametrize("command", CHECKS)
def test_a_command_is_one(command, tmp_path):
    write(tmp_path, {"Dockerfile": "FROM nginx:latest\n"})
    outcome = kerp_policy(*shlex.split(command)[1:], cwd=tmp_path)
    assert (outcome.code, outcome.err) == (1, "")


def test_jenkins_runs_it_too():
    [text] = [text for file, text in BLOCKS if file == "Jenkinsfile"]
    assert any(f"sh '{command}'" in text for command in CHECKS)
    assert text.count("{") == text.count("}")
