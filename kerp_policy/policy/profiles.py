"""From a profile's file and the policies there are to the policies in effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec.structs import replace

from kerp_policy.errors import FieldError
from kerp_policy.i18n import gettext as _
from kerp_policy.paths import Path
from kerp_policy.policy.model import Environment, Policy, Profile
from kerp_policy.wording import suggested


def extended(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """A profile's data laid over that of the one it extends.

    Environments, sections, clauses, versions and the settings of a policy are merged by name,
    parameters one by one; everything else goes before what the base says.
    """
    merged = {**base, **{key: value for key, value in data.items() if key != "extends"}}
    for key in ("versions", "environments", "sections", "clauses", "pending"):
        if key in base or key in data:
            merged[key] = {**base.get(key, {}), **data.get(key, {})}
    merged["ko"] = _korean(base.get("ko", {}), data)
    before, own = base.get("policies", {}), data.get("policies", {})
    merged["policies"] = {
        id: _setting(before.get(id) or {}, own.get(id) or {}) for id in {**before, **own}
    }
    return merged


def _korean(base: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Words in Korean: what is worded anew takes those of the base away."""
    own = data.get("ko", {})
    words: dict[str, Any] = {"title": own["title"]} if "title" in own else {}
    for key in ("sections", "clauses", "pending"):
        kept = {id: text for id, text in base.get(key, {}).items() if id not in data.get(key, {})}
        words[key] = {**kept, **own.get(key, {})}
    return words


def _setting(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    return {**base, **own, "params": {**base.get("params", {}), **own.get("params", {})}}


def resolve(name: str, data: Mapping[str, Any], policies: Mapping[str, Policy]) -> Profile:
    """Choose and tune the policies as a profile says.

    Args:
        name: the profile's name, for messages.
        data: the profile, valid by its schema and by `tuning.review_profile`, with what it
            extends put in.
        policies: every policy there is, by id.

    """
    settings: Mapping[str, Any] = data.get("policies", {})
    chosen = [
        _tuned(policy, settings)
        for policy in sorted(policies.values(), key=lambda policy: policy.id)
        if settings.get(policy.id, {}).get("enabled", _belongs(data, policy))
    ]
    return Profile(
        name=name,
        title=data["title"],
        versions=data.get("versions", {}),
        environments=tuple(_environment(*entry) for entry in data.get("environments", {}).items()),
        policies=tuple(chosen),
        clauses=data.get("clauses", {}),
        sections=data.get("sections", {}),
        pending=data.get("pending", {}),
        ko=data.get("ko", {}),
        known=frozenset(policies),
    )


def _environment(name: str, data: Mapping[str, Any]) -> Environment:
    namespaces, paths = (tuple(data.get(key, ())) for key in ("namespaces", "paths"))
    return Environment(name, namespaces, data.get("labels", {}), paths)


def known(
    id: str, choices: Collection[str], where: str, what: str = "policy", path: Path = ()
) -> str:
    """The id, if it is one of the choices.

    Args:
        id: what somebody named.
        choices: what there is.
        where: who named it, for the message.
        what: the kind of thing that it is to be.
        path: where it stands, if it stands in a file.

    Raises:
        FieldError: it is none of them; the message suggests the nearest.
    """
    if id in choices:
        return id
    message = _("{where} names the {what} {id!r}, which does not exist{hint}")
    hint = suggested(id, choices)
    raise FieldError(path, message.format(where=where, what=_(what), id=id, hint=hint))


def had(
    name: str, offered: Collection[str], profile: Profile, where: str, what: str = "policy"
) -> str:
    """The name, if it is one of what a profile offers.

    Args:
        name: what somebody named.
        offered: names of the profile's policies, or what else stands for them.
        profile: the one in effect.
        where: who named it, for the message.
        what: the kind of thing that it is to be.

    Raises:
        FieldError: it is none of them; the message tells a policy that the profile leaves out
            from one that does not exist.
    """
    if name in offered or name not in profile.known:
        return known(name, offered, where, what)
    message = _("{where} names the policy {id!r}, which the profile {profile} leaves out")
    raise FieldError((), message.format(where=where, id=name, profile=profile.name))


def _belongs(data: Mapping[str, Any], policy: Policy) -> bool:
    return _names(data["include"], policy) and not _names(data.get("exclude", {}), policy)


def _names(choice: Mapping[str, Any], policy: Policy) -> bool:
    """A policy is named by a clause, a topic or its id; `all` stands for any."""
    return (
        _meets(choice.get("clauses", ()), policy.clauses)
        or _meets(choice.get("topics", ()), policy.topics)
        or policy.id in choice.get("policies", ())
    )


def _meets(wanted: str | list[str], offered: tuple[str, ...]) -> bool:
    return bool(offered) if wanted == "all" else not set(wanted).isdisjoint(offered)


def _tuned(policy: Policy, settings: Mapping[str, Any]) -> Policy:
    setting = settings.get(policy.id, {})
    shared = settings.get(policy.params_of, {}).get("params", {})
    environments = setting.get("only", {}).get("environments")
    return replace(
        policy,
        params={**policy.params, **shared, **setting.get("params", {})},
        severity=setting.get("severity", policy.severity),
        environments=tuple(environments) if environments is not None else None,
    )
