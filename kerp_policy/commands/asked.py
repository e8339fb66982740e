"""What the options of `check` ask for: a standard as the command line has it, a change or all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from kerp_policy.commands.project import Project
from kerp_policy.config import Config
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.policy.model import Policy, Profile
from kerp_policy.policy.profiles import had, known
from kerp_policy.timings import phase

ALWAYS = frozenset({"unreadable", "not-judged"})
"""Policies that no option takes away: nothing may pass because it was not judged."""


def keeps(options: Mapping[str, Any]) -> bool:
    """Whether results are kept: where machines are shared, as in CI, who knows who wrote them."""
    return options["cache"] if options["cache"] is not None else not os.environ.get("CI")


def is_change(options: Mapping[str, Any]) -> bool:
    """Whether only what a change brings is asked for."""
    return options["staged"] or options["changed_since"] is not None


@phase("standard")
def profile_of(project: Project, options: Mapping[str, Any]) -> Profile:
    """The standard of a project, as the command line has it.

    Raises:
        UsageError: the standard is not valid, or the command line names what it does not have.
    """
    profile = project.standard(options["profile"])
    versions = _versions(project.config, options)
    profile = replace(profile, versions={**profile.versions, **versions})
    if options["environment"]:
        names = [environment.name for environment in profile.environments]
        known(options["environment"], names, "--environment", noted("environment"))
    return replace(profile, policies=_chosen(profile, options))


def _versions(config: Config, options: Mapping[str, Any]) -> dict[str, str]:
    """The versions that were asked for, each one that is known."""
    asked = {
        "kubernetes": options["kubernetes_version"] or config.kubernetes_version,
        "alertmanager": options.get("alertmanager_version") or config.alertmanager_version,
    }
    given = {name: version for name, version in asked.items() if version}
    for name, version in given.items():
        try:
            _KNOWN_VERSIONS[name](version)
        except ValueError as error:
            is_asked = options.get(f"{name}_version")
            where = f"--{name}-version" if is_asked else _("{name}-version in the configuration")
            raise UsageError(f"{where.format(name=name)}: {error}") from None
    return given


def _kubernetes_version(version: str) -> None:
    from kerp_policy.kubernetes.versions import served

    served(version)


def _alertmanager_version(version: str) -> None:
    from kerp_policy.artifacts.alertmanager.table import parse_version

    parse_version(version)


_KNOWN_VERSIONS: dict[str, Callable[[str], None]] = {
    "kubernetes": _kubernetes_version,
    "alertmanager": _alertmanager_version,
}
"""By program, what raises ValueError for a version that is not known."""


def _chosen(profile: Profile, options: Mapping[str, Any]) -> tuple[Policy, ...]:
    selected = _names(options["select"], profile, "--select")
    ignored = _names(options["ignore"], profile, "--ignore")
    return tuple(
        policy
        for policy in profile.policies
        if policy.id in ALWAYS
        or ((not selected or selected & _handles(policy)) and not ignored & _handles(policy))
    )


def _names(lists: Sequence[str], profile: Profile, option: str) -> set[str]:
    names = {name.strip() for text in lists for name in text.split(",") if name.strip()}
    handles = {handle for policy in profile.policies for handle in _handles(policy)}
    what = noted("policy, clause or topic")
    return {had(name, handles, profile, option, what) for name in sorted(names)}


def _handles(policy: Policy) -> set[str]:
    return {policy.id, *policy.clauses, *policy.topics}
