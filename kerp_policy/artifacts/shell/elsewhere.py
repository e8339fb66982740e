"""Scripts inside a command that run somewhere else: over ssh, in a container, as another user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerp_policy.artifacts.shell.inner import SHELLS
from kerp_policy.artifacts.shell.model import Command, Shell, Word, command_name
from kerp_policy.artifacts.shell.reader import parse_shell

_INTO_CONTAINERS = frozenset(("docker", "kubectl", "nerdctl", "oc", "podman", "su", "runuser"))
_SSH_VALUED = frozenset(f"-{letter}" for letter in "BbcDEeFIiJLlmOopQRSWw")
_QUOTES = ("'", '"')


def scripts_elsewhere(command: Command) -> Iterator[Shell]:
    """What a command has another shell run, as far as it is written out.

    What that shell runs is no part of the script's own flow.

    Args:
        command: a command of the script itself, so that its places are those of the file.
    """
    if "shell" in command.scopes:
        return
    words = command.unwrapped()
    for word in _arguments(command.program or "", words):
        if script := _within_quotes(word):
            yield parse_shell(script, line=word.span.line, column=word.span.column + 1)
    for redirect in command.redirects if command.program == "ssh" else ():
        if redirect.operator in ("<<", "<<-"):
            span = redirect.target.span
            yield parse_shell(redirect.target.raw, line=span.line, column=span.column)


def words_elsewhere(words: Sequence[Word]) -> Sequence[Word]:
    """The command that is run somewhere else word by word: `kubectl exec POD -- curl …`."""
    program = command_name(words)
    texts = [word.text for word in words]
    if program == "ssh":
        return words[_host(texts) + 1 :]
    if program in _INTO_CONTAINERS and "--" in texts:
        return words[texts.index("--") + 1 :]
    return ()


def _host(texts: Sequence[str | None]) -> int:
    """Where ssh is told its host."""
    at = 1
    while at < len(texts) and (texts[at] or "").startswith("-"):
        at += 2 if texts[at] in _SSH_VALUED else 1
    return at


def _arguments(program: str, words: Sequence[Word]) -> Iterator[Word]:
    """The words that are scripts: after the host of ssh, after `-c`."""
    texts = [word.text or "" for word in words]
    if program == "ssh":
        after = _host(texts) + 1
        yield from words[after : after + 1]
    elif program in _INTO_CONTAINERS and "-c" in texts:
        at = texts.index("-c")
        if program in ("su", "runuser") or texts[at - 1].rpartition("/")[2] in SHELLS:
            yield from words[at + 1 : at + 2]


def _within_quotes(word: Word) -> str:
    """The text between one pair of quotes, character by character as it stands in the file."""
    raw = word.raw
    quote = raw[:1]
    if len(raw) < 2 or quote not in _QUOTES or raw[-1] != quote:
        return ""
    inside = raw[1:-1]
    return "" if quote in inside or "\\" in inside else inside
