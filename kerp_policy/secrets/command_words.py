"""Secrets among the words of commands, in a line of whatever file that holds some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from kerp_policy.regex import regex
from kerp_policy.secrets.names import may_hold_secret_name, secret_name
from kerp_policy.secrets.programs import (
    ATTACHED,
    LETTERS,
    ONLY_IN,
    PLACED,
    PROMPTING,
    SWITCHES,
    placed,
)

Found = Iterator[tuple[str, int]]
"""A value, with what it is quoted in, and where it begins."""
_Word = tuple[str, int]

_WORD = regex(r"[^\s|;&]+")
_AROUND = "\"'`(),[]"
_COMPOUND = regex(r"[a-z0-9]+(?:[._][a-z0-9]+)+")
"""A name of several words, as prose has none: `user.password`, `aws_secret_access_key`."""
_NAME = regex(r"[\w.-]*\w")
_OPTION = regex(r"""(?:^|[\s"'`(),\[\]])-[\w-]""")
_PLACED = regex(rf"\b(?:{'|'.join(sorted(PLACED))})\b")
_LOGIN_OPTIONS = ("-u", "--user", "-U", "--proxy-user")
_ATTACHED_LOGINS = ("--user=", "--proxy-user=", "pass:")
"""Beginnings of words; by the last `openssl` is given a password."""
_LITERAL = "--from-literal"
_PIPED = regex(
    r"""\b(?:echo|printf)[ \t]+(?:-[en]+[ \t]+|["']?%s(?:\\n)?["']?[ \t]+)?"""
    r"""(?P<value>"[^"]*+"|'[^']*+'|[^\s|"']+)[ \t]*\|"""
)


def secret_words(line: str) -> Found:
    """What stands after an option or key of a telling name, `-u user:…`, `-p…`, `pass:…`."""
    if line.lstrip().startswith(("#", "//")):
        return
    if not (may_hold_secret_name(line) or _OPTION.search(line) or _PLACED.search(line)):
        return
    words = [(found[0], found.start()) for found in _WORD.finditer(line)]
    programs = {word.rpartition("/")[2].strip(_AROUND) for word, _ in words}
    for program in programs & LETTERS.keys():
        if ONLY_IN.get(program, program) in {word.strip(_AROUND) for word, _ in words}:
            yield from _by_letter(program, words)
    if programs & PLACED:
        yield from _by_place(words)
    if "chpasswd" in programs:
        yield from (each for word in words for each in _after_colon(*word))
    yield from _logins(words, "curl" in programs)
    sets = "mysqladmin" in programs
    for (before, _), (word, start) in pairwise(words):
        if _names_next(before) or (sets and before == "password"):
            yield word, start
        elif "secret" in programs and _LITERAL in (before, word.partition("=")[0]):
            yield from _literal(word, start)
    reads = max(line.rfind("-stdin"), line.rfind("sudo -S"))
    for found in _PIPED.finditer(line, 0, reads) if reads > 0 else ():
        yield found["value"], found.start("value")


def _by_letter(program: str, words: Sequence[_Word]) -> Found:
    option = LETTERS[program]
    for word, start in words if program in ATTACHED else ():
        lead = _lead(word)
        if word[lead:].startswith(option) and not word[lead:].startswith("--"):
            yield word[lead + len(option) :], start + lead + len(option)
    for (before, _), (word, start) in pairwise(words):
        if before.strip(_AROUND) == option and program not in PROMPTING:
            yield word, start


def _by_place(words: Sequence[_Word]) -> Found:
    bare = [(word.strip(_AROUND), start + _lead(word)) for word, start in words]
    for number, (word, _) in enumerate(bare):
        if word.rpartition("/")[2] in PLACED:
            found = placed([each for each, _ in bare[number:]])
            if found:
                value, start = bare[number + found[0]]
                yield value[found[1] : found[2]], start + found[1]


def _lead(word: str) -> int:
    return len(word) - len(word.lstrip(_AROUND))


def _logins(words: Sequence[_Word], is_curl: bool) -> Found:
    attached = (*_ATTACHED_LOGINS, "-u", "-U") if is_curl else _ATTACHED_LOGINS
    for (before, _), (word, start) in pairwise([("", 0), *words]):
        if before.strip(_AROUND) in _LOGIN_OPTIONS or word.startswith(attached):
            yield from _after_colon(word, start)


def _literal(word: str, start: int) -> Found:
    """`--from-literal=name=value` and `--from-literal name=value` of a Secret."""
    value = word.removeprefix(f"{_LITERAL}=").partition("=")[2]
    if value:
        yield value, start + len(word) - len(value)


def _names_next(word: str) -> bool:
    """Whether what follows a word is the value of what it names, and that is a secret."""
    bare = word.strip("\"'")
    name = bare.lstrip("-")
    if not _NAME.fullmatch(name) or name in SWITCHES or not secret_name(name):
        return False
    return bare != name or name == "requirepass" or _COMPOUND.fullmatch(name) is not None


def _after_colon(word: str, start: int) -> Found:
    name, _, value = word.partition(":")
    if value:
        yield value, start + len(name) + 1
