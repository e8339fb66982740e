"""The standard that a configuration puts into effect."""

from __future__ import annotations

from msgspec.structs import replace

from kerp_policy import i18n
from kerp_policy.config import Config
from kerp_policy.policy.load import load_profile
from kerp_policy.policy.model import Profile
from kerp_policy.policy.words import in_language


def standard_of(config: Config, profile: str | None = None) -> Profile:
    """The configured profile, or the one of a name, with what the project waives and declares.

    Its words are in the language that is spoken.

    Raises:
        UsageError: there is no such profile, or a policy or profile is not valid.
    """
    standard = load_profile(profile or config.profile, config.policies)
    standard = in_language(standard, i18n.language())
    return replace(standard, externals=config.externals, waivers=config.waivers)
