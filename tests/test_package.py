"""The packages: built, installed into an empty environment and used from an empty folder."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile

import pytest

from cli import write
from harness import ROOT
from kerp_policy import __version__

NAME = f"kerp_policy-{__version__}"


def done(*command, **options):
    """Run a command that must succeed, out of reach of this checkout."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    result = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False, **options
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module", name="packages")
def _packages(package_index, tmp_path_factory):
    """A folder with the source distribution, and the wheel that is built from it alone."""
    pytest.importorskip("build", reason="the package `build` is not installed")
    folder = tmp_path_factory.mktemp("dist")
    done(sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT))
    return folder


@pytest.fixture(scope="module", name="wheel")
def _wheel(packages):
    [wheel] = packages.glob("*.whl")
    return wheel


@pytest.fixture(scope="module", name="home")
def _home(wheel, tmp_path_factory):
    """An environment that holds the wheel and what it depends on."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=True)
    done(home / "bin" / "pip", "install", "--quiet", str(wheel))
    return home


@pytest.fixture(name="run")
def _run(home, tmp_path):
    """Runs the installed program from an empty folder, with an empty cache."""
    folder = tmp_path / "empty"
    folder.mkdir()

    def run(*arguments, code=0):
        environment = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path / "cache")}
        result = subprocess.run(
            [home / "bin" / "kerp-policy", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stderr) == (code, "")
        return result.stdout

    run.folder = folder
    return run


def test_the_wheel_carries_what_the_program_reads_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "kerp_policy",
        f"{NAME}.data",
        f"{NAME}.dist-info",
    }
    for folder in ("kerp_policy/data", "kerp_policy/locale", "policies"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
        inside = {path.relative_to(ROOT).as_posix().removeprefix("kerp_policy/") for path in files}
        assert inside
        assert {f"kerp_policy/{name}" for name in inside} <= set(names)
    assert "kerp_policy/py.typed" in names
    assert not [name for name in names if "test_" in name or "fixtures/" in name]


def test_the_image_is_built_from_enough(wheel, tmp_path):
    """What .dockerignore lets through makes the same wheel."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for name in (line[1:].rstrip("/") for line in lines if line.startswith("!")):
        source, target = ROOT / name, tmp_path / "context" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    context, made = str(tmp_path / "context"), tmp_path / "made"
    done(sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(made), context)
    [same] = made.glob("*.whl")
    names = {name for name in zipfile.ZipFile(same).namelist() if "__pycache__" not in name}
    assert names == set(zipfile.ZipFile(wheel).namelist())


def test_the_source_distribution_has_every_file_of_the_repository(packages):
    if not (ROOT / ".git").exists():
        pytest.skip("only a git repository tells which files are its own")
    [archive] = packages.glob("*.tar.gz")
    with tarfile.open(archive) as held_by:
        held = {name.partition("/")[2] for name in held_by.getnames()}
    listed = done("git", "ls-files", "-z", cwd=ROOT).split("\0")
    assert not {name for name in listed if name and (ROOT / name).exists()} - held


def test_it_says_its_version(run):
    assert run("--version") == f"kerp-policy {__version__}\n"


def test_it_knows_the_policies(run):
    assert "run-as-uid" in run("list")
    assert run("explain", "run-as-uid").startswith("run-as-uid (error)\n")


def test_it_knows_the_schemas(run):
    assert '"$schema"' in run("schema", "policy")


def test_it_judges_every_kind_of_artifact(run):
    project = {
        "Dockerfile": "FROM nginx:latest\n",
        "rules.yaml": "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: 'up == ('\n",
        "pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: 1}\n",
        "alertmanager.yaml": "route: {receiver: a}\nreceivers: []\n",
        "deploy.sh": "#!/bin/sh\ncurl -k https://example.com\n",
        ".github/workflows/ci.yml": "on: push\njobs: {a: {runs-on: x, steps: [{uses: a/b@v1}]}}\n",
    }
    write(run.folder, project)
    report = run("check", "--format", "json", code=1)
    assert not [file for file in project if f'"file": "{file}"' not in report]


def test_the_manual_page_is_where_man_looks_for_it(home):
    page = home / "share" / "man" / "man1" / "kerp-policy.1"
    assert ".SH COMMANDS" in page.read_text("utf-8")
    if shutil.which("man"):
        path = f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path}
        environment.pop("MANPATH", None)
        found = subprocess.check_output(["man", "-w", "kerp-policy"], env=environment, text=True)
        assert found.strip() == str(page)
