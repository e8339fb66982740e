"""Words that look made up by chance, as a token of a service that nobody knows.

Digests, commits and UUIDs are no such words, as they have letters of one size; nor are names that
are written together, certificates and public keys in base64, and the ids in the path of a URL.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from kerp_policy.regex import regex

_WORD = regex(r"(?<![\w+/.:-])[\w+/-]{20,100}+={0,2}(?![\w+/=.:-])")
_JOINT = regex(r"[-_+/]")
_DIGITS = regex(r"[0-9]+")
_NAME = regex(r"[a-z]{6}")
_PUBLIC = ("sha", "0x", "AAAA", "MII", "LS0t")
"""What a checksum (`sha512-…`), a number, an SSH key, and DER and PEM in base64 begin with."""
_PEM = (64, 76)
"""How wide certificates are written (RFC 7468, 2; RFC 1421)."""
_FEW = 1.2  # joints: a name has them between its words
_GROUPS = 3
_CHANGES = 0.4


def random_words(line: str) -> Iterator[tuple[int, int]]:
    """From where to where a word that looks random stands in a line."""
    for word in _WORD.finditer(line):
        text = word[0]
        if len(text) in _PEM and line.strip() == text:
            continue
        if not text.startswith(_PUBLIC) and not _NAME.search(text) and _is_random(text):
            yield word.span()


def _is_random(text: str) -> bool:
    """Letters of both sizes and digits take turns more often than in any name."""
    run = _JOINT.sub("", text.rstrip("="))
    if len(run) * _FEW < len(text) or run.islower() or run.isupper():
        return False
    changes = sum(_kind(one) != _kind(other) for one, other in pairwise(run))
    return len(_DIGITS.findall(run)) >= _GROUPS and changes >= _CHANGES * len(run)


def _kind(character: str) -> int:
    return 0 if character.isdigit() else 1 if character.islower() else 2
