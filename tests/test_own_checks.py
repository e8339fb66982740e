"""Checks of others: an installed package offers them, and a policy of the project names them."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from cli import kerp_policy, write
from harness import ROOT

POLICY = """\
title: Names are short
severity: error
topics: [short-names]
each: object
check: acme.short
params: {longest: 3}
why: Long names do not fit the dashboard.
how: Choose a name of at most {longest} characters.
"""
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata: {}\n"
PROJECT = {
    ".kerp-policy.yaml": "policies: [policies]\n",
    "policies/kubernetes/short.yaml": POLICY,
    "settings.yaml": CONFIG_MAP,
}
CHECK = """\
from kerp_policy.findings import Remark
from kerp_policy.parameters import COUNT, takes
@takes(longest=COUNT)
def short(view, params):
    name = view.data["metadata"]["name"]
    if len(name) > params["longest"]:
        yield Remark(("metadata", "name"), f"{name} is longer than {params['longest']}")
"""


@pytest.fixture(scope="module", name="site")
def _site(tmp_path_factory):
    """A folder into which pip has installed a package that offers the check `acme.short`."""
    folder = tmp_path_factory.mktemp("acme")
    wheel, info = folder / "acme_checks-1.0-py3-none-any.whl", "acme_checks-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("acme_checks.py", CHECK)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: acme-checks\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        points = "[kerp_policy.checks]\nacme.short = acme_checks:short\n"
        archive.writestr(f"{info}/entry_points.txt", points)
        archive.writestr(f"{info}/RECORD", "")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    done = subprocess.run(
        [*pip, "--target", folder / "site", wheel], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"pip cannot install here: {done.stderr.decode()}")
    return folder / "site"


@pytest.fixture(name="check")
def _check(site, tmp_path):
    """Checks a project where that package is installed, with other code."""

    def check(code, *arguments, policy=POLICY):
        target = tmp_path / "site"
        shutil.copytree(site, target, ignore=shutil.ignore_patterns("__pycache__"))
        project = {**PROJECT, "policies/kubernetes/short.yaml": policy}
        write(tmp_path, {"site/acme_checks.py": code})
        path = os.pathsep.join([str(ROOT), str(target)])
        folder = write(tmp_path / "project", project)
        return kerp_policy("check", *arguments, cwd=folder, PYTHONPATH=path)

    return check


def test_an_installed_check_judges(check):
    done = check(CHECK, "--select", "short", "--format", "json")
    [finding] = done.findings
    told = {key: finding[key] for key in ("file", "line", "column", "message", "help")}
    assert (done.code, done.err, told) == (
        1,
        "",
        {
            "file": "settings.yaml",
            "line": 4,
            "column": 3,
            "message": "settings is longer than 3",
            "help": "Choose a name of at most 3 characters.",
        },
    )


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import acme_missing\n", "No module named 'acme_missing'"),
        ("raise SystemError('boom')\n", "boom"),
        ("", "module 'acme_checks' has no attribute 'short'"),
        ("short = 3\n", "it is no function"),
    ],
)
def test_one_that_cannot_be_loaded_is_told(check, tmp_path, code, reason):
    done = check(code)
    assert (done.code, done.out) == (2, "")
    file = tmp_path / "project/policies/kubernetes/short.yaml"
    start = f"kerp-policy: {file}:5:1: the installed check 'acme.short' cannot be loaded: "
    assert done.err == f"{start}{reason}\n"


def test_one_that_tells_what_it_takes_is_given_nothing_else(check):
    done = check(CHECK, policy=POLICY.replace("longest: 3", "longest: 0"))
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("short.yaml:6:10: longest is 0; expected at least 1\n")


def test_one_that_is_changed_judges_anew(check, tmp_path):
    arguments = ("--select", "short", "--format", "json", "--cache")
    before = check(CHECK, *arguments)
    file = tmp_path / "site/acme_checks.py"
    file.write_text(file.read_text().replace("is longer", "is much longer"))
    path = os.pathsep.join([str(ROOT), str(file.parent)])
    after = kerp_policy("check", *arguments, cwd=tmp_path / "project", PYTHONPATH=path)
    messages = [done.findings[0]["message"] for done in (before, after)]
    assert messages == ["settings is longer than 3", "settings is much longer than 3"]


@pytest.mark.parametrize("code", ["raise ValueError('boom')", "yield 3", "return 3"])
def test_one_that_crashes_ends_neither_the_run_nor_well(check, code):
    done = check(f"def short(view, params):\n    {code}\n", "--format", "json")
    assert done.code == 2
    assert "kerp-policy: settings.yaml: the check of short crashed: " in done.err
    assert done.report["summary"]["policies"]["schema-valid"]["judged"] == 1


JOINT = POLICY.replace("each: object", "each: estate")
BESIDE = "from kerp_policy.findings import Judged, Remark\n"


@pytest.mark.parametrize(
    "code",
    [
        "yield 3",
        "yield Judged(None, ())",
        "yield Judged(estate.all(estate.kinds), ())",
        "yield Judged(None, (Remark((), 'x'),))",
    ],
)
def test_a_joint_that_crashes_ends_neither_the_run_nor_well(check, code):
    code = f"{BESIDE}def short(estate, params):\n    {code}\n"
    done = check(code, "--format", "json", policy=JOINT)
    assert done.code == 2
    assert "kerp-policy: the check of short crashed: " in done.err
    assert done.report["summary"]["policies"]["schema-valid"]["judged"] == 1


def test_one_that_is_not_installed_is_none(tmp_path):
    done = kerp_policy("check", cwd=write(tmp_path, PROJECT))
    assert done.code == 2
    assert "short.yaml:5:1: there is no check 'acme.short'" in done.err
