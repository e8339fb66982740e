"""What the README shows is what the program prints."""

import re
import shlex

import pytest

from cli import kerp_policy
from harness import ROOT

README, KOREAN = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.ko.md"))
PATTERN = r"```console\n\$ kerp-policy ([^\n]*)\n(.*?)```"
EXAMPLES = re.findall(PATTERN, README, re.DOTALL)
KOREAN_EXAMPLES = re.findall(PATTERN, KOREAN, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), EXAMPLES + KOREAN_EXAMPLES)
def test_an_example_prints_what_is_shown(command, shown):
    assert shown == kerp_policy(*shlex.split(command), cwd=ROOT, COLUMNS="80").out


def test_there_is_an_example():
    assert EXAMPLES
    assert KOREAN_EXAMPLES


def test_the_korean_readme_speaks_of_the_same_commands_formats_and_exit_codes():
    for pattern in (r"^kerp-policy (\w+)", r"^\| `(\w+)` \|", r"^\| (\d) \|"):
        ours, theirs = (re.findall(pattern, text, re.MULTILINE) for text in (README, KOREAN))
        assert set(theirs) == set(ours)


def test_the_korean_readme_links_to_files_that_exist():
    links = re.findall(r"\]\(([^)]+)\)", KOREAN)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
