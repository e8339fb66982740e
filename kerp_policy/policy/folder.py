"""The files of a folder of policies: which are read, and what they say as plain data."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from kerp_policy.cache.policies import kept
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.installed import is_installed
from kerp_policy.policy.text import text_of

PROFILES = "profiles"
CONTROLS = "controls"
KUBERNETES = "kubernetes"
SCHEMAS = {PROFILES: "profile", CONTROLS: "controls"}
"""What lies in a folder of this name, besides policies."""


@cache
def builtin_folder() -> Path:
    """The policies that ship: inside the package of a wheel, beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "policies"
    return inside if inside.is_dir() else package.parent / "policies"


def ships(file: str) -> bool:
    """Whether a policy's file is one of ours; each start asks of hundreds, so no Path is made."""
    return file.startswith(f"{builtin_folder()}{os.sep}")


def read_folder(folder: Path) -> dict[str, dict[str, Any]]:
    """Every policy and profile of a folder as plain data, by its path below the folder.

    Args:
        folder: where they lie.

    Raises:
        UsageError: it holds none, one is not valid, or a file lies where none is read.
    """
    files = _files(folder)
    if not files:
        message = _("{folder}: holds no policy or profile, as */*.yaml")
        raise UsageError(message.format(folder=folder))

    def parse() -> dict[str, dict[str, Any]]:
        return _parsed(folder, files)

    data = kept(_state(folder, files), parse)
    others = any(is_installed(str(policy.get("check", ""))) for policy in data.values())
    return parse() if others else data


def _state(folder: Path, files: list[str]) -> object:
    """What changes when a file does.

    Of a team's files that is the text; of ours, which an installation puts there and which are
    two hundred, size and time.
    """
    if folder != builtin_folder():
        return [(str(folder / file), text_of(folder / file)) for file in files]
    found = [(file, os.stat(f"{folder}/{file}")) for file in files]  # noqa: PTH116  (too slow)
    return [str(folder), *((file, stat.st_size, stat.st_mtime_ns) for file, stat in found)]


def _files(folder: Path) -> list[str]:
    """The files of a folder, by their path below it.

    None is passed over in silence: a policy that is not read is a rule that nobody knows is off.

    Raises:
        UsageError: a file of a team's folder lies where none is read, or is a link to elsewhere.
    """
    above, patterns = len(folder.parts), ("*.y*ml", "*/*.y*ml")
    found = {path.parts[above:] for pattern in patterns for path in folder.glob(pattern)}
    files = ["/".join(parts) for parts in sorted(found)]
    if folder == builtin_folder():  # what installed ours may have put links there
        return files
    return [file for file in files if _is_read(folder, folder / file)]


def _is_read(folder: Path, path: Path) -> bool:
    if not path.resolve().is_relative_to(folder.resolve()):
        message = _("{file}: is a link out of {folder}; it is not followed")
        raise UsageError(message.format(file=path, folder=folder))
    if path.parent == folder or path.suffix != ".yaml":
        place = folder / (KUBERNETES if path.parent == folder else path.parent.name)
        message = _("{file}: is not read; a policy is, as {place}.yaml")
        raise UsageError(message.format(file=path, place=place / path.stem))
    if not path.is_file() and not path.is_dir():
        raise UsageError(_("{file}: is no regular file").format(file=path))
    return path.is_file()


def _parsed(folder: Path, files: list[str]) -> dict[str, dict[str, Any]]:
    """What the files say; raises UsageError with the mistakes of all of them."""
    data, wrong = dict[str, dict[str, Any]](), list[str]()
    for file in files:
        try:
            data[file] = _parse(folder / file)
        except UsageError as error:
            wrong.append(str(error))
    if wrong:
        raise UsageError("\n".join(wrong))
    return data


def _parse(file: Path) -> dict[str, Any]:
    from kerp_policy.policy.review import review_policy
    from kerp_policy.policy.validate import validated

    text = text_of(file)
    if file.parent.name in SCHEMAS:
        return validated(text, SCHEMAS[file.parent.name], str(file))
    return validated(text, "policy", str(file), review_policy)
