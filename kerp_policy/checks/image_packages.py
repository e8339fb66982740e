"""Checks of the packages that a build installs.

Source: Docker, "Building best practices", apt-get; the manuals of the package managers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from kerp_policy.artifacts.dockerfile import Instruction
from kerp_policy.artifacts.dockerfile.history import base_reference
from kerp_policy.artifacts.shell import Command, Shell
from kerp_policy.artifacts.shell.inner import SHELLS
from kerp_policy.docker.installs import FAMILIES, Installation, installation, newest, sorted_words
from kerp_policy.docker.package_index import MANAGERS
from kerp_policy.docker.walk import commands, runs, texts
from kerp_policy.findings import Related, Remark
from kerp_policy.parameters import each_once, one_of, takes
from kerp_policy.regex import regex
from kerp_policy.scopes.dockerfile import DockerfileSubject
from kerp_policy.views import View
from kerp_policy.wording import clipped
from kerp_policy.words import word_set

_SNAPSHOTS = ("snapshot.debian.org", "snapshot.ubuntu.com", "snapshot.ubuntu.org")
_ALPINE = regex(r"alpine[:_-]?v?3\.\d+")
_CONSTRAINED = ("PIP_CONSTRAINT", "UV_CONSTRAINT", "UV_EXCLUDE_NEWER", "PIP_NO_INDEX")
_APT = frozenset({"apt", "apt-get", "aptitude"})
_ASKING: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(
        _APT,
        word_set(
            "install reinstall satisfy build-dep upgrade safe-upgrade dist-upgrade full-upgrade"
            " remove purge autoremove autopurge"
        ),
    ),
    **dict.fromkeys(
        ("yum", "dnf", "dnf5", "tdnf"),
        word_set(
            "install reinstall localinstall groupinstall builddep update upgrade distro-sync swap"
            " remove erase autoremove downgrade"
        ),
    ),
    "zypper": word_set("install in update up dist-upgrade dup patch remove rm source-install si"),
}
"""Subcommands at which a manager asks whether to go on."""
_NAMED = frozenset({"remove", "purge", "erase", "rm"})
"""Those that do nothing where no package is named."""
_SAYS_YES = regex(
    r"-q=[2-9]|--yes|--assume-?yes|--force-yes|--no-confirm"
    r"|--non-interactive|--trivial-only|--(?:download|print).*|--simulate|--dry-run|-[sd]|--help"
    r"|--assumeno|--assume-no|-D"
)
_ASSUMED = ("Assume-Yes", "assumeyes", "apt.conf", "dnf.conf", "yum.conf", "zypper.conf")
_LETTERS = frozenset("ctoaPxReDp")
"""Short options whose value may be attached, so that a `y` behind them means nothing."""
_RECOMMENDS = ("--no-install-recommends", "--without-recommends", "-R", "--no-download", "--help")
_RECOMMENDED = ("Install-Recommends", "apt.conf")
_SETTING_UP = frozenset({"add-apt-repository", "extrepo", "eval", "source", "."})
_WHOLE_SYSTEM: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_APT, word_set("dist-upgrade full-upgrade")),
    **dict.fromkeys(("dnf", "dnf5", "yum", "tdnf"), word_set("distro-sync system-upgrade")),
    "zypper": word_set("dist-upgrade dup"),
    "do-release-upgrade": frozenset(),
}


@takes(managers=each_once(one_of(*FAMILIES)))
def pinned(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What some package managers install is named with its version; one finding a command."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    wanted = frozenset(params["managers"])
    for instruction, command in commands([subject.stage]):
        found = installation(command)
        said = newest(found) if found and found.family in wanted else None
        if found and said and not _settled_elsewhere(subject, found):
            message, word = said
            place = subject.place(instruction, word.span)
            yield Remark(place, message, subject=clipped(word.text or "", 40))


def _settled_elsewhere(subject: DockerfileSubject, found: Installation) -> bool:
    """Whether the base image, a snapshot or constraints tell the versions.

    The repository of an Alpine release holds one version of a package, and only fixes replace it.
    """
    assert subject.stage
    base = base_reference(subject.stage.root) if found.family == "apk" else ""
    if _ALPINE.search(base) or ("alpine" in base and "@sha" in base):
        return True  # its release of Alpine is named, or its digest, which has one
    signs = {"apt": _SNAPSHOTS, "pip": _CONSTRAINED}.get(found.family, ())
    return _mentions(subject, *signs)


def _mentions(subject: DockerfileSubject, *signs: str) -> bool:
    return _has_any(subject.graph.dockerfile.source.text, signs)


@lru_cache(maxsize=16)  # a file may install in many places
def _has_any(text: str, signs: tuple[str, ...]) -> bool:
    return any(sign in text for sign in signs)


def unattended(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A package manager that asks whether to go on is told so beforehand."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, shell in runs([subject.stage]):
        for command in shell.commands:
            action = _asks(command)
            if action and not _is_answered(command, shell) and not _mentions(subject, *_ASSUMED):
                message = f"{action} asks whether to go on, and a build has nobody to answer"
                option = "--non-interactive" if action.startswith("zypper") else "-y"
                place = subject.place(instruction, command.span)
                yield Remark(place, f"{message}; expected {option}", subject=action)


def _asks(command: Command) -> str:
    """The program and subcommand at which it asks; empty where it does not."""
    words = command.unwrapped()
    program = (words[0].text or "").rpartition("/")[2] if words else ""
    if program not in _ASKING:
        return ""
    operands, options = sorted_words(words[1:], MANAGERS[program].valued)
    action = operands[0].text if operands else None
    if action not in _ASKING[program] or any(map(_says_yes, options)):
        return ""
    if action in _NAMED and len(operands) == 1:
        return ""
    unknown = any(word.text is None and not word.prefix for word in words)
    return "" if unknown else f"{program} {action}"


def _says_yes(option: str) -> bool:
    attached = option[:1] == "-" and option[1:2] in _LETTERS and len(option) > 2
    letters = option[1:] if option[:1] == "-" and option[1:].isalpha() else ""
    quiet = letters.islower() and ("qq" in letters or "n" in letters)
    said = "y" in letters or quiet or _SAYS_YES.fullmatch(option) is not None
    return said and not attached


def _is_answered(command: Command, shell: Shell) -> bool:
    """Whether something is piped or redirected into it, as `yes |`."""
    return command.piped_from is not None or any("<" in r.operator for r in command.redirects)


def recommended(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """apt-get installs no packages that are merely recommended."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, command in commands([subject.stage], onbuild=False):
        found = installation(command)
        if found is None or found.family != "apt" or not found.packages:
            continue
        said = " ".join(word.raw for word in command.words)
        without = any(option.partition("=")[0] in _RECOMMENDS for option in found.options)
        if not without and not _mentions(subject, *_RECOMMENDED) and "$" not in said:
            message = f"{found.program} installs recommended packages, too"
            place = subject.place(instruction, command.span)
            yield Remark(place, f"{message}; expected --no-install-recommends")


