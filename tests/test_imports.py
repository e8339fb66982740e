"""A start imports what it needs: each library costs every run of those that do without it."""

import os
import subprocess
import sys

import pytest

from cli import write
from harness import ROOT

# Prints what a run imports besides the standard library, into the file that is named first.
LOOK = """
import sys
before = set(sys.modules)
from kerp_policy.cli import main
try:
    main(sys.argv[2:], prog_name="kerp-policy")
finally:
    with open(sys.argv[1], "w") as file:
        print(*sorted(set(sys.modules) - before), sep="\\n", file=file)
"""
CYTHON = ("cython_runtime", "_cython")
"""What PyYAML's parser in C brings."""

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b:1}]}\n"
)
WORKFLOW = "on: push\njobs: {a: {runs-on: x, steps: [{run: echo}]}}\n"
RULES = "groups:\n- name: a\n  rules:\n  - {alert: A, expr: up == 0}\n"


def imported(folder, *arguments):
    """The modules that a run imports, the second time, when the policies are known."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")}
    project = folder / "project"
    project.mkdir(exist_ok=True)
    for _ in range(2):
        command = [sys.executable, "-c", LOOK, str(folder / "modules"), *arguments]
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 1), done.stderr
    return (folder / "modules").read_text().split()


def libraries(modules):
    tops = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    # msgspec and pathspec take typing_extensions along where it is installed.
    return {t for t in tops if not t.startswith(CYTHON)} - {"kerp_policy", "typing_extensions"}


def readers(modules):
    return {m.split(".")[2] for m in modules if m.startswith("kerp_policy.artifacts.")}


def test_the_version_needs_the_command_line_and_nothing_else(tmp_path):
    modules = imported(tmp_path, "--version")
    assert libraries(modules) == {"click"}
    assert {m for m in modules if m.startswith("kerp_policy")} <= {
        "kerp_policy",
        "kerp_policy.cli",
        "kerp_policy.cli.debt",
        "kerp_policy.cli.group",
        "kerp_policy.cli.judge",
        "kerp_policy.cli.options",
        "kerp_policy.cli.saying",
        "kerp_policy.cli.standard",
        "kerp_policy.cli.team",
        "kerp_policy.collector",
        "kerp_policy.commands",
        "kerp_policy.commands.ending",
        "kerp_policy.commands.spoken",
        "kerp_policy.errors",
        "kerp_policy.i18n",
        "kerp_policy.paths",
        "kerp_policy.regex",
    }


@pytest.mark.parametrize("arguments", [["list"], ["explain", "run-as-uid"]])
def test_what_tells_of_policies_reads_no_artifact(arguments, tmp_path):
    modules = imported(tmp_path, *arguments)
    assert libraries(modules) == {"click", "msgspec"}
    assert not readers(modules)
    assert not {m for m in modules if m.startswith(("kerp_policy.checks", "kerp_policy.engine"))}


@pytest.mark.parametrize(
    ("name", "text", "needed", "not_read"),
    [
        ("Dockerfile", "FROM a:1\n", {"dockerfile_parse"}, {"yaml", "workflow", "alertmanager"}),
        ("a.sh", "echo\n", set(), {"yaml", "alertmanager", "prometheus"}),
        ("a.yaml", POD, {"yaml", "jsonschema_rs"}, {"dockerfile", "workflow", "alertmanager"}),
        (".github/workflows/a.yml", WORKFLOW, {"yaml", "jsonschema_rs"}, {"alertmanager"}),
        ("a.yaml", RULES, {"yaml", "jsonschema_rs", "promql_parser"}, {"dockerfile", "workflow"}),
        ("a.yaml", "route: {receiver: a}\nreceivers: [{name: a}]\n", {"yaml"}, {"dockerfile"}),
    ],
)
def test_a_check_imports_what_its_files_need(name, text, needed, not_read, tmp_path):
    write(tmp_path / "project", {name: text})
    modules = imported(tmp_path, "check", "--no-cache")
    assert libraries(modules) == {"click", "msgspec", *needed}
    assert not readers(modules) & not_read


def test_facts_are_known_without_what_reads_their_files():
    """Another process may bring them, or an earlier run."""
    having = [f for f in (ROOT / "kerp_policy/estate").glob("*.py") if "(Kept" in f.read_text()]
    names = ", ".join(f"kerp_policy.estate.{file.stem}" for file in having)
    look = f"import sys, {names}; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", look], env=environment, capture_output=True, text=True, check=True
    )
    modules = [m for m in done.stdout.split() if m.startswith("kerp_policy.artifacts.")]
    assert {"builds.py", "images.py", "workloads.py"} <= {file.name for file in having}
    assert not readers(modules) & {"yaml", "dockerfile", "shell", "workflow", "prometheus"}


def test_patterns_of_paths_are_needed_where_git_is_not(tmp_path):
    write(tmp_path / "project", {".gitignore": "a\n", "a.sh": "", "b.sh": "echo\n"})
    found = libraries(imported(tmp_path, "check", "--no-cache"))
    assert found == {"click", "msgspec", "pathspec", "re2"}
