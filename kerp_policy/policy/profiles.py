"""From a profile's file and the policies there are to the policies in effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from kerp_policy.errors import UsageError
from kerp_policy.policy.model import Environment, Policy, Profile


def resolve(name: str, data: Mapping[str, Any], policies: Mapping[str, Policy]) -> Profile:
    """Choose and tune the policies as a profile says.

    Args:
        name: the profile's name, for messages.
        data: the profile's file, valid by its schema.
        policies: every policy there is, by id.

    Raises:
        UsageError: the profile tunes a policy or a parameter that does not exist.
    """
    settings: Mapping[str, Any] = data.get("policies", {})
    for id, setting in settings.items():
        known(id, policies, f"the profile {name}")
        for param in setting.get("params", {}):
            known(param, policies[id].params, f"the profile {name}, at {id},", "parameter")
    include = data["include"]
    chosen = [
        _tuned(policy, settings.get(policy.id, {}))
        for policy in sorted(policies.values(), key=lambda policy: policy.id)
        if _includes(include, policy) and settings.get(policy.id, {}).get("enabled", True)
    ]
    return Profile(
        name=name,
        title=data["title"],
        versions=data.get("versions", {}),
        environments=tuple(_environment(*entry) for entry in data.get("environments", {}).items()),
        policies=tuple(chosen),
        clauses=data.get("clauses", {}),
        pending=data.get("pending", {}),
    )


def _environment(name: str, data: Mapping[str, Any]) -> Environment:
    namespaces, paths = (tuple(data.get(key, ())) for key in ("namespaces", "paths"))
    return Environment(name, namespaces, data.get("labels", {}), paths)


def known(id: str, choices: Collection[str], where: str, what: str = "policy") -> str:
    """The id, if it is one of the choices.

    Raises:
        UsageError: it is not; the message suggests the nearest.
    """
    if id in choices:
        return id
    near = get_close_matches(id, choices, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise UsageError(f"{where} names the {what} {id!r}, which does not exist{hint}")


def _includes(include: Mapping[str, Any], policy: Policy) -> bool:
    """A policy is chosen by a clause, a topic or its id; `all` stands for any."""
    return (
        _meets(include.get("clauses", ()), policy.clauses)
        or _meets(include.get("topics", ()), policy.topics)
        or policy.id in include.get("policies", ())
    )


def _meets(wanted: str | list[str], offered: tuple[str, ...]) -> bool:
    return bool(offered) if wanted == "all" else not set(wanted).isdisjoint(offered)


def _tuned(policy: Policy, setting: Mapping[str, Any]) -> Policy:
    environments = setting.get("only", {}).get("environments")
    return replace(
        policy,
        params={**policy.params, **setting.get("params", {})},
        severity=setting.get("severity", policy.severity),
        environments=tuple(environments) if environments is not None else None,
    )
