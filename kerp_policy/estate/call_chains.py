"""Which workflows call which, through all levels: loops, depth, and the permissions asked for.

Source: GitHub documentation, "Reusing workflow configurations", limits and permissions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from msgspec import Struct

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import file_of
from kerp_policy.estate.interfaces import Access, Demand, Interface, WorkflowCall

MOST_LEVELS = 10
"""Workflows that may stand above each other, the one that an event starts included."""
_RANKS = {"none": 0, "read": 1, "write": 2}


class Wanted(Struct, frozen=True):
    """An access that a workflow, or one that it calls, asks for, and where in which file."""

    level: str
    file: str
    demand: Demand


class Chains:
    """The calls of a project, followed.

    Attributes:
        loop: workflows of which each calls the next, and the last the first; one loop of perhaps
            several, empty where there is none. Nothing is followed then.
        levels: by workflow, how many stand above each other from there on.
    """

    def __init__(self, estate: Estate) -> None:
        """Follow the calls from those who call nobody upwards."""
        self._calls = estate.by(WorkflowCall, file_of)
        graph = {
            file: sorted({c.called for c in self._calls[file]}) for file in sorted(self._calls)
        }
        self.loop: Sequence[str] = ()
        self.levels: dict[str, int] = {}
        self._wanted: dict[str, Mapping[str, Wanted]] = {}
        self._interfaces = estate.by(Interface, file_of)
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            self.loop = _from_first(error.args[1])
            order = []
        for file in order:
            self.levels[file] = 1 + max(
                map(self.levels.__getitem__, graph.get(file, ())), default=0
            )
            self._wanted[file] = self._asked(file)

    def wanted(self, called: str) -> Mapping[str, Wanted]:
        """By scope, the most that a workflow asks of its callers (`*` is every scope)."""
        return self._wanted.get(called, {})

    def _asked(self, file: str) -> Mapping[str, Wanted]:
        """A job that states nothing asks for what the workflow asks for that it calls."""
        most: dict[str, Wanted] = {}
        for interface in self._interfaces.get(file, ()):
            for demand in interface.demands:
                for scope, level in demand.access.items():
                    _raise(most, scope, Wanted(level, file, demand))
        for call in self._calls.get(file, ()):
            if call.granted is None:
                for scope, wanted in self.wanted(call.called).items():
                    _raise(most, scope, wanted)
        return most


def _raise(most: dict[str, Wanted], scope: str, wanted: Wanted) -> None:
    before = most.get(scope)
    if before is None or _rank(before.level) < _rank(wanted.level):
        most[scope] = wanted


def _rank(level: str) -> int:
    return _RANKS.get(level, 0)


def level_of(granted: Access, scope: str) -> str:
    """The access to a scope that is granted; what is not mentioned is none."""
    return granted.get(scope, granted.get("*", "none"))


def exceeds(level: str, granted: str) -> bool:
    """Whether an access is more than another."""
    return _rank(level) > _rank(granted)


def _from_first(cycle: Sequence[str]) -> tuple[str, ...]:
    """A loop as its callers go, from the first of them by name; graphlib has it turned round."""
    loop = list(reversed(cycle[1:]))
    at = loop.index(min(loop))
    return (*loop[at:], *loop[:at])