def apt_command(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A build uses apt-get, whose command line is stable; one finding a stage."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, command in commands([subject.stage]):
        words = texts(command.unwrapped())
        if words[1:] and words[0].rpartition("/")[2] == "apt":
            place = subject.place(instruction, command.unwrapped()[0].span)
            yield Remark(place, "apt is for people at a terminal; expected apt-get or apt-cache")
            return


def stale_index(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The index that packages are installed from is fetched in the same RUN."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    fetched: dict[str, Instruction] = {}
    for instruction, shell in runs([subject.stage], onbuild=False):
        updated: dict[str, Instruction] = {}
        for command in shell.commands:
            if _may_update(command):
                fetched.clear()
            if family := _updates(command):
                updated[family] = instruction
                fetched.pop(family, None)
            found = installation(command)
            earlier = fetched.pop(found.family, None) if found and _uses_index(found) else None
            if found and earlier:
                yield _stale(subject, instruction, command, found, earlier)
        fetched |= updated


def _updates(command: Command) -> str:
    words = texts(command.unwrapped())
    program = words[0].rpartition("/")[2] if words else ""
    if "update" not in words[1:]:
        return ""
    return "apt" if program in _APT else "apk" if program == "apk" else ""


def _may_update(command: Command) -> bool:
    """Whether a command may fetch the index, as scripts do that set up a repository."""
    words, program = texts(command.unwrapped()), command.program or ""
    by_path = bool(words) and "/" in words[0]
    return by_path or not words or program in SHELLS or program in _SETTING_UP


def _uses_index(found: Installation) -> bool:
    fresh = {"--no-cache", "-U", "--update", "--update-cache"}
    return found.family in ("apt", "apk") and not fresh.intersection(found.options)


def _stale(
    subject: DockerfileSubject,
    instruction: Instruction,
    command: Command,
    found: Installation,
    earlier: Instruction,
) -> Remark:
    there = subject.place(earlier)
    message = (
        f"{found.program} installs from the index that line {there.span.line} fetched, which a"
        " build cache may have kept since long ago; expected the update in the same RUN"
    )
    related = Related(subject.file, there, "the index is fetched here")
    place = subject.place(instruction, command.span)
    return Remark(place, message, subject=found.family, related=(related,))


def whole_system(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No build moves the whole base image to another state of its distribution."""
    subject: DockerfileSubject = view.subject
    assert subject.stage
    for instruction, command in commands([subject.stage]):
        words = texts(command.unwrapped())
        program = words[0].rpartition("/")[2] if words else ""
        actions = _WHOLE_SYSTEM.get(program)
        if actions is None:
            continue
        action = next((word for word in words[1:] if word in actions), "")
        if action or not actions:
            shown = f"{program} {action}".strip()
            message = f"{shown} replaces what the base image was pinned for"
            yield Remark(
                subject.place(instruction, command.span),
                f"{message}; expected a newer base image",
                subject=shown,
            )
