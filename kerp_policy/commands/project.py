"""The project that a command works on: where it begins, what it configures, its standard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from kerp_policy.config import Config, load_config
from kerp_policy.policy.model import Profile
from kerp_policy.sources.discover import project_root
from kerp_policy.standard import standard_of

if TYPE_CHECKING:
    from kerp_policy.outcome import Run


class Project(Struct, frozen=True):
    """A project and its configuration."""

    root: Path
    config: Config

    def standard(self, profile: str | None = None) -> Profile:
        """The standard of a name, or the one that the project configures.

        Raises:
            UsageError: there is no such profile, or a policy is not valid.
        """
        return standard_of(self.config, profile)


def project_of(paths: Sequence[Path] = (Path(),)) -> Project:
    """The project that the paths lie in.

    Raises:
        UsageError: a path does not exist, or the configuration is not valid.
    """
    root = project_root(paths)
    return Project(root, load_config(root))


class Judged(Struct, frozen=True):
    """A project, what came of judging it, and the exit code if no finding fails."""

    project: Project
    result: Run
    code: int = 0
