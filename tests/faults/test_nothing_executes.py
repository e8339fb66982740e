"""Every command, watched: nothing is run, nothing leaves, and what is written was asked for."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness import ROOT
from repository import ENVIRONMENT, Repository

WATCHED = Path(__file__).with_name("watched.py")
MARK, TRIED = "text-of-an-artifact", 99
SETTINGS = {**ENVIRONMENT, "SOURCE_DATE_EPOCH": "1795392000", "PYTHONIOENCODING": "utf-8"}
HEAD = "HEAD~1"
FORMATS = ("text", "json", "sarif", "github", "markdown", "gitlab", "junit", "html")
COMMANDS = {
    **{f"check --format {name}": 1 for name in FORMATS},
    "check " + " ".join(f"--format {name}=out.{name}" for name in FORMATS[1:]): 1,
    "check --strict --verbose --color --environment production --kubernetes-version 1.36": 1,
    "check --quiet --fail-on info --ignore image-user --alertmanager-version 0.27": 1,
    "check --lang ko": 1,
    "check --staged": 1,
    f"check --changed-since {HEAD}": 1,
    f"check --trust {HEAD}": 1,
    f"check --trust {HEAD} --staged --profile kerp": 1,
    "check backend/Dockerfile": 1,
    "check --processes 3 --no-cache": 1,
    "check --cache": 1,
    "audit . --format json --format html=out.html --processes 2": 1,
    "check - --stdin-name web/Dockerfile": 1,
    f"review --base {HEAD}": 0,
    f"review --base {HEAD} --staged --format json": 0,
    f"review --base {HEAD} --head HEAD": 0,
    "graph": 0,
    "graph --format mermaid": 0,
    "graph --format json": 0,
    "list": 0,
    "explain run-as-uid": 0,
    "controls": 0,
    "controls --format json": 0,
    "schema policy": 0,
    "config --verbose": 0,
    "config backend/Dockerfile --format json": 0,
    "init": 0,
    "new policy our-rule": 0,
    "new profile ours": 0,
    f"test {ROOT}/policies/dockerfile": 0,
    "baseline write": 0,
    "baseline update": 0,
    "baseline show": 0,
    "waive ADDRESS --reason x --until 2027-01-01": 0,
    "waivers --expiring 30d": 0,
    "--help": 0,
    "--version": 0,
}


@pytest.fixture(scope="module", name="made")
def _made(tmp_path_factory):
    """The guide's project in a repository of two commits, and a change of each kind of artifact."""
    folder = tmp_path_factory.mktemp("made") / "repository"
    shutil.copytree(ROOT / "fixtures/kerp", folder)
    made = Repository(folder)
    made.commit()
    for file in folder.rglob("*"):
        if file.is_file() and ".git" not in file.relative_to(folder).parts:
            file.write_text(f"{file.read_text('utf-8')}\n# {MARK}\n", "utf-8")
    manifest = folder / "deployments/k8s/production/api-deployment.yaml"
    text = manifest.read_text("utf-8").replace("replicas:", "paused: true\n  replicas:")
    manifest.write_text(text, "utf-8")
    made.commit({"scripts/new.sh": f"curl -k https://example.com # {MARK}\n"})
    made.stage({"web/Dockerfile": f"FROM nginx\nRUN curl -k https://example.com # {MARK}\n"})
    return made


@pytest.fixture(name="repository")
def _repository(made, tmp_path):
    """A copy, beside a copy of a cache that was filled once."""
    cache = made.folder.with_name("cache")
    if not cache.exists():
        watched(made, "list")
        assert list(cache.rglob("policies-*.json")), "the cache has to be in use"
    shutil.copytree(made.folder, tmp_path / "repository")
    shutil.copytree(cache, tmp_path / "cache")
    return Repository(tmp_path / "repository")


