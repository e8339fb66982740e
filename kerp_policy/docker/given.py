"""Names that a command gives a value to: where a secret may be written down by name.

Each rule is from the manual of the program that it names. Values of known formats need no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from kerp_policy.artifacts.shell import Command, Shell, Word
from kerp_policy.artifacts.shell.model import command_name
from kerp_policy.docker.given_inside import given_inside
from kerp_policy.docker.walk import assignment_span
from kerp_policy.regex import regex
from kerp_policy.secrets import secret_name
from kerp_policy.sources.source import Span


class Given(NamedTuple):
    """A value and the name that it stands under.

    Neither `value` nor the end of `span`, from the name or option to the end of the value, is to
    be shown.
    """

    name: str
    value: str
    span: Span

    def __repr__(self) -> str:
        """Without the value and its length."""
        return f"Given(name={self.name!r})"


_SETTING = regex(r"(--?)?([A-Za-z_@/][\w.:/@-]*)=(.*)", re.DOTALL)
_NAME = r"""["']?([A-Za-z_@/][\w.:/@-]{0,200})["']?"""
_LINE = regex(rf"[ \t]*(?:export[ \t]+)?{_NAME}[ \t]*[=:][ \t]*(\S.{{0,4000}})")
_NETRC = regex(r"\blogin\s+\S+\s+password\s+(\S+)")
_HEADER = regex(r"([\w-]{1,100}):\s*(?:(?:bearer|basic|token)\s+)?(\S+)", re.IGNORECASE)
_SWITCHES = frozenset({"disabled-password", "disabled-login", "password-stdin", "secret"})
"""Options that look like a secret's and take none."""
_SEVERAL = frozenset({"--set", "--set-string"})
_READING = frozenset({"consul", "curl", "http", "vault"})
"""Programs to which `name=@file` is the content of a file."""
_DECLARING = frozenset({"declare", "export", "local", "readonly", "typeset"})
"""What these are given are assignments."""
_OPTION = regex(r"--?([A-Za-z][\w-]*)")
_SHORT = {
    **dict.fromkeys(("az", "docker", "helm", "podman", "sshpass"), "-p"),
    **dict.fromkeys(("mariadb", "mysql", "mysqladmin", "mysqldump"), "-p"),
    **dict.fromkeys(("mongo", "mongosh", "mongodump", "mongorestore", "mongoexport"), "-p"),
    **dict.fromkeys(("ldapsearch", "ldapmodify", "ldapadd", "ldapdelete"), "-w"),
    **dict.fromkeys(("bcp", "sqlcmd", "unzip", "zip"), "-P"),
    "doctl": "-t",
    "keytool": "-storepass",
    "openssl": "-k",
    "redis-cli": "-a",
}
_ATTACHED = frozenset({"mariadb", "mysql", "mysqladmin", "mysqldump", "sshpass"})
"""Programs that take the password right behind the option's letter."""
_PROMPTING = frozenset({"mariadb", "mysql", "mysqladmin", "mysqldump"})
"""Programs that ask for the password where none is attached: the next word is something else."""
_ONLY_IN = {**dict.fromkeys(("az", "docker", "helm", "podman"), "login"), "doctl": "auth"}
"""Programs whose letter means a secret beside this word alone."""


def given(shell: Shell) -> Iterator[Given]:
    """Every name with a value in a shell text, in no order; references are among the values."""
    for command in shell.commands:
        yield from _assignments(command)
        words = command.unwrapped()
        yield from _settings(words)
        yield from _options(words)
        yield from _short(words)
        yield from _curl_user(words)
        yield from _headers(words)
        yield from _piped(command, shell)
        yield from _written(command)
        yield from (Given(*one) for one in given_inside(command, words))


def _value(word: Word) -> str:
    """What a word says; variables in it stay as they are written, and make it a reference."""
    return word.raw.strip("\"'") if word.text is None else word.text


def _assignments(command: Command) -> Iterator[Given]:
    for assignment in command.assignments:
        yield Given(assignment.name, _value(assignment.value), assignment_span(assignment))


def _settings(words: Sequence[Word]) -> Iterator[Given]:
    """`--password=x`, `NAME=x`, `--env=NAME=x`; with Helm's `--set` several at once."""
    exported = words and words[0].text in _DECLARING
    before, program = "", command_name(words)
    for word in () if exported else words[1:]:
        text = _value(word)
        name = text.partition("=")[0]
        several = text.split(",") if {before, name} & _SEVERAL else [text]
        for found in filter(None, map(_SETTING.fullmatch, several)):
            inner = _SETTING.fullmatch(found[3]) if found[1] else None
            reads = program in _READING and found[3].startswith("@")
            if found[2] not in _SWITCHES and not reads:
                yield Given(found[2], found[3], word.span)
            if inner and not inner[1]:
                yield Given(inner[2], inner[3], word.span)
        before = text


def _options(words: Sequence[Word]) -> Iterator[Given]:
    """`--password x`; `aws configure set aws_secret_access_key x`."""
    sets = False
    for word, following in pairwise(words):
        option = _OPTION.fullmatch(word.text or "")
        name = option[1] if option else word.text or ""
        if (option or sets) and name not in _SWITCHES and secret_name(name):
            value = _value(following)
            if not value.startswith("-"):
                yield Given(name, value, _both(word, following))
        sets = sets or word.text in ("set", "config")


def _short(words: Sequence[Word]) -> Iterator[Given]:
    """`-p x` and `-px` of the programs that take a password by a letter."""
    program = (words[0].text or "").rpartition("/")[2] if words else ""
    option = _SHORT.get(program)
    said = [word.text for word in words]
    if option is None or _ONLY_IN.get(program, program) not in (program, *said):
        return
    for word in words[1:]:
        text = _value(word)
        if program in _ATTACHED and text.startswith(option) and len(text) > len(option):
            yield Given("password", text.removeprefix(option), word.span)
    for word, following in pairwise(words):
        value = following.text if following.text is not None else following.prefix
        if word.text == option and program not in _PROMPTING and not value.startswith("-"):
            yield Given("password", _value(following), _both(word, following))


def _both(option: Word, value: Word) -> Span:
    return Span(*option.span.start, *value.span.end)


def _curl_user(words: Sequence[Word]) -> Iterator[Given]:
    """`curl -u user:password`."""
    if words and (words[0].text or "").rpartition("/")[2] == "curl":
        for option, word in pairwise(words):
            if option.text in ("-u", "--user", "-U", "--proxy-user"):
                yield Given("password", _value(word).partition(":")[2], _both(option, word))


def _headers(words: Sequence[Word]) -> Iterator[Given]:
    """`-H "X-Api-Key: x"`; an Authorization header counts as a token."""
    for option, word in pairwise(words):
        if option.text in ("-H", "--header"):
            found = _HEADER.fullmatch(_value(word))
            if found:
                name = "token" if found[1].lower().endswith("authorization") else found[1]
                yield Given(name, found[2], word.span)


def _piped(command: Command, shell: Shell) -> Iterator[Given]:
    """`echo user:password | chpasswd`, `echo password | docker login --password-stdin`."""
    if command.name not in ("echo", "printf") or command.piped_into is None:
        return
    reader = shell.commands[command.piped_into]
    for word in command.words[1:]:
        _, colon, password = _value(word).partition(":")
        if reader.program == "chpasswd" and colon:
            yield Given("password", password.strip(), word.span)
        elif any(w.text in ("--password-stdin", "--stdin") for w in reader.words):
            yield Given("password", _value(word), word.span)


def _written(command: Command) -> Iterator[Given]:
    """Lines that go to a file: of a here-document, or of an echo."""
    for found in command.redirects:
        if found.operator in ("<<", "<<-"):
            yield from given_lines(found.target.raw, found.target.span)
    if command.name in ("echo", "printf") and any(">" in r.operator for r in command.redirects):
        for word in command.words[1:]:
            for name, value, _ in given_lines(_value(word), word.span):
                yield Given(name, value, word.span)


def given_lines(text: str, span: Span) -> Iterator[Given]:
    """`name=value` and `name: value` in the lines of a file, and the passwords of a `.netrc`.

    Args:
        text: the file, as it is written from the start of a line on.
        span: where it stands.
    """
    for row, line in enumerate(text.split("\n"), span.line):
        found = _LINE.fullmatch(line)
        if found:
            value = found[2].rstrip(",; \t").strip("\"'")
            yield Given(found[1], value, Span(row, found.start(1) + 1, row, found.end() + 1))
        for netrc in _NETRC.finditer(line):
            place = Span(row, netrc.start() + 1, row, netrc.end() + 1)
            yield Given("password", netrc[1], place)
