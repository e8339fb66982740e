"""Words: sets of them, and those that names are made of."""

from __future__ import annotations

from kerp_policy.regex import regex

_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def word_set(text: str) -> frozenset[str]:
    """The words of a text, which blanks part: a list of forty names in quotes is hard to read."""
    return frozenset(text.split())


def name_words(name: str) -> list[str]:
    """The words of a name in lower case, however they are joined: `DBHost` has db and host."""
    return [word.lower() for word in _WORD.findall(name)]
