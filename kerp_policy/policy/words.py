"""A standard in the words of another language, as its policies and profile hold them under `ko`."""

from __future__ import annotations

import re

from msgspec.structs import replace

from kerp_policy.i18n import KOREAN
from kerp_policy.policy.model import Policy, Profile, fill
from kerp_policy.regex import regex

_PARTICLE = regex(r"(\w)(?:\(으\)로|(을)\(를\)|(이)\(가\))")
_SPOKEN = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))
_AFTER_VOWEL = {"을": "를", "이": "가"}
_RIEUL = 8
"""The number of the final consonant ㄹ (The Unicode Standard, section 3.12)."""


def in_language(profile: Profile, language: str) -> Profile:
    """The standard with its words in a language; what has none in it keeps its own.

    Args:
        profile: the standard.
        language: `en` or `ko`.
    """
    if language != KOREAN:
        return profile
    words = profile.ko
    sections, clauses, pending = (words.get(key, {}) for key in ("sections", "clauses", "pending"))
    return replace(
        profile,
        title=words.get("title", profile.title),
        sections={id: sections.get(id, text) for id, text in profile.sections.items()},
        clauses={id: clauses.get(id, text) for id, text in profile.clauses.items()},
        pending={id: pending.get(id, text) for id, text in profile.pending.items()},
        policies=tuple(map(_in_korean, profile.policies)),
    )


def _in_korean(policy: Policy) -> Policy:
    words = {key: with_particles(fill(text, policy.params)) for key, text in policy.ko.items()}
    return replace(
        policy,
        title=words.get("title", policy.title),
        why=words.get("why", policy.why),
        how=words.get("how", policy.how),
    )


def with_particles(text: str) -> str:
    """The text with the form of each particle that its noun asks for: `1001(으)로` is `1001로`.

    Behind what is no Hangul and no digit both forms stay, since nobody knows how it is spoken.
    """
    return _PARTICLE.sub(_particle, text)


def _particle(found: re.Match[str]) -> str:
    noun = found[1]
    number = ord(_SPOKEN.get(noun, noun)) - ord("가")
    if not 0 <= number <= ord("힣") - ord("가"):
        return found[0]
    final = number % 28
    after_consonant = found[2] or found[3]
    if not after_consonant:
        return noun + ("로" if final in (0, _RIEUL) else "으로")
    return noun + (after_consonant if final else _AFTER_VOWEL[after_consonant])
