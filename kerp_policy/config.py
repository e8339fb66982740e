"""The project's configuration: `.kerp-policy.yaml`, or `[tool.kerp-policy]` in pyproject.toml."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerp_policy.errors import UsageError
from kerp_policy.policy.model import External
from kerp_policy.sources.discover import CONFIG


@dataclass(frozen=True, slots=True)
class Config:
    """What a project sets; the command line goes before it."""

    profile: str = "kerp"
    policies: tuple[Path, ...] = ()
    exclude: tuple[str, ...] = ()
    externals: tuple[External, ...] = ()
    fail_on: str = "error"
    kubernetes_version: str | None = None
    alertmanager_version: str | None = None


def load_config(root: Path) -> Config:
    """Read the configuration in a folder, or the defaults where there is none.

    Raises:
        UsageError: it is not valid; the message names the place and suggests the right key.
    """
    file, data = _read(root)
    if file is None:
        return Config()
    settings = {key.replace("-", "_"): value for key, value in data.items()}
    settings["exclude"] = tuple(settings.get("exclude", ()))
    settings["policies"] = tuple(_folder(root, file, name) for name in data.get("policies", ()))
    settings["externals"] = tuple(map(_external, data.get("externals", ())))
    return Config(**settings)


def _external(data: dict[str, str]) -> External:
    return External(data["name"], data.get("is", ""), data["reason"])


def _folder(root: Path, file: Path, name: str) -> Path:
    """A folder of policies within the project: a repository may not point elsewhere."""
    folder = root / name
    if not folder.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{file}: policies: {name} leads out of the project")
    if not folder.is_dir():
        raise UsageError(f"{file}: policies: {name} is no folder")
    return folder


def _read(root: Path) -> tuple[Path | None, dict[str, Any]]:
    if (root / CONFIG).is_file():
        text = _text(root / CONFIG)
        return root / CONFIG, _valid(text, str(root / CONFIG)) if text.strip() else {}
    project = root / "pyproject.toml"
    tables = _toml(project) if project.is_file() else {}
    if "kerp-policy" not in tables.get("tool", {}):
        return None, {}
    text = json.dumps(tables["tool"]["kerp-policy"])
    return project, _valid(text, f"{project} [tool.kerp-policy]")


def _valid(text: str, file: str) -> dict[str, Any]:
    from kerp_policy.policy.validate import validated

    return validated(text, "config", file)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from None


def _toml(file: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: {error}") from None
