"""Shells complete what is half written: asked of click, and of the real shells at a terminal."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time

import pytest
from click.shell_completion import ShellComplete

from cli import write
from harness import ROOT
from kerp_policy.cli import main
from kerp_policy.policy.folder import builtin_folder
from kerp_policy.policy.releases import releases

README = (ROOT / "README.md").read_text("utf-8")
PATIENCE = 60
SHIPPED = sorted(["kerp", *releases(builtin_folder()), "thorough"])
TEAM = {
    ".kerp-policy.yaml": "profile: ours\npolicies: [rules]\n",
    "rules/kubernetes/our-label.yaml": (
        'title: "Ours \\e[31m\\n for good"\nseverity: error\ntopics: [ours]\neach: object\n'
        "require: {metadata.name: {}}\nwhy: Because.\nhow: So.\n"
    ),
    "rules/profiles/ours.yaml": (
        "title: Our standard\ninclude: {topics: [ours]}\n"
        "environments: {lab: {namespaces: [lab]}}\nclauses: {1-a: Names.}\n"
    ),
}


def offered(*words):
    """What is offered for the last word, with the help for each."""
    *before, begun = words
    items = ShellComplete(main, {}, "kerp-policy", "_").get_completions(before, begun)
    return {item.value: item.help for item in items}


def test_policies_come_with_their_titles():
    offers = offered("explain", "run-as")
    assert list(offers) == ["run-as-non-root", "run-as-uid"]
    assert "1001" in offers["run-as-uid"]


def test_a_list_is_completed_at_its_end():
    assert list(offered("check", "--select", "image-user,2.1-a")) == ["image-user,2.1-a"]
    assert "run-as-uid,dockerfile-71" in offered("check", "--ignore", "run-as-uid,dockerf")


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        (("check", "--profile", ""), SHIPPED),
        (("check", "--environment", ""), ["development", "production", "staging"]),
        (("check", "--environment", "st"), ["staging"]),
        (("check", "--format", "js"), ["json"]),
        (("check", "--fail-on", ""), ["error", "warning", "info"]),
        (("explain", "no-such"), []),
    ],
)
def test_options_offer_what_they_take(words, offers):
    assert list(offered(*words)) == offers


def test_what_a_team_has_of_its_own_is_offered_and_cannot_steer_the_terminal(tmp_path, monkeypatch):
    monkeypatch.chdir(write(tmp_path, TEAM))
    assert offered("explain", "") == {"our-label": "Ours \N{REPLACEMENT CHARACTER}[31m for good"}
    assert list(offered("list", "--profile", "")) == sorted([*SHIPPED, "ours"])
    assert list(offered("check", "--environment", "")) == ["lab"]
    assert list(offered("check", "--profile", "kerp", "--environment", "p")) == ["production"]


def test_a_project_out_of_order_offers_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(write(tmp_path, {".kerp-policy.yaml": "profil: kerp\n"}))
    assert offered("explain", "") == offered("check", "--profile", "") == {}


def setup_line(shell):
    """The line that the README gives for a shell, without its remark."""
    [line] = re.findall(rf"^(.*_KERP_POLICY_COMPLETE={shell}_source.*?) +#", README, re.MULTILINE)
    return line


@pytest.fixture(name="environment")
def _environment(tmp_path):
    """A home of its own, and a `kerp-policy` that is this one."""
    program = tmp_path / "bin" / "kerp-policy"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom kerp_policy.cli import main\n\nmain()\n")
    program.chmod(0o755)
    return {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "TERM": "dumb",
    }


def at_a_terminal(command, dialogue, environment):
    """Start a shell at a terminal; type each line once what goes before it shows."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    try:
        for awaited, typed in dialogue:
            yield shown_until(awaited, ours)
            os.write(ours, typed.encode())
    finally:
        shell.kill()
        shell.wait()
        os.close(ours)


def shown_until(awaited, terminal):
    shown, end = "", time.monotonic() + PATIENCE
    while awaited not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 4096).decode(errors="replace")
    return shown


@pytest.mark.parametrize(
    ("command", "before"),
    [
        (["bash", "--norc", "--noprofile", "-i"], ""),
        (["zsh", "-f", "-i"], "autoload -Uz compinit; compinit -u; "),
    ],
)
def test_a_shell_at_a_terminal_completes(command, before, environment):
    dialogue = [
        ("ready>", f"{before}{setup_line(command[0])}\n"),
        ("ready>", "kerp-policy explain run-as-u\t"),
        ("run-as-uid", "\n"),
        ("(error)", ""),
    ]
    *_, told = at_a_terminal(command, dialogue, {**environment, "PS1": "ready> "})
    assert "run-as-uid (error)" in told


def test_fish_completes(environment):
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    script = f"{setup_line('fish')}\ncomplete --do-complete 'kerp-policy explain run-as'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script], env=environment, capture_output=True, check=True
    )
    offers = [line.partition("\t")[0] for line in done.stdout.decode().splitlines()]
    assert offers == ["run-as-non-root", "run-as-uid"]
