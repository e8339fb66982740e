"""Every claim of the threat model names a test that exists."""

import ast
import re

import pytest

from harness import ROOT

PAGE = (ROOT / "docs/threat-model.md").read_text("utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_the_test_exists(file, name):
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_row_names_one():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    claims = [row for row in rows if not row.endswith("shown by |")]
    assert len(claims) > 20
    assert [row for row in claims if "::test_" not in row] == []


def test_readers_find_it():
    assert "(docs/threat-model.md)" in (ROOT / "SECURITY.md").read_text("utf-8")
    assert "(SECURITY.md)" in (ROOT / "README.md").read_text("utf-8")
