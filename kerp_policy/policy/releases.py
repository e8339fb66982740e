"""Releases of the profiles that ship: what decides, as it was when a version was frozen.

`policies/releases/kerp@1.0.json` is the profile as it was; its `policies` say all that decides
whether a policy fails, of every policy that shipped then. `scripts/freeze_profile.py` writes it and
nobody edits it. The functions that check and the words of a policy are always those of today.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import NODEFAULT
from msgspec.structs import FieldInfo, fields, replace

from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.model import Policy

RELEASES = "releases"
MARK = "@"
"""What stands between the name of a profile and its version."""
DECIDES = (
    "each", "of", "when", "severity", "params", "params_of", "require", "check", "waivable",
    "patches",
    "clauses", "topics",
)  # fmt: skip
"""What of a policy decides where it is asked, what fails, and who chooses it."""
_LISTS = frozenset({"of", "clauses", "topics"})


def releases(shipped: Path) -> list[str]:
    """The names of all releases, as `kerp@1.0`, the oldest of a profile first.

    Args:
        shipped: the folder of what ships.
    """
    return sorted((file.stem for file in (shipped / RELEASES).glob(f"*{MARK}*.json")), key=_age)


def _age(name: str) -> tuple[str, list[int]]:
    profile, _mark, version = name.partition(MARK)
    return profile, [int(part) for part in version.split(".")]


def release(shipped: Path, name: str) -> tuple[Path, dict[str, Any]] | None:
    """The file of a release, and the profile that it holds.

    Args:
        shipped: the folder of what ships.
        name: of a profile; None is the result where it is no release.
    """
    if MARK not in name or name not in releases(shipped):
        return None
    file = shipped / RELEASES / f"{name}.json"
    data = json.loads(file.read_bytes())
    return file, {**data, **_named(name, data)}


def _named(name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The titles, which every report shows, with the release."""
    korean = data.get("ko", {})
    words = {**korean, "title": f"{korean['title']} ({name})"} if "title" in korean else korean
    return {"title": f"{data['title']} ({name})", "ko": words}


def as_released(
    name: str, settings: Mapping[str, Any], policies: Mapping[str, Policy]
) -> dict[str, Policy]:
    """The policies of a release: what decides as it was, all else as it is today.

    A parameter that came later has the default of its policy, which leaves a release as it was.

    Args:
        name: of the release, for messages.
        settings: `policies` of the release.
        policies: those that ship today, by id.

    Raises:
        UsageError: a policy of the release ships no more.
    """
    gone = sorted(settings.keys() - policies.keys())
    if gone:
        message = _("{name} has policies that this version lacks: {policies}")
        raise UsageError(message.format(name=name, policies=", ".join(gone)))
    return {id: _as_it_was(policies[id], settings[id]) for id in policies if id in settings}


def _as_it_was(policy: Policy, setting: Mapping[str, Any]) -> Policy:
    frozen = {
        field.name: _value(field, setting) for field in fields(Policy) if field.name in DECIDES
    }
    return replace(policy, **{**frozen, "params": {**policy.params, **frozen["params"]}})


def _value(field: FieldInfo, setting: Mapping[str, Any]) -> Any:
    """What a release says; a policy that was without it has what every policy has without."""
    if field.name not in setting:
        return field.default_factory() if field.default is NODEFAULT else field.default
    value = setting[field.name]
    return tuple(value) if field.name in _LISTS else value
