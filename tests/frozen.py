"""A next version of what ships, made by hand, for the tests of releases."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from harness import ROOT
from kerp_policy.policy import folder as policy_folder
from kerp_policy.policy import load
from kerp_policy.policy.folder import builtin_folder
from kerp_policy.policy.load import load_library

SHIPPED = builtin_folder()
ADDED = """\
title: Nothing is called kerp-api
severity: error
topics: [names]
each: workload
require: {metadata.name: {not: {const: kerp-api}}}
why: It is a test.
how: Call it something else.
"""


def script(name: str) -> ModuleType:
    """A script of ours, by its name."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


freeze_profile, policy_changelog = map(script, ("freeze_profile", "policy_changelog"))


@contextmanager
def shipping(tmp_path: Path) -> Iterator[Path]:
    """A copy of what ships, to be edited before it is loaded, which the program takes for its own.

    Its last release is kerp@99.0, which is the standard as it is.
    """
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "shipped"))
    freeze_profile.freeze(folder, "99.0")
    load_library.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        for module in (load, policy_folder):
            patch.setattr(module, "builtin_folder", lambda: folder)
        yield folder
    load_library.cache_clear()


def edit(file: Path, *changes: tuple[str, str]) -> None:
    """Replace texts in a file that has them."""
    text = file.read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


def change(folder: Path) -> None:
    """What a next version may bring, of every sort."""
    kubernetes = folder / "kubernetes"
    (kubernetes / "added-later.yaml").write_text(ADDED, "utf-8")
    edit(kubernetes / "run-as-uid.yaml", ("params: {uid: 1001}", "params: {uid: 2002}"))
    edit(kubernetes / "run-as-uid.yaml", ("when: {os: linux}\n", ""))
    edit(kubernetes / "fs-group.yaml", ("severity: error", "severity: warning"))
    edit(kubernetes / "cron-time-zone.yaml", ("severity: warning", "severity: error"))
    edit(kubernetes / "resources.yaml", ("\neach:", "\nwhen: {os: windows}\neach:"))
    edit(
        folder / "profiles" / "kerp.yaml",
        ("\npolicies:\n", "\npolicies:\n  drop-capabilities: {enabled: false}\n"),
        ("  replicas:\n    only: {environments: [production]}\n", ""),
        ("[kerp-prod]", "[kerp-live]"),
        ('kubernetes: "1.37"', 'kubernetes: "1.36"'),
    )
    load_library.cache_clear()
