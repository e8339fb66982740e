"""Running the program over a fixture folder, and comparing with its expected.yaml."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kerp_policy.artifacts.yaml import read
from kerp_policy.findings import Finding
from kerp_policy.policy.load import load_profile
from kerp_policy.run import run
from kerp_policy.sources.discover import list_files

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"


def judge(folder: Path, policy: str | None = None, profile: str = "kerp") -> list[Finding]:
    """All findings in a folder that is a project of its own, or those of one policy.

    That a file cannot be read is told in any case, so that no case is silent for that reason.
    """
    standard = load_profile(profile)
    if policy:
        chosen = tuple(p for p in standard.policies if p.id in (policy, "unreadable"))
        assert any(p.id == policy for p in chosen), f"there is no policy {policy}"
        standard = replace(standard, policies=chosen)
    result = run(folder, [folder], standard, exclude=["expected.yaml"])
    assert result.crashes == []
    return result.findings


def expected(folder: Path) -> list[dict]:
    documents = read((folder / "expected.yaml").read_text("utf-8")).documents
    return documents[0].data()["findings"] or []


def as_expected(finding: Finding, keys: set[str]) -> dict:
    """A finding with just the keys that the expectation gives."""
    span = finding.place.span
    everything = {
        "file": finding.file,
        "line": span.line,
        "column": span.column,
        "policy": finding.policy,
        "verdict": str(finding.verdict),
        "severity": finding.severity,
        "message": finding.message,
        "address": finding.place.address,
        "related": [
            {"file": r.file, "line": r.place.span.line, "message": r.message}
            for r in finding.related
        ],
    }
    return {key: value for key, value in everything.items() if key in keys}


def compare(findings: list[Finding], expectations: list[dict]) -> list[str]:
    """What differs, in words: each expectation takes one finding that fits it."""
    left = list(findings)
    problems = []
    for expectation in expectations:
        fits = (f for f in left if as_expected(f, set(expectation)) == expectation)
        found = next(fits, None)
        if found is None:
            problems.append(f"expected, not found: {expectation}")
        else:
            left.remove(found)
    keys = {"file", "line", "column", "policy", "verdict", "message"}
    problems += [f"found, not expected: {as_expected(f, keys)}" for f in left]
    return problems


def files(folder: Path) -> list[str]:
    return list_files(folder)
