"""What can be wrong in a profile although it fits its schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

from kerp_policy.errors import FieldError, mistakes
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.paths import Path
from kerp_policy.policy.model import Policy, in_words, section_of
from kerp_policy.policy.profiles import known
from kerp_policy.regex import regex


def review_profile(
    name: str, data: Mapping[str, Any], policies: Mapping[str, Policy]
) -> Iterator[FieldError]:
    """Look for what the schema `profile` cannot say.

    Yields:
        What is wrong with a policy, a parameter, an environment, or a section or clause that the
        profile names.
    """
    yield from mistakes(_looks(_("the profile {name}").format(name=name), data, policies))
    for id, setting in data.get("policies", {}).items():
        if id in policies:
            yield from _parameters(policies[id], setting.get("params", {}), data)


def _looks(
    where: str, data: Mapping[str, Any], policies: Mapping[str, Policy]
) -> Iterator[Callable[[], object]]:
    for id, setting in data.get("policies", {}).items():
        yield partial(known, id, policies, where, path=("policies", id))
        if id in policies:
            at_policy = _("{where}, at {policy},").format(where=where, policy=id)
            yield from _looks_at(policies[id], setting, at_policy, data.get("environments", {}))
    clauses = _clauses(data, policies)
    sections = {section_of(clause) for clause in clauses}
    yield partial(_review_sections, where, data, sections)
    for key in ("include", "exclude"):
        yield partial(_review_choice, where, key, data.get(key, {}), policies, clauses)


def _looks_at(
    policy: Policy, setting: Mapping[str, Any], where: str, environments: Collection[str]
) -> Iterator[Callable[[], object]]:
    at: Path = ("policies", policy.id)
    own = setting.get("params", {})
    for param, value in own.items():
        path = (*at, "params", param)
        yield partial(known, param, policy.params, where, noted("parameter"), path)
        if param in policy.params and _TYPING.isdisjoint(_taken(policy).get(param, ())):
            yield partial(_fits, value, policy.params[param], path)
    if policy.require and own:
        from kerp_policy.policy.review import review_params

        yield partial(review_params, policy.require, policy.params, own, (*at, "params"))
    for index, environment in enumerate(setting.get("only", {}).get("environments", ())):
        path = (*at, "only", "environments", index)
        yield partial(known, environment, environments, where, noted("environment"), path)


def _taken(policy: Policy) -> Mapping[str, Any]:
    """What is known of a policy's parameters."""
    from kerp_policy.policy.parameters import taken

    return taken(policy.check, policy.takes)


def _parameters(
    policy: Policy, own: Mapping[str, Any], data: Mapping[str, Any]
) -> Iterator[FieldError]:
    """What is wrong with what a profile sets; what it leaves as it is was looked at before."""
    if own:
        from kerp_policy.policy.parameters import review_own

        at: Path = ("policies", policy.id, "params")
        names = data.get("environments", {})
        yield from review_own(_taken(policy), own, policy.params, at, names)


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


def _review_choice(
    where: str,
    name: str,
    choice: Mapping[str, Any],
    policies: Mapping[str, Policy],
    clauses: set[str],
) -> None:
    """What is named must exist: a clause that no policy has and no line describes is misspelt."""
    offered = {
        "policies": set(policies),
        "topics": {topic for policy in policies.values() for topic in policy.topics},
        "clauses": clauses,
    }
    singular = {"policies": noted("policy"), "topics": noted("topic"), "clauses": noted("clause")}
    for key, names in choice.items():
        for index, value in enumerate(names if names != "all" else ()):
            known(value, offered[key], where, singular[key], (name, key, index))


def _fits(value: Any, default: Any, path: Path) -> None:
    """A parameter has the type of its default; for a number a word will do, as `25%` does."""
    expected, given = _type(default), _type(value)
    is_word = isinstance(value, str) and bool(_AMOUNT.fullmatch(value))
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


_AMOUNT = regex(r"[0-9]+(\.[0-9]+)?(%|[A-Za-z]+)")
"""A number with a unit."""

_TYPING = frozenset({"type", "enum", "const"})
"""What of a schema tells the type of a value; one without leaves that to the default."""

_NUMBER = noted("a number")
_TYPES = {
    bool: noted("true or false"),
    str: noted("a text"),
    list: noted("a list"),
    dict: noted("a mapping"),
    type(None): noted("nothing"),
}
