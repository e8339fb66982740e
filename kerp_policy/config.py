"""The project's configuration: `.kerp-policy.yaml`, or `[tool.kerp-policy]` in pyproject.toml."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kerp_policy.errors import FieldError, UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.model import External
from kerp_policy.policy.text import text_of
from kerp_policy.regex import regex
from kerp_policy.sources.discover import CONFIG, PYPROJECT

if TYPE_CHECKING:
    from kerp_policy.waivers.model import Waiver

FIXTURES = "fixtures"
"""The folder in a folder of policies that holds what they are tested with. Breaches stand there on
purpose, so it is no part of what is judged."""

_HEADER = regex(r"\s*\[\s*tool\s*\.\s*\"?kerp-policy\"?\s*\]\s*(#.*)?")


class Config(Struct, frozen=True):
    """What a project sets; the command line goes before it."""

    profile: str = "kerp"
    policies: tuple[Path, ...] = ()
    exclude: tuple[str, ...] = ()
    externals: tuple[External, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    fail_on: str = "error"
    kubernetes_version: str | None = None
    alertmanager_version: str | None = None


class Written(Struct, frozen=True):
    """A configuration as it stands in its file.

    `text` is YAML in any case: a table of TOML becomes YAML whose keys stand on the lines that
    they have in the TOML file, so that one reader tells the place of a mistake.
    """

    file: Path
    text: str


def load_config(root: Path) -> Config:
    """Read the configuration in a folder, or the defaults where there is none.

    Raises:
        UsageError: it is not valid; the message names the place and suggests the right key.
    """
    found = written(root)
    if found is None:
        return Config()
    data = settings(found)
    names = data.get("policies", ())
    fields: dict[str, Any] = {key.replace("-", "_"): value for key, value in data.items()}
    fields["policies"] = tuple(_folder(root, found, i, n) for i, n in enumerate(names))
    fields["exclude"] = (*data.get("exclude", ()), *map(_fixtures, names))
    fields["externals"] = tuple(map(_external, data.get("externals", ())))
    fields["waivers"] = _waivers(found, data.get("waivers", ()))
    return Config(**fields)


def settings(found: Written) -> dict[str, Any]:
    """What a configuration says, by the keys that it is written with.

    Raises:
        UsageError: it is no YAML, or does not fit its schema.
    """
    if _is_empty(found.text):
        return {}
    from kerp_policy.policy.validate import validated

    return validated(found.text, "config", str(found.file))


def _is_empty(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())


def _external(data: dict[str, str]) -> External:
    return External(data["name"], data.get("is", ""), data["reason"])


def _waivers(found: Written, entries: Sequence[Mapping[str, Any]]) -> tuple[Waiver, ...]:
    if not entries:
        return ()
    from kerp_policy.policy.validate import located
    from kerp_policy.waivers.configured import configured

    try:
        return configured(found.text, found.file.name, entries)
    except FieldError as error:
        raise located(found.text, str(found.file), error) from None


def written(root: Path) -> Written | None:
    """The configuration of a folder, or None where it has none.

    Raises:
        UsageError: the file cannot be read, is a folder or the like, or is no TOML.
    """
    own = root / CONFIG
    if own.is_file():
        return Written(own, _text_within(root, own))
    if own.exists() or own.is_symlink():  # to judge by another standard would be no answer
        raise UsageError(_("{file}: is no regular file").format(file=own))
    project = root / PYPROJECT
    if not project.is_file():
        return None
    text = _text_within(root, project)
    tables = _toml(project, text).get("tool", {})
    if not isinstance(tables, dict) or "kerp-policy" not in tables:
        return None
    return Written(project, _as_yaml(text, tables["kerp-policy"]))


def _text_within(root: Path, file: Path) -> str:
    """The text of a file that is no link to elsewhere, as its mistakes are quoted."""
    place = file.resolve()
    home = root.resolve()
    if not place.is_relative_to(home) or ".git" in place.relative_to(home).parts:
        message = _("{file}: is a symbolic link out of the project; it is not followed")
        raise UsageError(message.format(file=file))
    return text_of(file)


def _folder(root: Path, found: Written, index: int, name: str) -> Path:
    """A folder of policies within the project: a repository may not point elsewhere."""
    folder = root / name
    try:
        is_inside = folder.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        raise _mistake(
            found, index, _("{name!r} is no path to a folder").format(name=name)
        ) from None
    if not is_inside:
        raise _mistake(found, index, _("{name} leads out of the project").format(name=name))
    if not folder.is_dir():
        raise _mistake(found, index, _("there is no folder {name}").format(name=name))
    return folder


def _mistake(found: Written, index: int, message: str) -> UsageError:
    from kerp_policy.policy.validate import located

    error = FieldError(("policies", index), f"policies: {message}")
    return located(found.text, str(found.file), error)


def _fixtures(name: str) -> str:
    """The pattern of .gitignore for the fixtures of a folder of policies."""
    path = posixpath.normpath(f"/{name}/{FIXTURES}")
    return re.sub(r"([\\*?!\[\]])", r"\\\1", path) + "/"


def _toml(file: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: {error}") from None


def _as_yaml(text: str, table: Any) -> str:
    """A table as YAML, each key on its line of the TOML; as one value where that does not show."""
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if _HEADER.fullmatch(line)), len(lines))
    end = next((i for i in range(start + 1, len(lines)) if lines[i].startswith("[")), len(lines))
    keys = table if isinstance(table, dict) else {}
    at = {key: _line(lines, key, start + 1, end) for key in keys}
    if not keys or None in at.values():
        return json.dumps(table)
    on = {line: f"{json.dumps(key)}: {json.dumps(table[key])}" for key, line in at.items()}
    return "\n".join(on.get(i, "") for i in range(end))


def _line(lines: list[str], key: str, start: int, end: int) -> int | None:
    pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    return next((i for i in range(start, end) if pattern.match(lines[i])), None)
