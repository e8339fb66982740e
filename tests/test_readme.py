"""What the README shows is what the program prints."""

import re
import shlex

import pytest

from cli import kerp_policy
from harness import ROOT

README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"```console\n\$ kerp-policy ([^\n]*)\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), EXAMPLES)
def test_an_example_prints_what_is_shown(command, shown):
    assert shown == kerp_policy(*shlex.split(command), cwd=ROOT, COLUMNS="80").out


def test_there_is_an_example():
    assert EXAMPLES
