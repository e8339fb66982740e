"""The standard that a configuration puts into effect."""

from __future__ import annotations

from dataclasses import replace

from kerp_policy.config import Config
from kerp_policy.policy.load import load_profile
from kerp_policy.policy.model import Profile


def standard_of(config: Config, profile: str | None = None) -> Profile:
    """The configured profile, or the one of a name, with what the project waives and declares.

    Raises:
        UsageError: there is no such profile, or a policy or profile is not valid.
    """
    standard = load_profile(profile or config.profile, config.policies)
    return replace(standard, externals=config.externals, waivers=config.waivers)
