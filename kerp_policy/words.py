"""Sets of words, written as one text: a list of forty names in quotes is hard to read."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a text, which blanks part."""
    return frozenset(text.split())
