"""Names that a command gives a value to: where a secret may be written down by name.

Each rule is from the manual of the program that it names. Values of known formats need no rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, zip_longest
from typing import NamedTuple

from kerp_policy.artifacts.shell import Command, Shell, Word
from kerp_policy.artifacts.shell.model import command_name
from kerp_policy.docker.given_inside import TEXT_ONLY, given_inside
from kerp_policy.docker.walk import assignment_span
from kerp_policy.regex import regex
from kerp_policy.secrets import secret_name
from kerp_policy.secrets.entries import in_line
from kerp_policy.secrets.programs import (
    ATTACHED,
    LETTERS,
    ONLY_IN,
    PLACED,
    PROMPTING,
    SWITCHES,
    placed,
)
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
_HEADER = regex(r"([\w-]{1,100}):\s*(?:(?:bearer|basic|token)\s+)?(\S+)", re.IGNORECASE)
_SEVERAL = frozenset({"--set", "--set-string"})
_FILES = frozenset({"--from-file", "--from-env-file", "--set-file"})
"""Options of kubectl and Helm whose `name=file` names a file."""
_REFERRING = frozenset({"--set-secrets", "--update-secrets"})
"""Options of gcloud that say which entry of the vault a name stands for."""
_READING = frozenset({"consul", "curl", "http", "vault"})
"""Programs to which `name=@file` is the content of a file."""
_DECLARING = frozenset({"declare", "export", "local", "readonly", "typeset"})
"""What these are given are assignments."""
_COLLECTING = frozenset({"assets:precompile", "collectstatic"})
"""Orders of Rails and Django that read the settings, want a key there, and sign nothing with it."""
_SHORTEST_KEY = 16
_OPTION = regex(r"--?([A-Za-z][\w-]*)")


def given(shell: Shell) -> Iterator[Given]:
    """Every name with a value in a shell text, in no order; references are among the values."""
    for command in shell.commands:
        yield from _assignments(command)
        words = command.unwrapped()
        yield from given_words(words)
        if wrapping := _wrapping(command, words):
            yield from _settings(wrapping)
        yield from _piped(command, shell)
        yield from _written(command, shell)
        yield from (Given(*one) for one in given_inside(command, words))


def given_words(words: Sequence[Word]) -> Iterator[Given]:
    """Every name with a value in the words of a command, the program first."""
    yield from _settings(words)
    yield from _options(words)
    yield from _short(words)
    yield from _placed(words)
    yield from _user(words)
    yield from _headers(words)


def _wrapping(command: Command, words: Sequence[Word]) -> Sequence[Word]:
    """What stands before a wrapped command: `env NAME=x`, `sudo NAME=x`."""
    return command.words[: len(command.words) - len(words)]


def _value(word: Word) -> str:
    """What a word says; variables in it stay as they are written, and make it a reference."""
    return word.raw.strip("\"'") if word.text is None else word.text


def _assignments(command: Command) -> Iterator[Given]:
    collects = any(word.text in _COLLECTING for word in command.words)
    for assignment in command.assignments:
        value = _value(assignment.value)
        stands_in = collects and "SECRET_KEY" in assignment.name and len(value) < _SHORTEST_KEY
        if not stands_in:
            yield Given(assignment.name, value, assignment_span(assignment))


def _settings(words: Sequence[Word]) -> Iterator[Given]:
    """`--password=x`, `NAME=x`, `--env=NAME=x`; with Helm's `--set` several at once; `?token=x`."""
    before, program = "", command_name(words)
    for word in () if program in _DECLARING | TEXT_ONLY else words[1:]:
        text = _value(word)
        name = text.partition("=")[0]
        several = text.split(",") if {before, name} & _SEVERAL else [text]
        for found in filter(None, map(_SETTING.fullmatch, several)) if "=" in text else ():
            inner = _SETTING.fullmatch(found[3]) if found[1] else None
            is_content = program in _READING and found[3].startswith("@")
            reads = is_content or not (_FILES | _REFERRING).isdisjoint((before, name))
            if found[2] not in SWITCHES and not reads:
                yield Given(found[2], found[3], word.span)
            if inner and not inner[1] and not reads:
                yield Given(inner[2], inner[3], word.span)
        yield from (Given(entry.name, entry.value, word.span) for entry in in_line(text))
        before = text


