"""Dockerfiles cut into the things that policies are asked about (in the making)."""

from __future__ import annotations

from kerp_policy.policy.model import Profile
from kerp_policy.scopes.artifact import Artifact
from kerp_policy.sources.source import Source


def dockerfile_artifact(source: Source, profile: Profile, assumed: str | None) -> Artifact:
    """The artifact of a Dockerfile."""
    return Artifact("dockerfile")
