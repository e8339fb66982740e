"""The standard of an organisation: a folder whose configuration decides in every repository."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.config import Config, load_config, written
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.folder import CONTROLS, PROFILES
from kerp_policy.policy.load import load_library


class SharedStandard(Struct, frozen=True):
    """A standard that all are held to: where it lies, and a hash of all that it is read from.

    It travels as that, since policies are larger than what is asked of a repository.
    """

    folder: str
    seal: str


def shared_standard(folder: Path) -> SharedStandard:
    """The standard that a folder configures.

    Raises:
        UsageError: the folder configures none, or one that is not valid.
    """
    if not folder.is_dir():
        raise UsageError(_("--standard {folder}: there is no such folder").format(folder=folder))
    if written(folder) is None:
        message = _("--standard {folder}: has no .kerp-policy.yaml, nor a table in pyproject.toml")
        raise UsageError(message.format(folder=folder))
    return SharedStandard(str(folder), _seal(folder, load_config(folder)))


@lru_cache(1)
def config_of(standard: SharedStandard) -> Config:
    """The configuration of a standard; what it is read from is looked at once.

    Raises:
        UsageError: it is not valid, or not what lies there where somebody asked for it.
    """
    folder = Path(standard.folder)
    load_library.cache_clear()  # these folders may have been others yesterday
    if not folder.is_dir() or _seal(folder, config := load_config(folder)) != standard.seal:
        message = _("--standard {folder}: does not hold the same files as where the audit began")
        raise UsageError(message.format(folder=folder))
    load_library(config.policies, config.profile)
    return config


def imposed(standard: SharedStandard, own: Config) -> Config:
    """What decides in a repository: what is asked of it, and what it alone can know of itself.

    All that an own configuration can take away here is counted in a report: waivers as waived,
    and `exclude` and `externals` by what `Summary` has of them.
    """
    asked = config_of(standard)
    externals = (*asked.externals, *own.externals)
    return replace(asked, exclude=own.exclude, externals=externals, waivers=own.waivers)


def own_policies(own: Config) -> frozenset[str]:
    """The names of policies that a repository has itself: its waivers of them are no mistakes."""
    files = (file for folder in own.policies for file in folder.glob("*/*.yaml"))
    return frozenset(file.stem for file in files if file.parent.name not in (PROFILES, CONTROLS))


def digest(files: Mapping[str, Path]) -> str:
    """A hash of files by their names, in whatever order they come."""
    found = hashlib.sha256()
    for name in sorted(files):
        content = hashlib.sha256(files[name].read_bytes()).hexdigest()
        found.update(f"{name} {content}\n".encode("utf-8", "surrogateescape"))
    return found.hexdigest()


def _seal(folder: Path, config: Config) -> str:
    found = written(folder)
    read = [found.file] if found else []
    for policies in config.policies:
        read += [*policies.glob("*.y*ml"), *policies.glob("*/*.y*ml")]
    return digest({str(file.relative_to(folder)): file for file in read if file.is_file()})
