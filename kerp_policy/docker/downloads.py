"""Programs that fetch something from the network, and what checks what was fetched.

Sources: the manuals of curl, wget, coreutils, GnuPG, cosign and minisign.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from kerp_policy.artifacts.shell import Command, Shell, Word
from kerp_policy.artifacts.shell.inner import SHELLS, reads_input
from kerp_policy.docker.walk import texts
from kerp_policy.regex import regex

_FETCHING = frozenset({"curl", "wget"})
_INTERPRETERS = frozenset({"python", "python3", "perl", "ruby", "node", "php"})
_HARMLESS = regex(r"-[bBdEiIOqsSuvwW]+")
"""Options of interpreters that name neither a file nor code."""
_CODE = regex(r"-[cer]")
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
_NAMED = {
    "curl": regex(r"-[a-zA-Z]*o|--output"),
    "wget": regex(r"-[a-zA-Z]*O|--output-document"),
}
_REMOTE_NAME = regex(r"-[a-zA-Z]*O[a-zA-Z]*|--remote-name")
_MAX_CHAIN = 50


def fetches(command: Command) -> bool:
    """Whether a command is curl or wget."""
    return command.program in _FETCHING


def runs_input(command: Command) -> bool:
    """Whether a command runs what it reads from its standard input."""
    program, words = command.program or "", texts(command.unwrapped())[1:]
    if command.name == "xargs":
        return False  # it makes arguments of it
    if program in SHELLS:
        return reads_input(words)
    return program in _INTERPRETERS and _reads_program(words)


def _reads_program(words: Sequence[str]) -> bool:
    """Whether an interpreter is given neither a file nor code: `python3 - --yes`, `php --`."""
    for word in words:
        if word in ("-", "--"):
            return True
        if not _HARMLESS.fullmatch(word):
            return False
    return True


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
    return outer if _takes(outer) else None


def _takes(outer: Command) -> bool:
    """Whether a command runs what is substituted into it."""
    program, words = outer.program or "", outer.unwrapped()[1:]
    if program in _EVALUATING:
        return True
    fed = (found for found in outer.redirects if found.operator in ("<", "<<<"))
    if any(found.target.text is None for found in fed):
        return runs_input(outer)
    if program in _INTERPRETERS:
        code = (after for before, after in pairwise(words) if _CODE.fullmatch(before.text or ""))
        return any(word.text is None and not word.prefix for word in code)
    return program in SHELLS and _is_script(words)


def _is_script(words: Sequence[Word]) -> bool:
    """Whether a shell's script is the substitution: what follows `-c`, or its first argument."""
    for word in words:
        if word.text is None:
            return not word.prefix
        if not word.text.startswith("-"):
            return False
    return False


def run_files(shell: Shell) -> dict[str, int]:
    """The files that commands run, `sh x.sh` and `./x.sh`: by name, the last command that does."""
    found = ((_run_file(command), index) for index, command in enumerate(shell.commands))
    return {name: index for name, index in found if name}


def saved_file(command: Command) -> str:
    """The name of the file that curl or wget saves; empty where that is not known."""
    words, named = command.unwrapped(), _NAMED.get(command.program or "")
    for redirect in command.redirects:
        if redirect.operator in (">", ">>", ">|") and redirect.descriptor in ("", "1"):
            return _file_name(redirect.target)
    for before, word in pairwise(words):
        if named and named.fullmatch(before.text or ""):
            return _file_name(word)
    keeps = command.program == "wget" or any(_REMOTE_NAME.fullmatch(w.text or "") for w in words)
    addresses = [word for word in words[1:] if "://" in word.raw]
    return _file_name(addresses[0]) if keeps and len(addresses) == 1 else ""


def _file_name(word: Word) -> str:
    name = word.raw.strip("\"'").rpartition("/")[2]
    return "" if name in ("-", "null") or set(name) & set("$`?#&") else name


def _run_file(command: Command) -> str:
    words = command.unwrapped()
    if command.program in (*SHELLS, *_INTERPRETERS, *_EVALUATING):
        arguments = (word for word in words[1:] if not word.raw.startswith("-"))
        return _file_name(next(arguments, words[0]))
    return _file_name(words[0]) if words and "/" in words[0].raw else ""


def verifies(shell: Shell) -> bool:
    """Whether some command of a RUN checks a sum or a signature."""
    return any(map(_verifies, shell.commands))


def _verifies(command: Command) -> bool:
    words = texts(command.unwrapped())
    program = command.program or ""
    if program == "gpgv" or (program == "rpm" and "--checksig" in words):
        return True
    if _CHECKSUM.fullmatch(program):
        compared = command.piped_into is not None or "substitution" in command.scopes
        return compared or any(word in _CHECKING or _is_short(word, "c") for word in words[1:])
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


class Unseen(Struct, frozen=True):
    """A command that fetches what is run without a look at it, told in words."""

    command: Command
    message: str
    subject: str


def run_unseen(shell: Shell, where: str) -> Iterator[Unseen]:
    """What commands fetch and others run, and nothing checks.

    Args:
        shell: the text.
        where: what it is called in messages: `this RUN`.
    """
    fetching = [i for i, command in enumerate(shell.commands) if fetches(command)]
    later = run_files(shell) if fetching and not verifies(shell) else {}
    for index in fetching:
        command, by = shell.commands[index], runner(index, shell)
        name, program = "" if by else saved_file(command), command.program
        if by:
            message = f"what {program} fetches is run by {by.program} as it comes"
            yield Unseen(command, message, f"{program} {by.program}")
        elif later.get(name, -1) > index:
            message = f"{program} fetches {name}, which {where} runs, and nothing checks it"
            yield Unseen(command, message, f"{program} {name}")
