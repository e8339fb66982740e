"""Finding, reading and validating policies and profiles."""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from kerp_policy import __version__
from kerp_policy.errors import UsageError
from kerp_policy.policy.model import Policy, Profile
from kerp_policy.policy.profiles import known, resolve

PROFILES = "profiles"


def builtin_folder() -> Path:
    """The policies that ship: inside the package of a wheel, beside it in a checkout."""
    package = Path(str(importlib.resources.files("kerp_policy")))
    inside = package / "policies"
    return inside if inside.is_dir() else package.parent / "policies"


def load_profile(name: str, *, use_cache: bool = True) -> Profile:
    """Read the policies and the profile of a name.

    Raises:
        UsageError: there is no such profile, or a file is no valid policy or profile.
    """
    files = _read_files(use_cache=use_cache)
    profiles = {Path(path).stem: data for path, data in files.items() if _is_profile(path)}
    known(name, profiles, "the command line or configuration", "profile")
    return resolve(name, profiles[name], load_policies(use_cache=use_cache))


@cache
def load_policies(*, use_cache: bool = True) -> dict[str, Policy]:
    """Every policy that ships, by id: the name of its file.

    Raises:
        UsageError: a file is no valid policy, or two have one name.
    """
    policies: dict[str, Policy] = {}
    for path, data in _read_files(use_cache=use_cache).items():
        if _is_profile(path):
            continue
        policy = _policy(path, data)
        if policy.id in policies:
            raise UsageError(f"{path}: a policy of the name {policy.id} exists already")
        policies[policy.id] = policy
    return policies


def _policy(path: str, data: dict[str, Any]) -> Policy:
    lists = {key: tuple(data.get(key, ())) for key in ("clauses", "topics", "controls", "examples")}
    return Policy(id=Path(path).stem, artifact=Path(path).parent.name, **{**data, **lists})


def _is_profile(path: str) -> bool:
    return Path(path).parent.name == PROFILES


@cache
def _read_files(*, use_cache: bool) -> dict[str, dict[str, Any]]:
    """Every policy and profile as plain data, by its path below the folder.

    What was validated once is kept in the user's cache folder under the hash of its text, since
    validating costs more than all else at start.
    """
    folder = builtin_folder()
    texts = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in _files(folder)
    }
    cached = _cache_file(texts) if use_cache else None
    if cached and (data := _read_cache(cached)) is not None:
        return data
    parsed = {path: _parse(folder, path, text) for path, text in texts.items()}
    if cached:
        _write_cache(cached, parsed)
    return parsed


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.glob("*/*.yaml")))


def _parse(folder: Path, path: str, text: str) -> dict[str, Any]:
    from kerp_policy.policy.validate import validated

    schema = "profile" if _is_profile(path) else "policy"
    return validated(text, schema, str(folder / path))


def _cache_file(texts: dict[str, str]) -> Path | None:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
    if home.startswith("~"):
        return None
    seen = hashlib.sha256(json.dumps([__version__, sorted(texts.items())]).encode())
    return Path(home) / "kerp-policy" / f"policies-{seen.hexdigest()[:32]}.json"


def _read_cache(path: Path) -> dict[str, dict[str, Any]] | None:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _write_cache(path: Path, data: dict[str, dict[str, Any]]) -> None:
    """Write by way of a second file, so that nobody reads half of it; do without if it fails."""
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(data), "utf-8")
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
