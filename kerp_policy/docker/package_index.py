"""What package managers leave behind of their indexes, and what takes it away again.

Sources: the manuals of apk, apt-get, yum, dnf, microdnf and zypper.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

from kerp_policy.artifacts.shell import Command
from kerp_policy.docker.walk import texts
from kerp_policy.words import word_set


class Manager(Struct, frozen=True):
    """A package manager.

    Attributes:
        fetching: the subcommands that fetch the index and keep it.
        folders: where it lies; the first is named in messages.
        cleaning: the arguments with which the manager itself removes it.
        without: the option with which it keeps nothing; empty where there is none.
        remedy: what to do, for the message.
        valued: the options whose value is the next word.
    """

    fetching: frozenset[str]
    folders: tuple[str, ...]
    cleaning: frozenset[str]
    without: str
    remedy: str
    valued: frozenset[str]


_RPM = word_set(
    "install update upgrade makecache groupinstall localinstall reinstall builddep check-update"
    " distro-sync swap"
)
_RPM_FOLDERS = ("/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5", "/var/cache/tdnf")
_APT = Manager(
    word_set("update"),
    ("/var/lib/apt/lists",),
    word_set("dist-clean distclean"),
    "",
    "rm -rf /var/lib/apt/lists/*",
    word_set("-o --option -c --config-file -t --target-release --default-release -a -P"),
)
_APK = Manager(
    word_set("add update upgrade"),
    ("/var/cache/apk", "/etc/apk/cache"),
    frozenset(),
    "--no-cache",
    "apk --no-cache",
    word_set("-X --repository -p --root -t --virtual --arch --keys-dir --repositories-file --wait"),
)
_ZYPPER = Manager(
    word_set("install in update up refresh ref dist-upgrade dup patch"),
    ("/var/cache/zypp",),
    word_set("clean cc"),
    "",
    "zypper clean --all",
    word_set("-c --config -R --root -D --reposd-dir -C --cache-dir -p --plus-repo --releasever"),
)


def _rpm(name: str) -> Manager:
    valued = "-c --config -x --exclude --enablerepo --disablerepo --repo --repoid --installroot"
    valued += " --releasever --setopt --forcearch --repofrompath -d -e -R"
    return Manager(_RPM, _RPM_FOLDERS, word_set("clean"), "", f"{name} clean all", word_set(valued))


MANAGERS: Mapping[str, Manager] = {
    "apk": _APK,
    "apt": _APT,
    "apt-get": _APT,
    "aptitude": _APT,
    **{name: _rpm(name) for name in ("yum", "dnf", "dnf5", "microdnf", "tdnf")},
    "zypper": _ZYPPER,
}


def fetched(command: Command) -> str:
    """The manager whose index a command fetches and keeps; empty where it keeps none."""
    words = texts(command.unwrapped())
    name = words[0].rpartition("/")[2] if words else ""
    manager = MANAGERS.get(name)
    if manager is None or _subcommand(words, manager) not in manager.fetching:
        return ""
    if manager.without and manager.without in words:
        return ""
    return "" if "--no-network" in words or "--help" in words else name


def _subcommand(words: Sequence[str], manager: Manager) -> str:
    """The first word that is neither an option nor the value of one."""
    for before, word in pairwise(words):
        if word and not word.startswith("-") and before not in manager.valued:
            return word
    return ""


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
