"""From a profile's file and the policies there are to the policies in effect."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from msgspec.structs import replace

from kerp_policy.errors import FieldError
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.paths import Path
from kerp_policy.policy.model import Environment, Policy, Profile, in_words, section_of
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
        data: the profile, valid by its schema, with what it extends put in.
        policies: every policy there is, by id.

    Raises:
        FieldError: the profile names a policy, a parameter or an environment that does not exist.
    """
    settings: Mapping[str, Any] = data.get("policies", {})
    _review(name, data, policies)
    include = data["include"]
    chosen = [
        _tuned(policy, settings)
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
        sections=data.get("sections", {}),
        pending=data.get("pending", {}),
        ko=data.get("ko", {}),
        known=frozenset(policies),
    )


def _review(name: str, data: Mapping[str, Any], policies: Mapping[str, Policy]) -> None:
    where = _("the profile {name}").format(name=name)
    for id, setting in data.get("policies", {}).items():
        at: Path = ("policies", id)
        known(id, policies, where, path=at)
        at_policy = _("{where}, at {policy},").format(where=where, policy=id)
        for param in setting.get("params", {}):
            path = (*at, "params", param)
            known(param, policies[id].params, at_policy, noted("parameter"), path)
            _fits(setting["params"][param], policies[id].params[param], path)
        if policies[id].require and setting.get("params"):
            from kerp_policy.policy.review import review_params

            default, own = policies[id].params, setting["params"]
            review_params(policies[id].require, default, own, (*at, "params"))
        for index, environment in enumerate(setting.get("only", {}).get("environments", ())):
            path = (*at, "only", "environments", index)
            choices = data.get("environments", {})
            known(environment, choices, at_policy, noted("environment"), path)
    clauses = _clauses(data, policies)
    _review_sections(where, data, {section_of(clause) for clause in clauses})
    _review_include(where, data, policies, clauses)


def _clauses(data: Mapping[str, Any], policies: Mapping[str, Policy]) -> set[str]:
    """Every clause that there is: those that the profile words, and those that policies name."""
    named = {clause for policy in policies.values() for clause in policy.clauses}
    return {*data.get("clauses", ()), *data.get("pending", ()), *named}


def _review_sections(where: str, data: Mapping[str, Any], sections: Collection[str]) -> None:
    """A title is for a section that has clauses; another would be shown nowhere."""
    korean: Mapping[str, Any] = data.get("ko", {})
    for words, path in ((data, ()), (korean, ("ko",))):
        for section in words.get("sections", ()):
            known(section, sections, where, noted("section"), (*path, "sections", section))


def _review_include(
    where: str, data: Mapping[str, Any], policies: Mapping[str, Policy], clauses: set[str]
) -> None:
    """What is chosen must exist: a clause that no policy has and no line describes is misspelt."""
    offered = {
        "policies": set(policies),
        "topics": {topic for policy in policies.values() for topic in policy.topics},
        "clauses": clauses,
    }
    singular = {"policies": noted("policy"), "topics": noted("topic"), "clauses": noted("clause")}
    for key, names in data["include"].items():
        for index, name in enumerate(names if names != "all" else ()):
            known(name, offered[key], where, singular[key], ("include", key, index))


def _fits(value: Any, default: Any, path: Path) -> None:
    """A parameter has the type of its default; for a number a word will do, as `25%` does."""
    expected, given = _type(default), _type(value)
    is_word = isinstance(value, str) and not value.lstrip("-").isdigit()
    if default is None or expected == given or (expected == _NUMBER and is_word):
        if isinstance(default, list) and isinstance(value, list):
            _items_fit(value, default, path)
        return
    shown = in_words(default) if isinstance(default, str | int | float) else json.dumps(default)
    message = _("{name} is {given}; expected {expected}, as {shown}")
    name = path[-1] if isinstance(path[-1], str) else f"{path[-2]}[{path[-1]}]"
    told = message.format(name=name, given=_(given), expected=_(expected), shown=shown)
    raise FieldError(path, told)


def _items_fit(value: list[Any], default: list[Any], path: Path) -> None:
    """Items have the type of those of the default, where these have one."""
    if len({_type(item) for item in default}) == 1:
        for index, item in enumerate(value):
            _fits(item, default[0], (*path, index))


def _type(value: Any) -> str:
    return _TYPES.get(type(value), _NUMBER)


_NUMBER = noted("a number")
_TYPES = {
    bool: noted("true or false"),
    str: noted("a text"),
    list: noted("a list"),
    dict: noted("a mapping"),
    type(None): noted("nothing"),
}


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


def _includes(include: Mapping[str, Any], policy: Policy) -> bool:
    """A policy is chosen by a clause, a topic or its id; `all` stands for any."""
    return (
        _meets(include.get("clauses", ()), policy.clauses)
        or _meets(include.get("topics", ()), policy.topics)
        or policy.id in include.get("policies", ())
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
