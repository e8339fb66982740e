"""Which packages a command installs, and which of them it names without a version.

Sources: the manuals of apt-get, apk, dnf, zypper, pip, uv, pipx, npm, yarn, pnpm, bun, gem, go
and cargo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.docker.package_index import MANAGERS
from kerp_policy.regex import regex
from kerp_policy.wording import clipped, listed
from kerp_policy.words import word_set

_SHOWN = 3
_LONGEST = 80
"""Characters of a name: the path of a Go program is told to its end."""


class Installer(Struct, frozen=True):
    """How a package manager is told what to install.

    Attributes:
        leads: the subcommands that install, each as its words.
        valued: the options whose value is the next word.
        loose: a name that leaves the version open; what it does not match is not judged.
        expected: how a version is written.
        settling: options with which something else settles the versions, or nothing is installed.
    """

    leads: tuple[tuple[str, ...], ...]
    valued: frozenset[str]
    loose: re.Pattern[str]
    expected: str
    settling: frozenset[str] = frozenset()


_FILES = r"(?!.*\.(?:deb|apk|rpm|whl|gem|tgz|zip|tar\.\w+)$)"
_APT = Installer(
    (("install",), ("satisfy",)),
    MANAGERS["apt-get"].valued,
    regex(_FILES + r"[a-z0-9][a-z0-9+.-]*[a-z0-9+.](?::[a-z0-9]+)?"),
    "name=version",
    word_set("--download-only -d -s --simulate --print-uris --help"),
)
_APK = Installer(
    (("add",),),
    MANAGERS["apk"].valued,
    regex(_FILES + r"[A-Za-z0-9][\w+.-]*(?:@\w+)?(?:>=?[^<=~]*)?"),
    "name=version or name~version",
    word_set("--no-network -s --simulate --help"),
)
_RPM = Installer(
    (("install",), ("reinstall",)),
    MANAGERS["dnf"].valued,
    regex(_FILES + r"(?!.*-\d[^-]*(?:-\d[^-]*)?$)[A-Za-z0-9][\w+.-]*"),
    "name-version",
    word_set("--downloadonly --assumeno --help"),
)
_ZYPPER = Installer(
    (("install",), ("in",)),
    MANAGERS["zypper"].valued | word_set("--from --repo -r"),
    _RPM.loose,
    "name=version",
    word_set("-t --type -D --dry-run --download-only --help"),
)
_PIP = Installer(
    (("install",), ("pip", "install")),
    word_set(
        "-r --requirement -c --constraint -e --editable -i --index-url --extra-index-url -f"
        " --find-links -t --target --prefix --root --platform --python-version --implementation"
        " --abi --trusted-host --proxy --retries --timeout --cache-dir --log --progress-bar"
        " --upgrade-strategy --no-binary --only-binary -C --config-settings --global-option --src"
        " --report --cert --client-cert --python -p --index --default-index --link-mode --group"
        " --pip-args --suffix --uploaded-prior-to"
    ),
    regex(
        _FILES + r"[A-Za-z0-9][\w.-]*(?:\[[\w., -]*\])?\s*(?:(?:>=?|!=)[^,<=~]*)?"
        r"|(?:[\w.-]+ *@ *)?git\+\w+://(?:[\w.-]+@)?[^@\s]*"
    ),
    "name==version",
    word_set(
        "-c --constraint --constraints --override --overrides --no-index --dry-run --exclude-newer"
        " --uploaded-prior-to --help"
    ),
)
_NPM = Installer(
    (("install",), ("i",), ("add",), ("global", "add")),
    word_set(
        "--prefix --registry --cache --loglevel --tag --omit --include --userconfig -C --dir"
        " --workspace -w --location --before --cwd --modules-folder --cache-folder --global-folder"
    ),
    regex(_FILES + r"(?:@[\w.-]+/)?[A-Za-z0-9][\w.-]*(?:@(?!v?\d)(?:[A-Za-z][\w-]*|\*|>=?.*))?"),
    "name@version",
    word_set("--before --dry-run --help"),
)
_GEM = Installer(
    (("install",), ("i",)),
    word_set(
        "-i --install-dir -n --bindir -s --source -P --trust-policy --platform -p --build-root"
    ),
    regex(_FILES + r"[A-Za-z][\w-]*"),
    "name:version",
    word_set("-v --version -g --file --explain --local -l --help"),
)
_GO = Installer(
    (("install",), ("get",)),
    word_set("-C -p -ldflags -gcflags -tags -mod -modfile -asmflags -buildmode -overlay -pkgdir"),
    regex(r"\S+@(?:latest|master|main|HEAD|upgrade)"),
    "path@version",
)
_CARGO = Installer(
    (("install",), ("binstall",)),
    word_set(
        "--root --target --features -F --bin --profile -j --jobs --registry --config -Z --example"
        " --target-dir --color --index"
    ),
    regex(r"[A-Za-z][\w-]*"),
    "name@version",
    word_set("--version --vers --path --git --list --help"),
)
_FAMILIES: Mapping[str, tuple[Installer, str]] = {
    "apt": (_APT, "apt apt-get aptitude"),
    "apk": (_APK, "apk"),
    "rpm": (_RPM, "yum dnf dnf5 microdnf tdnf"),
    "zypper": (_ZYPPER, "zypper"),
    "pip": (_PIP, "pip pipx uv"),
    "npm": (_NPM, "npm yarn pnpm bun"),
    "gem": (_GEM, "gem"),
    "go": (_GO, "go"),
    "cargo": (_CARGO, "cargo"),
}
FAMILIES = tuple(_FAMILIES)
"""The names of the package managers; those that take the same arguments have one."""
_BY_PROGRAM = {
    program: (family, installer)
    for family, (installer, programs) in _FAMILIES.items()
    for program in programs.split()
}
_PIP_NAME = regex(r"pip\d+(?:\.\d+)?")
_PYTHON = regex(r"python(?:\d+(?:\.\d+)?)?")
_ALONE = {"uv": ("pip", "install"), "yarn": ("add",), "pip": ("install",), "pipx": ("install",)}
"""Of programs that share a family, the one subcommand that is meant; yarn has two."""


class Installation(Struct, frozen=True):
    """A command that installs packages: its manager's family, its program, and their names."""

    family: str
    program: str
    packages: tuple[Word, ...]
    options: tuple[str, ...]

    @property
    def expected(self) -> str:
        """How a version is written."""
        return _FAMILIES[self.family][0].expected

    def loose(self) -> Iterator[Word]:
        """The packages whose version is left open."""
        installer = _FAMILIES[self.family][0]
        if installer.settling.intersection(option.partition("=")[0] for option in self.options):
            return
        for word in self.packages:
            if word.text is not None and installer.loose.fullmatch(word.text):
                yield word


