"""Programs that fetch something from the network, and what checks what was fetched.

Sources: the manuals of curl, wget, coreutils, GnuPG, cosign and minisign.
"""

from __future__ import annotations

from collections.abc import Sequence

from kerp_policy.artifacts.shell import Command, Shell, Word
from kerp_policy.docker.walk import texts
from kerp_policy.regex import regex

_FETCHING = frozenset({"curl", "wget"})
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})
_INTERPRETERS = frozenset({"python", "python3", "perl", "ruby", "node", "php"})
_EVALUATING = frozenset({"eval", "source", "."})
_CHECKSUM = regex(r"(?:sha(?:1|224|256|384|512)?|md5|b2)sum|shasum")
_CHECKING = frozenset({"-c", "--check"})
_VERIFYING = {
    "gpg": ("--verify", "--verify-files", "--decrypt"),
    "gpg2": ("--verify", "--verify-files"),
    "cosign": ("verify", "verify-blob"),
    "minisign": ("-V", "-Vm"),
    "openssl": ("-verify", "-sha256"),
    "slsa-verifier": ("verify-artifact",),
    "gh": ("attestation",),
}
_PLAIN_HTTP = regex(r"http://(?!(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?:[:/]|$))(.+)")
_VALUED = regex(r"-[A-Za-z]*[xeAHbudFTX]|--(?:pre)?proxy|--referer|--user-agent|--header|--data.*")
_SAVING = regex(r"-[a-zA-Z]*[oO]|--output|--remote-name|--remote-name-all")
_MAX_CHAIN = 50


def fetches(command: Command) -> bool:
    """Whether a command is curl or wget."""
    return command.program in _FETCHING


def runs_input(command: Command) -> bool:
    """Whether a command runs what it reads from its standard input."""
    words = texts(command.unwrapped())
    program, arguments = (command.program or ""), words[1:]
    if program in _SHELLS:
        if any(_is_short(word, "c") for word in arguments):
            return False
        plain = [word for word in arguments if not word.startswith(("-", "+"))]
        return not plain or any(_is_short(word, "s") for word in arguments)
    return program in _INTERPRETERS and arguments in ([], ["-"])


def _is_short(word: str, letter: str) -> bool:
    return word.startswith("-") and not word.startswith("--") and letter in word[1:]


def runner(index: int, shell: Shell) -> Command | None:
    """The command that runs what the command at an index fetches, right away; None if none does.

    Through pipes (`curl … | sh`, by way of `tee` or `gunzip` too), and by substitution
    (`sh -c "$(curl …)"`, `bash <(curl …)`, `eval`).
    """
    found: Command = shell.commands[index]
    for _ in range(_MAX_CHAIN):
        if found.piped_into is None:
            break
        found = shell.commands[found.piped_into]
        if runs_input(found):
            return found
    if not found.scopes or found.scopes[-1] != "substitution" or found.parent is None:
        return None
    outer = shell.commands[found.parent]
    if outer.program in _EVALUATING or (outer.program in _SHELLS and _takes(outer)):
        return outer
    return None


def _takes(outer: Command) -> bool:
    """Whether a shell's script is the substitution: what follows `-c`, or its first argument."""
    words = outer.unwrapped()[1:]
    for word in words:
        if word.text is None:
            return not word.prefix
        if not word.text.startswith("-"):
            return False
    return False


def verifies(shell: Shell) -> bool:
    """Whether some command of a RUN checks a sum or a signature."""
    return any(map(_verifies, shell.commands))


def _verifies(command: Command) -> bool:
    words = texts(command.unwrapped())
    program = command.program or ""
    if program == "gpgv" or (program == "rpm" and "--checksig" in words):
        return True
    if _CHECKSUM.fullmatch(program):
        return any(word in _CHECKING or _is_short(word, "c") for word in words[1:])
    return not set(_VERIFYING.get(program, ())).isdisjoint(words[1:])


def plain_http(command: Command) -> Word | None:
    """The URL without TLS that curl or wget saves or hands on; None if there is none."""
    words = command.unwrapped()
    written = texts(words)
    if not fetches(command) or "--spider" in written or not _keeps(command, written):
        return None
    before = ["", *written]
    for previous, word, text in zip(before, words, written, strict=False):
        if _PLAIN_HTTP.match(text) and not _VALUED.fullmatch(previous):
            return word
    return None


def _keeps(command: Command, written: Sequence[str]) -> bool:
    if command.program == "wget" or command.piped_into is not None:
        return True
    saves = any(_SAVING.fullmatch(word) or word.startswith("--output=") for word in written)
    return (saves and "/dev/null" not in written) or any(
        ">" in redirect.operator and redirect.target.text != "/dev/null"
        for redirect in command.redirects
    )


def is_web_address(source: str) -> bool:
    """Whether a source of ADD is fetched by HTTP; git repositories are not."""
    if not source.lower().startswith(("http://", "https://")):
        return False
    path = source.partition("#")[0].rstrip("/")
    return not path.endswith(".git")
