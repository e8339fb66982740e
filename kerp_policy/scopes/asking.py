"""Which policies are asked about a thing: `when` and `environments` held to its facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kerp_policy.paths import Path, parse_path
from kerp_policy.policy.model import Policy
from kerp_policy.policy.require import valid
from kerp_policy.views import View, lookup


class Asked(NamedTuple):
    """The policies that have a say about a thing, and the names of those that have none."""

    policies: tuple[Policy, ...]
    others: tuple[str, ...]


class Asking:
    """The policies of a standard by what they are asked about.

    Most things of a project are alike in all that `when` asks for, so that what applies to one
    is known of the others.
    """

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._by_scope: dict[str, list[Policy]] = {}
        for policy in policies:
            if policy.require or policy.check:  # readers speak for the others
                self._by_scope.setdefault(policy.each, []).append(policy)
        self._names = {
            scope: {name: parse_path(name) for policy in chosen for name in policy.when}
            for scope, chosen in self._by_scope.items()
        }
        self._known: dict[tuple[Any, ...], Asked] = {}

    def about(self, view: View) -> Asked:
        """The policies of a view's scope."""
        facts = _facts(view, self._names.get(view.scope, {}))
        told = (*facts.values(), *map(type, facts.values()))
        key = (view.scope, view.is_part, view.environment, *told)
        try:
            if key not in self._known:
                self._known[key] = self._asked(view, facts)
            return self._known[key]
        except TypeError:  # a mapping or list, where text is asked for
            return self._asked(view, facts)

    def _asked(self, view: View, facts: Mapping[str, Any]) -> Asked:
        policies = self._by_scope.get(view.scope, ())
        asked = tuple(policy for policy in policies if _applies(policy, view, facts))
        chosen = {policy.id for policy in asked}
        return Asked(asked, tuple(policy.id for policy in policies if policy.id not in chosen))


def _facts(view: View, names: Mapping[str, Path]) -> dict[str, Any]:
    return {name: lookup(view.facts, path) for name, path in names.items()}


def _applies(policy: Policy, view: View, facts: Mapping[str, Any]) -> bool:
    if policy.environments is not None and view.environment not in policy.environments:
        return False
    if view.is_part and not (policy.require or policy.patches):
        return False
    return all(_holds(facts[name], wanted) for name, wanted in policy.when.items())


def _holds(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return valid(wanted, value)
    return value in wanted if isinstance(wanted, list) else bool(value == wanted)
