"""What a file is judged with."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from functools import cached_property

from kerp_policy.artifacts.expectations import is_expectation
from kerp_policy.artifacts.kustomize import Kustomize
from kerp_policy.i18n import Told, noted, told
from kerp_policy.policy.model import Policy, Profile
from kerp_policy.scopes.asking import Asking


class Context:
    """What a file is judged with: the standard and what other files say about this one."""

    def __init__(
        self,
        profile: Profile,
        *,
        kustomize: Kustomize | None = None,
        charts: frozenset[str] = frozenset(),
        expected: Mapping[str, str] | None = None,
        assumed: str | None = None,
    ) -> None:
        """Keep them.

        Args:
            profile: the standard.
            kustomize: what the project's kustomizations say.
            charts: the folders that hold a Helm chart.
            expected: from files that tests only compare with to the test.
            assumed: the environment of what shows none.
        """
        self.profile = profile
        self.kustomize = kustomize or Kustomize()
        self.charts = charts
        self.expected = expected or {}
        self.assumed = assumed

    @cached_property
    def by_id(self) -> Mapping[str, Policy]:
        """The policies by their names."""
        return {policy.id: policy for policy in self.profile.policies}

    @cached_property
    def asking(self) -> Asking:
        """The policies by what they are asked about."""
        return Asking(self.profile.policies)

    def about(self, path: str) -> tuple[object, ...]:
        """What other files say about one: the patch that it is, what overlays set in it."""
        kustomize = self.kustomize
        reason, applied = self.not_judged(path), kustomize.patches.get(path)
        return (reason, kustomize.overrides.get(path, ()), applied)

    def not_judged(self, path: str) -> Told | None:
        """Why a file is not judged by itself: a patch, a chart's template, what a test expects."""
        if applied := self.kustomize.patches.get(path):
            message = noted("a patch that {patch} applies: judge what kustomize build prints")
            return told(message, patch=applied.kustomization)
        if test := self.expected.get(path):
            return told(noted("what {test} expects to find: no step applies it"), test=test)
        if is_expectation(path):
            return told(noted("what a test expects to find, by its name: no step applies it"))
        folder = posixpath.dirname(path) if "templates/" in path else ""
        while folder.strip("/"):
            folder, name = posixpath.split(folder)
            if name == "templates" and folder in self.charts:
                message = noted("a template of the chart {chart}: judge what helm template prints")
                return told(message, chart=folder or ".")
        return None