def watched(repository, *arguments, **environment):
    """Run a command under the hook; git tells in a file what it starts itself."""
    folders = [repository.folder, *map(repository.folder.with_name, ("cache", "temporary"))]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    settings = {
        **SETTINGS,
        "XDG_CACHE_HOME": str(folders[1]),
        "TMPDIR": str(folders[2]),
        "GIT_TRACE2_EVENT": str(repository.folder.with_name("git.log")),
        **environment,
    }
    command = [sys.executable, "-B", str(WATCHED), *map(str, folders), "--", *arguments]
    done = subprocess.run(
        command,
        cwd=repository.folder,
        env=settings,
        input=f"FROM nginx\n# {MARK}\n".encode(),
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert not list(folders[2].iterdir()), "a temporary file is left"
    return done


def started_by_git(repository):
    log = repository.folder.with_name("git.log")
    events = map(json.loads, log.read_text("utf-8").splitlines() if log.exists() else ())
    return [event for event in events if event["event"] in ("child_start", "exec")]


def prepare(repository, command):
    """What a command needs to be there before, and its words."""
    if command.startswith("baseline") and "write" not in command:
        watched(repository, "baseline", "write")
    if command == "init":
        (repository.folder / ".kerp-policy.yaml").unlink()
    if "ADDRESS" in command:
        report = json.loads(watched(repository, "check", "--format", "json").stdout)
        found = next(f for f in report["findings"] if f["policy"] == "image-tls")
        return [found["address"] if word == "ADDRESS" else word for word in command.split()]
    return command.split()


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_runs_sends_or_writes_what_it_must_not(repository, command):
    done = watched(repository, *prepare(repository, command))
    assert done.returncode == COMMANDS[command], done.stderr.decode()
    assert done.stdout or "=out" in command
    assert started_by_git(repository) == []


def test_shell_completion_runs_nothing_of_the_repository(repository):
    asked = {"COMP_WORDS": "kerp-policy explain run-as", "COMP_CWORD": "2"}
    done = watched(repository, _KERP_POLICY_COMPLETE="bash_complete", **asked)
    assert b"run-as-uid" in done.stdout, done.stderr


TRIES = {
    "a connection": "__import__('socket').socket()",
    "a name looked up": "__import__('socket').getaddrinfo('example.com', 443)",
    "a shell": "__import__('os').system('true')",
    "a program": "__import__('subprocess').run(['true'])",
    "a verb of git": "__import__('subprocess').run(['/usr/bin/git', '--no-pager', 'log'])",
    "an option of git": "__import__('subprocess').run(['/bin/git', '--no-pager', '-p', 'blame'])",
    "a git by PATH": "__import__('subprocess').run(['git', '--no-pager', 'blame'])",
    "a fork": "__import__('os').fork()",
    "another program": "__import__('os').execv('/bin/true', ['true'])",
    "code": "eval('1')",
    "a file elsewhere": "open('../elsewhere', 'w')",
    "a file renamed": "__import__('os').rename('a', '../a')",
    "a file of the repository imported": "__import__('evil')",
    "a native library": "__import__('ctypes').CDLL(None)",
}


@pytest.mark.parametrize("tried", TRIES)
def test_the_hook_sees_what_is_tried(tmp_path, tried):
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository/evil.py").write_text("")
    assert ended(tmp_path, TRIES[tried]) == TRIED


def test_what_is_allowed_is_not_hindered(tmp_path):
    (tmp_path / "repository").mkdir()
    for allowed in ("__import__('json')", "open('a', 'w')", "open('/dev/null', 'w')"):
        assert ended(tmp_path, allowed) == 0


def ended(tmp_path, expression):
    """How a process ends that does this under the hook."""
    program = (
        f"import sys; sys.path[:0] = ['.', {str(WATCHED.parent)!r}]; from pathlib import Path\n"
        "from watched import watch; do = eval('lambda: ' + sys.argv[1])\n"
        "import ctypes, socket, subprocess; watch([Path().resolve()]); do()\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, expression],
        cwd=tmp_path / "repository",
        capture_output=True,
        check=False,
    )
    return done.returncode
