"""Switches that turn the verification of certificates or signatures off.

One judgement for whatever runs commands: containers, Dockerfiles, scripts, workflows. Each entry is
from the manual of the program that it names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from msgspec import Struct

from kerp_policy.connections.hosts import stays_here
from kerp_policy.regex import regex

Words = Sequence[str | None]


class Switch(Struct, frozen=True):
    """A word that turns verification off.

    Attributes:
        position: its index among the words.
        what: what it does, as the end of a sentence: "curl verifies no certificate (-k)".
    """

    position: int
    what: str


OFF = frozenset(("false", "0", "no", "off", "n", "f"))
"""What turns a setting off, in small letters."""

NO_CERTIFICATE = "verifies no certificate"
_NO_SIGNATURE = "accepts packages without a valid signature"

_ANYWHERE = (
    "--insecure-skip-tls-verify",
    "--insecure-skip-verify",
    "--skip-tls-verify",
    "--tls-skip-verify",
    "--skip-tls-verification",
    "--tls-insecure-skip-verify",
    "--tls.insecure-skip-verify",
    "--no-check-certificate",
    "--no-verify-ssl",
    "--kube-insecure-skip-tls-verify",
    "--kubelet-insecure-tls",
    "--skip-ssl-validation",
    "-insecure-skip-verify",
    "-tls-skip-verify",
)
"""Options that mean the same in every program that has them."""
_VERIFYING = (
    "--tls-verify",
    "--src-tls-verify",
    "--dest-tls-verify",
    "--ssl-verify",
    "--verify-ssl",
    "--check-certificate",
)
"""Options that turn verification off when they are false."""

_INSECURE = {"--insecure": NO_CERTIFICATE}
_FLAGS: dict[str, dict[str, str]] = {
    "curl": dict.fromkeys(("--insecure", "--proxy-insecure", "--doh-insecure"), NO_CERTIFICATE),
    "pip": {"--trusted-host": "verifies no certificate of that host"},
    "uv": dict.fromkeys(("--trusted-host", "--allow-insecure-host"), NO_CERTIFICATE),
    "npm": {"--no-strict-ssl": NO_CERTIFICATE},
    "apk": {"--allow-untrusted": _NO_SIGNATURE},
    "apt": dict.fromkeys(
        ("--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"), _NO_SIGNATURE
    ),
    "yum": dict.fromkeys(("--nogpgcheck", "--no-gpgchecks"), _NO_SIGNATURE),
    "rpm": {"--nosignature": _NO_SIGNATURE},
    "zypper": {"--no-gpg-checks": _NO_SIGNATURE},
    "argocd": _INSECURE,
    "crane": _INSECURE,
    "mc": _INSECURE,
    "oras": _INSECURE,
    "redis-cli": _INSECURE,
    "grpcurl": {"-insecure": NO_CERTIFICATE},
}
_SAME = {
    "pip": ("pip3",),
    "npm": ("pnpm", "yarn"),
    "apt": ("apt-get", "aptitude"),
    "yum": ("dnf", "dnf5", "microdnf", "tdnf"),
    "ssh": ("scp", "sftp"),
}
_ALIASES = {alias: program for program, aliases in _SAME.items() for alias in aliases}
_SILENT = frozenset(("echo", "printf", "grep", "egrep", "fgrep", "test", "[", ":"))
"""Programs to which a switch is only text."""

# Options of curl that take the next word, or the rest of the word, as their value.
_CURL_VALUED = frozenset("AbcCdDeEFHKmoPQrtTuUwxXyYz")
_CURL_VALUED_LONG = regex(
    r"--(?:header|data[a-z-]*|json|form[a-z-]*|output|user|user-agent|write-out|request|config|url)"
)
_SSL_VERIFY_LINE = regex(r"(?<![\w.])sslverify\s*=\s*(?:0|false|no|off)\b", re.IGNORECASE)
_GIT_SETTING = regex(r"http\.(?:\S+\.)?sslverify", re.IGNORECASE)
_APT_SETTING = regex(
    r"Acquire::https::(?:[\w.-]{1,253}::)?Verify-(?:Peer|Host)=\W?(?:false|0|no)"
    r"|(?:APT::Get::AllowUnauthenticated|Acquire::AllowInsecureRepositories)=\W?(?:true|1|yes)",
    re.IGNORECASE,
)
_HOST_KEYS = regex(r"(?:-o)?StrictHostKeyChecking(?:=|\s+)\W?(?:no|off)\W?", re.IGNORECASE)


def insecure_command(words: Words, prefixes: Sequence[str]) -> Switch | None:
    """The first word of a command that turns verification off; None where it stays on its machine.

    Args:
        words: the program and its arguments, wrappers such as `sudo` taken off; None for a word
            that is not known.
        prefixes: how each word begins, as far as it is known.
    """
    program = (words[0] or "").rpartition("/")[2] if words else ""
    if program.startswith("python") and list(words[1:3]) == ["-m", "pip"]:
        program = "pip"
    called, program = program or "the command", _ALIASES.get(program, program)
    for reader in (_by_flags, _READERS.get(program, _none), _by_setting):
        for position, what in reader(program, words):
            is_harmless = stays_here(words, prefixes)
            return None if is_harmless else Switch(position, f"{called} {what}")
    return None


Found = Iterator[tuple[int, str]]


def _none(program: str, words: Words) -> Found:
    return iter(())


def _by_flags(program: str, words: Words) -> Found:
    if program in _SILENT:
        return
    flags = _FLAGS.get(program, {})
    for i, word in enumerate(words):
        if word == "--":
            return
        name, _, value = (word or "").partition("=")
        if what := _flag(flags, name, value.lower()):
            yield i, f"{what} ({name}{f'={value}' if name in _VERIFYING else ''})"


def _flag(flags: dict[str, str], name: str, value: str) -> str:
    if name in _VERIFYING:
        return NO_CERTIFICATE if value in OFF else ""
    if value in OFF:
        return ""
    return flags.get(name, NO_CERTIFICATE if name in _ANYWHERE else "")


def _curl(program: str, words: Words) -> Found:
    """`-k`, alone or among other short options (`-fsSk`), not as another option's value."""
    valued = False
    for i, word in enumerate(words):
        if word == "--":
            return
        if word is None or valued or not word.startswith("-"):
            valued = False
            continue
        letters = "" if word.startswith("--") else word[1:]
        end = next((n for n, letter in enumerate(letters) if letter in _CURL_VALUED), len(letters))
        if "k" in letters[:end]:
            yield i, f"{NO_CERTIFICATE} (-k)"
        valued = end == len(letters) - 1 or bool(_CURL_VALUED_LONG.fullmatch(word))