def _options(words: Sequence[Word]) -> Iterator[Given]:
    """`--password x`; `aws configure set aws_secret_access_key x`."""
    sets = False
    for word, following in pairwise(words):
        option = _OPTION.fullmatch(word.text or "")
        name = option[1] if option else word.text or ""
        if (option or sets) and name not in SWITCHES and secret_name(name):
            value = _value(following)
            if not value.startswith("-"):
                yield Given(name, value, _both(word, following))
        sets = sets or word.text in ("set", "config")


def _short(words: Sequence[Word]) -> Iterator[Given]:
    """`-p x` and `-px` of the programs that take a password by a letter."""
    program = (words[0].text or "").rpartition("/")[2] if words else ""
    option = LETTERS.get(program)
    said = [word.text for word in words]
    if option is None or ONLY_IN.get(program, program) not in (program, *said):
        return
    for word in words[1:]:
        text = _value(word)
        if program in ATTACHED and text.startswith(option) and len(text) > len(option):
            yield Given("password", text.removeprefix(option), word.span)
    for word, following in pairwise(words):
        value = following.text if following.text is not None else following.prefix
        if word.text == option and program not in PROMPTING and not value.startswith("-"):
            yield Given("password", _value(following), _both(word, following))


def _placed(words: Sequence[Word]) -> Iterator[Given]:
    """`htpasswd -b FILE user x`, `vault login x`, `sqlplus user/x@db`."""
    if command_name(words) in PLACED and (found := placed(list(map(_value, words)))):
        number, start, end = found
        yield Given("password", _value(words[number])[start:end], words[number].span)


def _both(option: Word, value: Word) -> Span:
    return Span(*option.span.start, *value.span.end)


def _user(words: Sequence[Word]) -> Iterator[Given]:
    """`curl -u user:password`, `-uuser:password`, `--user=user:password`."""
    if words and (words[0].text or "").rpartition("/")[2] == "curl":
        for option, word, value in _of_options(words, "-u", "--user", "-U", "--proxy-user"):
            yield Given("password", value.partition(":")[2], _both(option, word))


def _headers(words: Sequence[Word]) -> Iterator[Given]:
    """`-H "X-Api-Key: x"`; an Authorization header counts as a token."""
    for _, word, value in _of_options(words, "-H", "--header"):
        if found := _HEADER.fullmatch(value):
            name = "token" if found[1].lower().endswith("authorization") else found[1]
            yield Given(name, found[2], word.span)


def _of_options(words: Sequence[Word], *names: str) -> Iterator[tuple[Word, Word, str]]:
    """The values of options, with the words of both: the same one, or one behind the other."""
    attached = tuple(f"{name}=" if name.startswith("--") else name for name in names)
    for word, following in zip_longest(words, words[1:]):
        text = _value(word)
        if text in names and following is not None:
            yield word, following, _value(following)
        elif text not in names and text.startswith(attached):
            prefix = next(each for each in attached if text.startswith(each))
            yield word, word, text.removeprefix(prefix)


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


def _written(command: Command, shell: Shell) -> Iterator[Given]:
    """Lines that go to a file: of a here-document, or of an echo."""
    for found in command.redirects:
        if found.operator in ("<<", "<<-"):
            yield from given_lines(found.target.raw, found.target.span)
    if command.name in ("echo", "printf") and _goes_to_file(command, shell):
        for word in command.words[1:]:
            for name, value, _ in given_lines(_value(word).replace("\\n", "\n"), word.span):
                yield Given(name, value, word.span)


def _goes_to_file(command: Command, shell: Shell) -> bool:
    piped = command.piped_into is not None and shell.commands[command.piped_into].program == "tee"
    return piped or any(">" in redirect.operator for redirect in command.redirects)


def given_lines(text: str, span: Span) -> Iterator[Given]:
    """`name=value` and `name: value` in the lines of a file, and what `in_line` reads in them.

    Args:
        text: the file, as it is written from the start of a line on.
        span: where it stands.
    """
    for row, line in enumerate(text.split("\n"), span.line):
        found = _LINE.fullmatch(line)
        if found:
            value = found[2].rstrip(",; \t").strip("\"'")
            yield Given(found[1], value, Span(row, found.start(1) + 1, row, found.end() + 1))
        for entry in in_line(line):
            begin = entry.start + 1
            yield Given(entry.name, entry.value, Span(row, begin, row, begin + len(entry.value)))
