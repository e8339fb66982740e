"""Freeze the profiles that ship as a release: `python scripts/freeze_profile.py 1.1`.

What `--profile kerp@1.1` judges by stays in policies/releases/ as it is today, for good; SHA256SUMS
there, as sha256sum writes it, has a test notice who edits it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerp_policy.policy.folder import CONTROLS, PROFILES, builtin_folder
from kerp_policy.policy.releases import DECIDES, MARK, RELEASES, releases
from kerp_policy.policy.validate import validated

SUMS = "SHA256SUMS"


def frozen(folder: Path, name: str, version: str) -> dict[str, Any]:
    """A profile of a folder of policies, with all that decides of every policy there.

    One that extends another extends the release of that, which has it.
    """
    profile = validated(_text(folder / PROFILES / f"{name}.yaml"), "profile", name)
    if "extends" in profile:
        return {**profile, "extends": f"{profile['extends']}{MARK}{version}"}
    settings = profile.get("policies", {})
    policies = {
        file.stem: _entry(validated(_text(file), "policy", str(file)), settings.get(file.stem, {}))
        for file in folder.glob("*/*.yaml")
        if file.parent.name not in (PROFILES, CONTROLS)
    }
    return {**profile, "policies": dict(sorted(policies.items()))}


def _entry(policy: Mapping[str, Any], setting: Mapping[str, Any]) -> dict[str, Any]:
    """What decides of a policy, as the profile tunes it; parameters of another stay with that."""
    entry = {key: policy[key] for key in DECIDES if key in policy} | setting
    params = {**policy.get("params", {}), **setting.get("params", {})}
    return {**entry, "params": params} if params else entry


def _text(file: Path) -> str:
    return file.read_text("utf-8")


def digest(data: bytes) -> str:
    """The digest of a file, as SHA256SUMS holds it."""
    return hashlib.sha256(data).hexdigest()


def freeze(folder: Path, version: str) -> list[Path]:
    """Write the release of each profile of a version, and their digests.

    Raises:
        SystemExit: the version is none, or frozen already.
    """
    if not re.fullmatch(r"\d+\.\d+", version):
        raise SystemExit(f"{version}: is no version, as 1.1")
    return [
        _freeze(folder, file.stem, version) for file in sorted(folder.glob(f"{PROFILES}/*.yaml"))
    ]


def _freeze(folder: Path, profile: str, version: str) -> Path:
    name = f"{profile}{MARK}{version}"
    if name in releases(folder):
        raise SystemExit(f"{name}: is frozen already; a release never changes")
    file = folder / RELEASES / f"{name}.json"
    text = json.dumps(frozen(folder, profile, version), ensure_ascii=False, indent=1)
    data = f"{text}\n".encode()
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(data)
    with (file.parent / SUMS).open("a", encoding="utf-8") as sums:
        sums.write(f"{digest(data)}  {file.name}\n")
    return file


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(f"python {sys.argv[0]} VERSION, as 1.1")
    print(*freeze(builtin_folder(), sys.argv[1]), sep="\n")
