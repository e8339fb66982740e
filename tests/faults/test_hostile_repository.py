"""Whoever made the repository chose every file of it, its links and its configuration of git."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cli import kerp_policy, write
from repository import BAD, ENVIRONMENT, GOOD, Repository

MODULES = (
    "json", "yaml", "re", "click", "subprocess", "pathspec", "jinja2", "hashlib", "jsonschema_rs",
    "sitecustomize", "usercustomize", "traceback", "signal", "shutil", "dockerfile_parse",
)  # fmt: skip
SCRIPT = Path(sys.executable).with_name("kerp-policy")
STARTS = {
    "the script": [str(SCRIPT)],
    "a module of the interpreter": [sys.executable, "-m", "kerp_policy"],
    "the interpreter, in safety": [sys.executable, "-P", "-m", "kerp_policy"],
}


@pytest.fixture(name="repository")
def _repository(tmp_path):
    return Repository(tmp_path / "repository")


@pytest.fixture(name="trap")
def _trap(tmp_path):
    """A program that leaves a trace, and then does as git would."""
    trap = tmp_path / "trap"
    real = shutil.which("git")
    trap.write_text(f'#!/bin/sh\necho "$0 $@" >>"{tmp_path}/ran"\nexec {real} "$@"\n')
    trap.chmod(0o755)
    return trap


def ran(tmp_path):
    return (tmp_path / "ran").read_text("utf-8") if (tmp_path / "ran").exists() else ""


@pytest.mark.parametrize("start", STARTS)
def test_no_module_of_the_repository_stands_for_one_of_ours(tmp_path, start):
    if not Path(STARTS[start][0]).exists():
        pytest.skip("the script is not installed beside this Python")
    evil = f"open({str(tmp_path / 'ran')!r}, 'a').write(__name__ + '\\n'); raise SystemExit(99)\n"
    write(tmp_path / "project", {"Dockerfile": BAD, **{f"{name}.py": evil for name in MODULES}})
    for arguments in (["check", "--format", "html"], ["list"], ["graph", "--format", "json"]):
        done = subprocess.run(
            [*STARTS[start], *arguments],
            cwd=tmp_path / "project",
            capture_output=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
    assert not ran(tmp_path)


@pytest.mark.parametrize("path", [".:{}", ":{}", "bin:{}", "{}:."])
def test_a_git_of_the_repository_is_not_run(tmp_path, repository, trap, path):
    repository.commit({"Dockerfile": GOOD})
    for place in ("git", "bin/git"):
        write(repository.folder, {place: trap.read_bytes()})
        (repository.folder / place).chmod(0o755)
    empty = tmp_path / "nothing"
    for folders in (path.format(os.environ["PATH"]), path.format(empty)):
        for command in (["check"], ["check", "--changed-since", "HEAD"], ["waivers"]):
            outcome = kerp_policy(*command, cwd=repository.folder, PATH=folders)
            assert outcome.code in (0, 1, 2), outcome.err
    assert not ran(tmp_path)
    environment = {**os.environ, "PATH": path.format(empty)}
    subprocess.run(["git", "ls-files"], cwd=repository.folder, env=environment, check=False)
    assert ran(tmp_path), "the trap itself must work"


SETTINGS = {
    "core.fsmonitor": "{trap}",
    "core.hooksPath": "{hooks}",
    "core.sshCommand": "{trap}",
    "core.pager": "{trap}",
    "core.attributesFile": "{attributes}",
    "diff.external": "{trap}",
    "diff.evil.textconv": "{trap}",
    "filter.evil.clean": "{trap}",
    "filter.evil.smudge": "{trap}",
    "filter.evil.process": "{trap}",
    "filter.evil.required": "true",
    "alias.ls-files": "!{trap}",
    "alias.cat-file": "!{trap}",
    "include.path": "{included}",
    "protocol.ext.allow": "always",
    "remote.origin.url": "ext::{trap}",
    "remote.origin.promisor": "true",
    "extensions.partialClone": "origin",
    "submodule.sub.update": "!{trap}",
    "submodule.recurse": "true",
    "gc.auto": "1",
    "maintenance.auto": "true",
}
COMMANDS = (
    "check", "check --staged", "check --changed-since HEAD~1", "check --trust HEAD~1",
    "review --base HEAD~1", "review --base HEAD~1 --head HEAD", "graph", "waivers",
    "baseline write", "baseline update", "config", "new profile ours",
)  # fmt: skip
WAIVED = BAD.replace(
    "RUN", '# kerp-policy: allow image-tls until=2027-03-01 reason="a trap"\nRUN', 1
)


def ensnare(repository, trap):
    """Name the trap wherever git may start a program."""
    folder = repository.folder
    repository.commit({"Dockerfile": WAIVED, ".gitattributes": "* diff=evil filter=evil\n"})
    repository.commit({".gitmodules": f'[submodule "sub"]\npath = sub\nurl = ext::{trap}\n'})
    hooks = folder / ".git/hooks"
    for name in ("post-index-change", "post-checkout", "fsmonitor-watchman", "pre-auto-gc"):
        repository.hook(name, str(trap))
    included = write(folder / ".git", {"more": f"[core]\n\tfsmonitor = {trap}\n"}) / "more"
    attributes = write(folder / ".git", {"attributes": "* filter=evil diff=evil\n"}) / "attributes"
    for name, value in SETTINGS.items():
        given = {"trap": trap, "hooks": hooks, "included": included, "attributes": attributes}
        repository.git("config", name, value.format(**given), check=False)
    write(folder, {"Dockerfile": WAIVED + "# changed\n"})


def test_no_program_that_the_repository_names_is_started_by_any_command(tmp_path, repository, trap):
    ensnare(repository, trap)
    (tmp_path / "ran").unlink(missing_ok=True)
    for command in COMMANDS:
        outcome = kerp_policy(*command.split(), cwd=repository.folder, **ENVIRONMENT)
        assert outcome.code in (0, 1, 2), outcome.err
        assert not ran(tmp_path), command
    repository.git("status", check=False)
    assert ran(tmp_path), "the trap itself must work"


CONFIGURATIONS = {
    "another work tree": "[core]\n\tworktree = /\n",
    "no work tree": "[core]\n\tbare = true\n",
    "no configuration": "[core\n",
    "itself": "[include]\n\tpath = config\n",
    "a format nobody knows": "[core]\n\trepositoryformatversion = 9\n",
    "nothing": "",
}


@pytest.mark.parametrize("how", CONFIGURATIONS)
def test_a_repository_that_git_cannot_use_is_told_or_walked(repository, how):
    repository.commit({"Dockerfile": BAD})
    write(repository.folder, {".git/config": CONFIGURATIONS[how]})
    outcome = kerp_policy("check", "--select", "image-tls", cwd=repository.folder)
    assert outcome.code == 1, outcome.err
    assert "3:10  error  image-tls" in outcome.out
    for option in (["--staged"], ["--changed-since", "HEAD"], ["--trust", "HEAD"]):
        assert kerp_policy("check", *option, cwd=repository.folder).code in (0, 1, 2)


@pytest.mark.parametrize("git", ["gitdir: /no/such\n", "gitdir: .\n", "nonsense", "\0"])
def test_a_file_in_the_place_of_git_leads_nowhere(tmp_path, git):
    write(tmp_path, {".git": git, "Dockerfile": BAD})
    assert kerp_policy("check", "--select", "image-tls", cwd=tmp_path).code == 1
    assert kerp_policy("check", "--staged", cwd=tmp_path).code == 2


@pytest.mark.parametrize("folder", ["../outside", "/", "link", "link/rules", "~", "//etc"])
def test_policies_lie_in_the_project(tmp_path, folder):
    write(tmp_path / "outside/rules", {"a.yaml": "title: secret\n"})
    project = write(tmp_path / "project", {".kerp-policy.yaml": f"policies: ['{folder}']\n"})
    write(project, {"Dockerfile": GOOD})
    (project / "link").symlink_to(tmp_path / "outside")
    for command in (["check"], ["list"], ["test"], ["config"]):
        outcome = kerp_policy(*command, cwd=project)
        assert outcome.code == 2
        assert "secret" not in outcome.out + outcome.err


def test_what_is_no_file_is_told_and_not_opened(tmp_path):
    write(tmp_path, {"a.yaml": "a: 1\n"})
    os.mkfifo(tmp_path / "pipe.yaml")
    os.mkfifo(tmp_path / "Dockerfile")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(tmp_path)
        listener.bind("socket.yaml")
        os.chdir(here)
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "folder.yaml").mkdir()
    outcome = kerp_policy("check", "--format", "json", cwd=tmp_path)
    told = {f["file"]: f["message"] for f in outcome.findings if f["policy"] == "unreadable"}
    assert outcome.code == 1
    assert set(told) == {"Dockerfile", "pipe.yaml", "socket.yaml", "zero.yaml"}
    assert told["pipe.yaml"] == told["socket.yaml"] == told["Dockerfile"]
    assert "symbolic link" in told["zero.yaml"]


@pytest.mark.parametrize(
    "name",
    [
        ".kerp-policy.yaml",
        "pyproject.toml",
        ".kerp-policy-baseline.json",
        ".gitignore",
        "CODEOWNERS",
    ],
)
def test_what_we_read_ourselves_may_be_a_pipe_or_lead_out(tmp_path, name):
    secret = write(tmp_path, {"outside": "hidden: value\n"}) / "outside"
    for number, make in enumerate((os.mkfifo, lambda p: p.symlink_to(secret),
                                   lambda p: p.symlink_to("/dev/zero"), Path.mkdir)):  # fmt: skip
        project = write(tmp_path / f"project{number}", {"Dockerfile": BAD})
        make(project / name)
        for command in ("check", "config", "graph"):
            outcome = kerp_policy(command, cwd=project)
            assert outcome.code in ((1, 2) if command == "check" else (0, 2))
            assert "hidden" not in outcome.out + outcome.err


@pytest.mark.parametrize("leads", ["outside", ".git/config", ".kerp-policy.yaml"])
def test_a_report_follows_no_link_of_the_project(tmp_path, repository, leads):
    repository.commit({"Dockerfile": BAD, ".kerp-policy.yaml": "fail-on: error\n"})
    target = tmp_path / leads if leads == "outside" else repository.folder / leads
    target.touch()
    before = target.read_bytes()
    (repository.folder / "report.json").symlink_to(target)
    (repository.folder / "reports").symlink_to(tmp_path)
    for place in ("report.json", "reports/outside", "reports/new"):
        outcome = kerp_policy("check", "--format", f"json={place}", cwd=repository.folder)
        assert outcome.code == 2
        told = "leads through a symbolic link of the project; it is not followed"
        assert outcome.err == f"kerp-policy: {place}: {told}\n"
    assert target.read_bytes() == before
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("link", "command"),
    [
        (".kerp-policy-baseline.json", "baseline write"),
        (".kerp-policy-baseline.json", "baseline update"),
        (".kerp-policy.yaml", "init"),
        (".kerp-policy", "init"),
        ("policies", "new profile ours"),
        (".kerp-policy.yaml", "new profile ours"),
        ("Dockerfile", "waive Dockerfile --reason x --until 2027-01-01"),
    ],
)
def test_no_command_writes_through_a_link_of_the_project(tmp_path, link, command):
    outside = write(tmp_path / "outside", {"file": "as it was\n", "folder/a": "as it was\n"})
    project = write(tmp_path / "project", {"Dockerfile": BAD, "b/Dockerfile": BAD})
    (project / link).unlink(missing_ok=True)
    is_file = "." in link[1:] or link == "Dockerfile"
    (project / link).symlink_to(outside / ("file" if is_file else "folder"))
    kerp_policy(*command.split(), cwd=project)
    assert (outside / "file").read_text() == "as it was\n"
    assert [path.name for path in (outside / "folder").iterdir()] == ["a"]
