"""A standard in the words of another language, as its policies and profile hold them under `ko`."""

from __future__ import annotations

from dataclasses import replace

from kerp_policy.i18n import KOREAN
from kerp_policy.policy.model import Policy, Profile


def in_language(profile: Profile, language: str) -> Profile:
    """The standard with its words in a language; what has none in it keeps its own.

    Args:
        profile: the standard.
        language: `en` or `ko`.
    """
    if language != KOREAN:
        return profile
    words = profile.ko
    return replace(
        profile,
        title=words.get("title", profile.title),
        clauses={**profile.clauses, **words.get("clauses", {})},
        pending={**profile.pending, **words.get("pending", {})},
        policies=tuple(map(_in_korean, profile.policies)),
    )


def _in_korean(policy: Policy) -> Policy:
    words = policy.ko
    return replace(
        policy,
        title=words.get("title", policy.title),
        why=words.get("why", policy.why),
        how=words.get("how", policy.how),
    )
