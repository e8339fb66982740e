"""The estate: the facts of all files, joined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kerp_policy.estate.facts import Budget, Fact, Workload


@dataclass(frozen=True, slots=True)
class Estate:
    """What the project declares, indexed by what it is looked up by."""

    workloads: tuple[Workload, ...] = ()
    budgets: dict[str | None, list[Budget]] = field(default_factory=dict)
    """By namespace."""


def joined(facts: Iterable[Fact]) -> Estate:
    """Join the facts of all files."""
    workloads: list[Workload] = []
    budgets: dict[str | None, list[Budget]] = {}
    for fact in facts:
        if isinstance(fact, Workload):
            workloads.append(fact)
        else:
            budgets.setdefault(fact.namespace, []).append(fact)
    return Estate(tuple(workloads), budgets)
