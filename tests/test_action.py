"""The GitHub action: its scripts, run as they stand, and what the program says of it."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from cli import kerp_policy, write
from harness import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"]}
BREACH = {"Dockerfile": "FROM nginx:latest\n"}


@dataclass
class Runner:
    """What GitHub gives a step, in a folder."""

    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / "temp" / "kerp-policy" / "bin" / "kerp-policy"

    def __post_init__(self):
        write(self.folder, {"output": "", "summary": "", "work/.keep": "", "temp/.keep": ""})

    def install(self, script):
        self.program.parent.mkdir(parents=True)
        self.program.write_text(f"#!{sys.executable}\n{script}")
        self.program.chmod(0o755)

    def run(self, id, **values):
        """Run a step's script as `shell: bash` does; values are the inputs and results it sees."""
        step = STEPS[id]
        environment = {name: self.resolved(text, values) for name, text in step["env"].items()}
        script = write(self.folder, {f"{id}.sh": step["run"]}) / f"{id}.sh"
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.folder / "work",
            env={
                **os.environ,
                "GITHUB_ACTION_PATH": str(ROOT),
                "GITHUB_OUTPUT": str(self.folder / "output"),
                "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
                "RUNNER_TEMP": str(self.folder / "temp"),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @staticmethod
    def resolved(text, values):
        [name] = re.findall(r"^\$\{\{ (?:inputs|steps)\.(\S+) \}\}$", text)
        default = ACTION["inputs"].get(name, {}).get("default")
        return values.get(name, "" if "${{" in (default or "") else default)

    def read(self, name):
        return (self.folder / name).read_text("utf-8")


@pytest.fixture(name="runner")
def _runner(tmp_path):
    return Runner(tmp_path)


FAKE = """
import json, os, sys
from pathlib import Path
Path(os.environ["RUNNER_TEMP"], "arguments").write_text(json.dumps(sys.argv[1:]))
for name, text in json.loads(os.environ.get("REPORTS", "{}")).items():
    [file] = [a.partition("=")[2] for a in sys.argv if a.startswith(name + "=")]
    Path(file).write_text(text)
sys.exit(int(os.environ.get("CODE", "0")))
"""
REAL = "from kerp_policy.cli import main\nmain()\n"


def asked(runner, **values):
    """The arguments that the program gets, after those for the reports."""
    runner.install(FAKE)
    done = runner.run("check", **values)
    assert done.returncode == 0, done.stderr
    arguments = json.loads(runner.read("temp/arguments"))
    assert arguments[0] == "check"
    assert arguments[1:3] == ["--format", "github"]
    return arguments[7:]


def test_the_program_finds_nothing_wrong_with_what_is_ours():
    files = ("action.yml", ".github/workflows/ci.yml", "Dockerfile")
    outcome = kerp_policy("check", *files, "--strict", "--fail-on", "info", cwd=ROOT)
    assert (outcome.code, outcome.err) == (0, "")
    assert "1 workflow, 1 Dockerfile, 1 action looked at" in outcome.out


def test_no_expression_is_part_of_a_script():
    assert all("${{" not in step.get("run", "") for step in STEPS.values())


def test_the_whole_project_is_judged_by_its_own_configuration_unless_told_otherwise(runner):
    assert asked(runner) == ["--", "."]


def test_inputs_become_options(runner):
    values = {"profile": "kerp", "fail-on": "warning", "strict": "true", "changed-since": "main"}
    assert asked(runner, **values) == [
        *("--profile", "kerp", "--fail-on", "warning", "--changed-since", "main", "--strict"),
        *("--", "."),
    ]


def test_what_a_pull_request_goes_onto_is_trusted_unless_told_otherwise(runner):
    base = "github.event.pull_request.base.sha || github.event.merge_group.base_sha"
    assert ACTION["inputs"]["trust"]["default"] == f"${{{{ {base} }}}}"
    assert asked(runner, trust="abc") == ["--trust", "abc", "--", "."]


def test_a_change_is_trusted_if_that_is_asked_for(runner):
    assert asked(runner, trust="false") == ["--", "."]


def test_nothing_in_an_input_is_run_or_becomes_an_option(runner):
    paths = ["a b", "$(touch ran)", "`touch ran`", "; touch ran", "*", "--profile=x", "'\""]
    arguments = asked(runner, paths="\n".join([*paths, ""]), profile="$(touch ran)")
    assert arguments == ["--profile", "$(touch ran)", "--", *paths]
    assert not (runner.folder / "work" / "ran").exists()


def test_strict_is_true_or_false(runner):
    runner.install(FAKE)
    done = runner.run("check", strict="yes")
    assert done.returncode == 2
    assert (
        done.stdout == "::error::the input strict of kerp-policy is true or false, nothing else\n"
    )
    assert not (runner.folder / "temp" / "arguments").exists()


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_the_step_ends_as_the_program_does_and_hands_on_what_there_is(runner, monkeypatch, code):
    runner.install(FAKE)
    monkeypatch.setenv("CODE", str(code))
    monkeypatch.setenv("REPORTS", json.dumps({"sarif": "{}", "markdown": "# Told\n"}))
    write(runner.folder, {"summary": "before\n"})
    assert runner.run("check").returncode == code
    assert runner.read("summary") == "before\n# Told\n"
    assert runner.read("output") == f"sarif={runner.folder}/temp/kerp-policy/report.sarif\n"


def test_without_reports_nothing_is_handed_on(runner, monkeypatch):
    runner.install(FAKE)
    monkeypatch.setenv("CODE", "2")
    assert runner.run("check").returncode == 2
    assert (runner.read("summary"), runner.read("output")) == ("", "")


def test_a_breach_is_annotated_told_and_kept(runner):
    runner.install(REAL)
    write(runner.folder / "work", BREACH)
    done = runner.run("check")
    assert done.returncode == 1
    assert re.search(r"^::error .*file=Dockerfile,line=1\b", done.stdout, re.MULTILINE)
    assert "pinned-base-image" in runner.read("summary")
    sarif = json.loads(Path(runner.read("output").strip().removeprefix("sarif=")).read_text())
    assert "pinned-base-image" in {result["ruleId"] for result in sarif["runs"][0]["results"]}


def test_a_mistake_in_an_input_fails_the_step_and_is_told(runner):
    runner.install(REAL)
    write(runner.folder / "work", BREACH)
    done = runner.run("check", profile="kerb")
    assert done.returncode == 2
    assert "'kerb'" in done.stderr


def test_the_upload_decides_nothing_and_is_left_out_for_forks():
    upload = STEPS["upload"]
    assert upload["continue-on-error"] is True
    assert upload["if"].startswith("${{ !cancelled() && inputs.code-scanning == 'true' && ")
    assert "github.event.pull_request.head.repo.full_name == github.repository" in upload["if"]
    assert list(STEPS)[-1] == "upload", "a step after it could hide the outcome"


def test_the_action_installs_itself_and_nothing_of_the_repository(runner, package_index):
    trap = f"open({str(runner.folder / 'ran')!r}, 'w')\n"
    names = ("venv.py", "shutil.py", "pip.py", "kerp_policy.py", "sitecustomize.py")
    write(runner.folder / "work", dict.fromkeys(names, trap))
    done = runner.run("install", **{"python.outputs.python-path": sys.executable})
    assert done.returncode == 0, done.stderr
    write(runner.folder / "work", BREACH)
    assert runner.run("check").returncode == 1
    assert "pinned-base-image" in runner.read("summary")
    assert not (runner.folder / "ran").exists()
