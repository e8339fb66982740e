"""Running the program over a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from msgspec.structs import replace

from kerp_policy.findings import Finding
from kerp_policy.policy.load import load_profile
from kerp_policy.run import run
from kerp_policy.sources.tree import WorkingTree

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
    result = run(WorkingTree(folder, ["expected.yaml"]), [folder], standard)
    assert result.crashes == []
    return result.findings


def noted(
    monkeypatch: pytest.MonkeyPatch, owner: ModuleType, name: str, what: Callable[[Any], str]
) -> list[str]:
    """What a function of a module is called with, by its first argument, as it happens."""
    calls: list[str] = []
    function = getattr(owner, name)

    def noting(first: Any, *rest: Any, **options: Any) -> Any:
        calls.append(what(first))
        return function(first, *rest, **options)

    monkeypatch.setattr(owner, name, noting)
    return calls
