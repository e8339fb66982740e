"""The tutorial, followed word by word in an empty git repository."""

import importlib.util
import shutil

import pytest

from harness import ROOT
from kerp_policy.policy.folder import builtin_folder

SPEC = importlib.util.spec_from_file_location("tutorial", ROOT / "scripts/update_tutorial.py")
tutorial = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tutorial)
PAGE = tutorial.PAGE.read_text("utf-8")
OURS = ("profiles/acme.yaml", "kubernetes/registry.yaml", "kubernetes/team-names.yaml")


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_every_command_prints_what_the_page_shows(tmp_path):
    folder = tutorial.repository(tmp_path)
    for block in tutorial.blocks(PAGE):
        printed = tutorial.follow(block, folder)
        if block["command"]:
            again = "run python scripts/update_tutorial.py"
            assert printed == block["shown"], f"{block['command']}: {again}"


def test_nothing_on_the_page_is_left_out():
    assert PAGE.count("```yaml") + PAGE.count("```console") == len(list(tutorial.blocks(PAGE)))
    commands = {block["command"].split()[0] for block in tutorial.blocks(PAGE) if block["command"]}
    assert commands == {"init", "new", "explain", "test", "check"}


def test_the_standard_takes_less_than_fifty_lines():
    texts = {block["file"]: block["text"] for block in reversed(list(tutorial.blocks(PAGE)))}
    assert sum(texts[f"policies/{file}"].count("\n") for file in OURS) < 50
    assert not (builtin_folder() / OURS[1]).exists()
