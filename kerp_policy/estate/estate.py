"""The estate: the facts of all files, joined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kerp_policy.estate.facts import Autoscaler, Budget, Fact, Workload


@dataclass(frozen=True, slots=True)
class Estate:
    """What the project declares, indexed by what it is looked up by."""

    workloads: list[Workload] = field(default_factory=list)
    budgets: dict[str | None, list[Budget]] = field(default_factory=dict)
    """By namespace."""
    autoscalers: dict[tuple[str | None, str, str], list[Autoscaler]] = field(default_factory=dict)
    """By namespace, kind and name of what they scale."""

    def autoscalers_of(self, workload: Workload) -> list[Autoscaler]:
        """The autoscalers that name a workload as their target."""
        return self.autoscalers.get((workload.namespace, workload.kind, workload.name), [])


def joined(facts: Iterable[Fact]) -> Estate:
    """Join the facts of all files."""
    estate = Estate()
    for fact in facts:
        if isinstance(fact, Workload):
            estate.workloads.append(fact)
        elif isinstance(fact, Budget):
            estate.budgets.setdefault(fact.namespace, []).append(fact)
        else:
            key = (fact.namespace, fact.kind, fact.target)
            estate.autoscalers.setdefault(key, []).append(fact)
    return estate
