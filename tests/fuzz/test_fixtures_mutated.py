"""Whatever happens to real files, the whole project is judged and what is not is told."""

from __future__ import annotations

import yaml
from hypothesis import given, settings

from judging import judge
from kerp_policy.sources.classify import kind_by_name
from mutations import Case, mutated_cases

FUZZ = settings.get_profile("fuzz")
_READERS = ("unreadable", "not-judged", "dockerfile-syntax", "workflow-syntax")


@FUZZ
@given(mutated_cases())
def test_a_changed_project_is_judged_or_said_not_to_be(case: Case) -> None:
    result = judge(case)
    told = {finding.file for finding in result.findings if finding.policy in _READERS}
    for file, data in case.items():
        if not _is_readable(kind_by_name(file), data):
            assert file in told, data


def _is_readable(kind: str, data: bytes) -> bool:
    """Whether the library that everybody else reads such files with can read it."""
    if kind not in ("yaml", "workflow", "kustomization", "action"):
        return kind != "script" or data.startswith(b"#!") or b"\xff" not in data
    try:
        return all(True for _ in yaml.parse(data.decode("utf-8-sig"), yaml.CSafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError):
        return False