def newest(found: Installation) -> tuple[str, Word] | None:
    """What is wrong with a command that leaves versions open, and the first package; else None."""
    loose = [*found.loose()]
    if not loose:
        return None
    names = [clipped(word.text or "", _LONGEST) for word in loose[:_SHOWN]]
    if len(loose) > _SHOWN:
        names.append(f"{len(loose) - _SHOWN} more")
    return f"{found.program} takes the newest {listed(names)}; expected {found.expected}", loose[0]


def installation(command: Command) -> Installation | None:
    """What a command installs by a package manager; None where it does not."""
    words = command.unwrapped()
    program = words[0].text.rpartition("/")[2] if words and words[0].text else ""
    if _PYTHON.fullmatch(program) and [word.text for word in words[1:3]] == ["-m", "pip"]:
        program, words = "pip", words[2:]
    known = _BY_PROGRAM.get("pip" if _PIP_NAME.fullmatch(program) else program)
    if known is None:
        return None
    family, installer = known
    operands, options = sorted_words(words[1:], installer.valued)
    texts = [word.text for word in operands[:2]]
    for lead in installer.leads:
        if tuple(texts[: len(lead)]) == lead and _is_meant(program, lead):
            return Installation(family, program, tuple(operands[len(lead) :]), options)
    return None


def _is_meant(program: str, lead: tuple[str, ...]) -> bool:
    if program == "yarn":
        return lead in (("add",), ("global", "add"))
    return _ALONE.get(program, lead) == lead


def sorted_words(
    words: Sequence[Word], valued: frozenset[str]
) -> tuple[list[Word], tuple[str, ...]]:
    """The operands among the words behind a program, and its options without their values."""
    operands: list[Word] = []
    options: list[str] = []
    rest = iter(words)
    for word in rest:
        text = word.prefix if word.text is None else word.text
        if text == "--":
            operands.extend(rest)
        elif len(text) > 1 and text.startswith("-"):
            options.append(text)
            if _takes_next(text, valued):
                next(rest, None)
        else:
            operands.append(word)
    return operands, tuple(options)


def _takes_next(option: str, valued: frozenset[str]) -> bool:
    """Whether the next word is an option's value, as that of the `r` in `-qr requirements.txt`."""
    if option in valued or option.startswith("--"):
        return option in valued
    first = next((i for i, letter in enumerate(option) if f"-{letter}" in valued), 0)
    return 0 < first == len(option) - 1
