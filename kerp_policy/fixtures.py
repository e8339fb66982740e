"""Fixture folders: small projects, each with an `expected.yaml` that lists what is to be found.

A folder `…/<policy>/<case>` is judged by that policy alone; any other by the whole standard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.config import Config, load_config
from kerp_policy.errors import UsageError
from kerp_policy.findings import Finding
from kerp_policy.i18n import gettext as _
from kerp_policy.outcome import Run
from kerp_policy.policy.load import load_library
from kerp_policy.policy.model import Policy, Profile, this_day
from kerp_policy.policy.text import text_of
from kerp_policy.run import run
from kerp_policy.sources.discover import is_configured
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.standard import standard_of

EXPECTED = "expected.yaml"
_ALWAYS = "unreadable"  # told in any case, so that no case is silent for that reason

Expectation = Mapping[str, Any]
"""The values that a finding is to have."""


class Difference(NamedTuple):
    """A finding that nobody expects, an expectation that no finding meets, or two that are near."""

    expected: Expectation | None
    found: Finding | None

    @property
    def place(self) -> tuple[str, int]:
        """The file and line that it is about."""
        if self.found:
            return self.found.file, self.found.place.span.line
        assert self.expected is not None
        return self.expected["file"], self.expected["line"]


class Case(Struct, frozen=True):
    """A fixture folder that was judged."""

    folder: Path
    policy: str | None
    """The one policy that it is about, or None for the whole standard."""
    run: Run
    expected: tuple[Expectation, ...]

    def differences(self) -> list[Difference]:
        """What is other than expected, by place."""
        return sorted(_differences(self.run.findings, self.expected), key=lambda d: d.place)


def cases(folder: Path) -> list[Path]:
    """Every fixture folder in a folder, itself included."""
    return sorted(path.parent for path in folder.rglob(EXPECTED) if path.is_file())


def judge(folder: Path, config: Config) -> Case:
    """Judge a fixture folder.

    Args:
        folder: it is a project of its own, whatever lies around it.
        config: names the standard, unless the folder has a configuration itself.

    Raises:
        UsageError: the expectations, the configuration or the standard is not valid, or a check
            crashed.
    """
    own = load_config(folder) if is_configured(folder) else replace(config, exclude=())
    own = replace(own, policies=tuple(dict.fromkeys((*config.policies, *own.policies))))
    policy = folder.parent.name if folder.parent.name in _policies(own) else None
    expected = expectations(folder)
    tree = WorkingTree(folder, (*own.exclude, f"/{EXPECTED}"))
    standard = replace(_standard(own, policy), today=today(folder))
    result = run(tree, [folder], standard)
    if result.crashes:
        raise UsageError(f"{folder}: {result.crashes[0]}")
    if policy:
        result.findings = [f for f in result.findings if f.policy in (policy, _ALWAYS)]
    return Case(folder, policy, result, expected)


def expectations(folder: Path) -> tuple[Expectation, ...]:
    """What a fixture folder's `expected.yaml` lists.

    Raises:
        UsageError: it is not valid; the message names file, line and column.
    """
    return tuple(_expected(folder)["findings"] or ())


def today(folder: Path) -> date:
    """The day that a fixture folder is judged on: what its `expected.yaml` says, else this day.

    Raises:
        UsageError: it is not valid, or no day.
    """
    text = _expected(folder).get("today")
    try:
        return date.fromisoformat(text) if text else this_day()
    except ValueError:
        message = _("{file}: today is {text}, which is no day")
        raise UsageError(message.format(file=folder / EXPECTED, text=text)) from None


def _expected(folder: Path) -> dict[str, Any]:
    from kerp_policy.policy.validate import validated

    file = folder / EXPECTED
    return validated(text_of(file), "expected", str(file))


def _policies(config: Config) -> Mapping[str, Policy]:
    return load_library(config.policies, config.profile).policies


@cache
def _standard(config: Config, policy: str | None) -> Profile:
    """The configured standard, or just one policy; one that the standard leaves out as it is.

    A policy about files as such, as about the waivers in them, needs the others beside it.
    """
    standard = standard_of(config)
    if policy is None:
        return standard
    all_of_them = _policies(config)[policy].each == "file"
    chosen = [p for p in standard.policies if all_of_them or p.id in (policy, _ALWAYS)]
    if not any(p.id == policy for p in chosen):
        chosen.append(_policies(config)[policy])
    return replace(standard, policies=tuple(chosen))


def values(finding: Finding, keys: Iterable[str]) -> dict[str, Any]:
    """A finding with just the keys that an expectation gives."""
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
    return {key: everything[key] for key in keys}


def _differences(
    findings: Iterable[Finding], expectations: Iterable[Expectation]
) -> Iterator[Difference]:
    """Each expectation takes one finding that fits it; of the rest, those of one place go along."""
    left, missing = list(findings), list[Expectation]()
    for expectation in expectations:
        found = next((f for f in left if values(f, expectation) == expectation), None)
        if found:
            left.remove(found)
        else:
            missing.append(expectation)
    for expectation in missing:
        near = next((f for f in left if _is_near(f, expectation)), None)
        if near:
            left.remove(near)
        yield Difference(expectation, near)
    for finding in left:
        yield Difference(None, finding)


def _is_near(finding: Finding, expectation: Expectation) -> bool:
    keys = ("file", "line", "policy")
    return values(finding, keys) == {key: expectation[key] for key in keys}
