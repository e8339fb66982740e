"""Sorts a command's words into options and arguments, as getopt does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

Words = list["str | None"]
"""Words of a command; None for one that the file does not tell."""


class Options(Struct, frozen=True):
    """A command line: options with a value, options without, and the other arguments."""

    values: dict[str, str | None]
    flags: set[str]
    names: Words


def parse_options(words: Words, valued: Mapping[str, str]) -> Options:
    """Sort the words behind a command's name.

    Args:
        words: the words.
        valued: the options that take a value, without dashes, and the name that it is kept under.
    """
    options = Options({}, set(), [])
    rest = iter(words)
    for word in rest:
        if word is None or not word.startswith("-") or word == "-":
            options.names.append(word)
        elif word == "--":
            options.names.extend(rest)
        elif word.startswith("--"):
            _long(word[2:], rest, valued, options)
        else:
            _short(word[1:], rest, valued, options)
    return options


def _long(
    word: str, rest: Iterator[str | None], valued: Mapping[str, str], options: Options
) -> None:
    name, equals, value = word.partition("=")
    if name in valued:
        options.values[valued[name]] = value if equals else next(rest, None)
    else:
        options.flags.add(name)


def _short(
    letters: str, rest: Iterator[str | None], valued: Mapping[str, str], options: Options
) -> None:
    """Several options in one word: `-Su 1001`, `-u1001`."""
    for position, letter in enumerate(letters):
        if letter in valued:
            options.values[valued[letter]] = letters[position + 1 :] or next(rest, None)
            return
        options.flags.add(letter)