def _set_by(words: Words) -> Iterator[tuple[int, str, str]]:
    """Each word as the name of a setting, with what follows it: behind `=`, or as the next word."""
    for i, (word, following) in enumerate(zip_longest(words, words[1:])):
        name, equals, value = (word or "").partition("=")
        yield i, name, value if equals else following or ""


def _git(program: str, words: Words) -> Found:
    """`git -c http.sslVerify=false …` and `git config http.sslVerify false`."""
    for i, name, value in _set_by(words):
        if _GIT_SETTING.fullmatch(name) and value.lower() in OFF:
            yield i, f"{NO_CERTIFICATE} (http.sslVerify)"


def _npm(program: str, words: Words) -> Found:
    """`npm set strict-ssl false`, `npm config set strict-ssl=false`, `--strict-ssl=false`."""
    for i, name, value in _set_by(words):
        if name.lstrip("-") in ("strict-ssl", "enableStrictSsl") and value in OFF:
            yield i, f"{NO_CERTIFICATE} (strict-ssl)"


def _pip(program: str, words: Words) -> Found:
    """`pip config set global.trusted-host pypi.example`."""
    for i, word in enumerate(words[:-1]):
        if word and word.endswith(".trusted-host") and "set" in words[:i]:
            yield i, "verifies no certificate of that host (trusted-host)"


def _apt(program: str, words: Words) -> Found:
    for i, word in enumerate(words):
        if found := _APT_SETTING.search(word or ""):
            yield i, f"{_NO_SIGNATURE if 'Allow' in found[0] else NO_CERTIFICATE} ({found[0]})"


def _ssh(program: str, words: Words) -> Found:
    for i, word in enumerate(words):
        if word and _HOST_KEYS.fullmatch(word):
            yield i, "accepts any host key (StrictHostKeyChecking=no)"


def _by_setting(program: str, words: Words) -> Found:
    """`sslverify=0` for yum, as an option or as a line that is written to its configuration."""
    for i, word in enumerate(words):
        if word and _SSL_VERIFY_LINE.search(word):
            yield i, f"{NO_CERTIFICATE} (sslverify)" if program == "yum" else _YUM_LINE


_YUM_LINE = "writes a line with which yum verifies no certificate (sslverify)"

_READERS: dict[str, Callable[[str, Words], Found]] = {
    "curl": _curl,
    "git": _git,
    "npm": _npm,
    "pip": _pip,
    "apt": _apt,
    "ssh": _ssh,
}
