"""What package managers leave behind of their indexes, and what takes it away again.

Sources: the manuals of apk, apt-get, yum, dnf, microdnf and zypper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from kerp_policy.artifacts.shell import Command
from kerp_policy.docker.walk import texts


class Manager(Struct, frozen=True):
    """A package manager.

    Attributes:
        fetching: the subcommands that fetch the index and keep it.
        folders: where it lies; the first is named in messages.
        cleaning: the arguments with which the manager itself removes it.
        without: the option with which it keeps nothing; empty where there is none.
        remedy: what to do, for the message.
    """

    fetching: frozenset[str]
    folders: tuple[str, ...]
    cleaning: frozenset[str]
    without: str
    remedy: str


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RPM = _words(
    "install update upgrade makecache groupinstall localinstall reinstall builddep check-update"
    " distro-sync swap"
)
_RPM_FOLDERS = ("/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5", "/var/cache/tdnf")
_APT = Manager(
    _words("update"),
    ("/var/lib/apt/lists",),
    _words("dist-clean distclean"),
    "",
    "rm -rf /var/lib/apt/lists/*",
)
MANAGERS: Mapping[str, Manager] = {
    "apk": Manager(
        _words("add update upgrade"),
        ("/var/cache/apk", "/etc/apk/cache"),
        frozenset(),
        "--no-cache",
        "apk --no-cache",
    ),
    "apt": _APT,
    "apt-get": _APT,
    "aptitude": _APT,
    "yum": Manager(_RPM, _RPM_FOLDERS, _words("clean"), "", "yum clean all"),
    "dnf": Manager(_RPM, _RPM_FOLDERS, _words("clean"), "", "dnf clean all"),
    "microdnf": Manager(_RPM, _RPM_FOLDERS, _words("clean"), "", "microdnf clean all"),
    "tdnf": Manager(_RPM, _RPM_FOLDERS, _words("clean"), "", "tdnf clean all"),
    "zypper": Manager(
        _words("install in update up refresh ref dist-upgrade dup patch"),
        ("/var/cache/zypp",),
        _words("clean cc"),
        "",
        "zypper clean --all",
    ),
}


def fetched(command: Command) -> str:
    """The manager whose index a command fetches and keeps; empty where it keeps none."""
    words = texts(command.unwrapped())
    name = words[0].rpartition("/")[2] if words else ""
    manager = MANAGERS.get(name)
    if manager is None or _subcommand(words) not in manager.fetching:
        return ""
    if manager.without and manager.without in words:
        return ""
    return "" if "--no-network" in words or "--help" in words else name


def _subcommand(words: Sequence[str]) -> str:
    return next((word for word in words[1:] if word and not word.startswith("-")), "")


def removes(command: Command, name: str) -> bool:
    """Whether a command removes the index of a manager."""
    manager = MANAGERS[name]
    words = texts(command.unwrapped())
    program = words[0].rpartition("/")[2] if words else ""
    own = MANAGERS.get(program)
    if own is not None and own.folders == manager.folders:
        return not manager.cleaning.isdisjoint(words[1:])
    if program not in ("rm", "find"):
        return False
    return any(
        _reaches(word.raw.strip("\"'"), folder)
        for word in command.unwrapped()[1:]
        for folder in manager.folders
    )


def _reaches(written: str, folder: str) -> bool:
    """Whether a path, as written, is the index's folder, lies in it or holds it.

    A path with an expansion or with braces is given the benefit of the doubt.
    """
    if not written.startswith(("/", "$", "`")):
        return False
    start = min((written.find(mark) for mark in "$`{*?[" if mark in written), default=-1)
    if start >= 0:
        return folder.startswith(written[:start].rstrip("/")) or written.startswith(folder)
    path = written.rstrip("/")
    return bool(path) and (f"{folder}/".startswith(f"{path}/") or path.startswith(f"{folder}/"))


def is_mounted(target: str, name: str) -> bool:
    """Whether a mount at this path keeps the manager's index out of the image."""
    path = target.rstrip("/")
    return any(f"{folder}/".startswith(f"{path}/") for folder in MANAGERS[name].folders)
