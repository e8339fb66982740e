"""The tree of routes, each with what it inherits.

Source: Alertmanager's documentation, Configuration, `<route>`: receiver, group_by and the waits
pass from parent to child; continue, matchers and time intervals do not.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.alertmanager.loader import routes
from kerp_policy.artifacts.alertmanager.matchers import Matcher, readable
from kerp_policy.artifacts.alertmanager.table import Version
from kerp_policy.artifacts.alertmanager.texts import milliseconds
from kerp_policy.paths import Path

INHERITED = ("receiver", "group_by", "group_wait", "group_interval", "repeat_interval")
DEFAULTS = {"group_wait": "30s", "group_interval": "5m", "repeat_interval": "4h"}
"""Alertmanager's own (documentation, Configuration, `<route>`)."""

_EMPTY_GROUP_BY: Version = (0, 31)
"""From here on, an empty `group_by` replaces the one that would be inherited."""


class Route(Struct, frozen=True, dict=True):
    """A route.

    Attributes:
        path: where it stands in the configuration.
        own: the fields that it sets itself.
        effective: these, and those that it inherits or that have defaults.
        parent: the route above, or None for the root.
        matchers: its own conditions, each with the path below the route where it is written.
        family: every route under the same parent, this one included, in order.
        position: its place among them.
        second: how many before it have the same conditions.
    """

    path: Path
    own: dict[str, Any]
    effective: dict[str, Any]
    parent: Route | None
    matchers: tuple[tuple[Matcher, Path], ...]
    family: list[Route]
    position: int
    second: int

    @cached_property
    def conditions(self) -> tuple[Matcher, ...]:
        """Its own conditions."""
        return tuple(matcher for matcher, _ in self.matchers)

    @cached_property
    def chain(self) -> tuple[Matcher, ...]:
        """What an alert fulfils that gets here: the conditions from the root down."""
        above = self.parent.chain if self.parent else ()
        return (*above, *self.conditions)

    @cached_property
    def group_by(self) -> list[str]:
        """The labels that alerts are grouped by, without what is no text."""
        labels = self.effective.get("group_by")
        return (
            [each for each in labels if isinstance(each, str)] if isinstance(labels, list) else []
        )

    @property
    def continues(self) -> bool:
        """Whether the routes after it are tried, too."""
        return bool(self.own.get("continue"))

    @cached_property
    def name(self) -> str:
        """Its conditions, sorted, in braces; a second one of the same name gets `~2`."""
        if self.parent is None:
            return ""
        written = f"{{{','.join(sorted(map(str, self.conditions)))}}}"
        return f"{written}~{self.second + 1}" if self.second else written

    @cached_property
    def address(self) -> str:
        """`route{…}/{…}`."""
        if self.parent is None:
            return "route"
        above = self.parent.address
        return f"{above}{self.name}" if self.parent.parent is None else f"{above}/{self.name}"

    def duration(self, key: str) -> int:
        """One of the waits, in milliseconds."""
        return milliseconds(self.effective[key]) or 0

    def set_at(self, key: str) -> Route | None:
        """The route that sets what is in effect here; None where it is the default."""
        route: Route | None = self
        while route and route.own.get(key) is None:
            route = route.parent
        return route


def read_routes(root: dict[str, Any], version: Version) -> dict[Path, Route]:
    """Every route of a configuration by its path, the root first."""
    found: dict[Path, Route] = {}
    families: dict[Path, list[Route]] = {}
    seen: Counter[tuple[Any, ...]] = Counter()
    for path, own in routes(root):
        parent = found.get(path[:-2])
        family = families.setdefault(path[:-1], [])
        matchers = _matchers(own, version)
        same = (path[:-1], *sorted(matcher for matcher, _ in matchers))
        route = Route(
            path=path,
            own=own,
            effective=_effective(own, parent, version),
            parent=parent,
            matchers=matchers,
            family=family,
            position=len(family),
            second=seen[same],
        )
        seen[same] += 1
        family.append(route)
        found[path] = route
    return found


def _effective(own: dict[str, Any], parent: Route | None, version: Version) -> dict[str, Any]:
    above = parent.effective if parent else DEFAULTS
    inherited = {key: above[key] for key in INHERITED if above.get(key) is not None}
    given = {key: value for key, value in own.items() if value is not None}
    if version < _EMPTY_GROUP_BY and not given.get("group_by"):
        given.pop("group_by", None)
    return {**inherited, **given}


def _matchers(own: dict[str, Any], version: Version) -> tuple[tuple[Matcher, Path], ...]:
    found: list[tuple[Matcher, Path]] = []
    for key, op in (("match", "="), ("match_re", "=~")):
        for name, value in (own.get(key) or {}).items():
            found.append((Matcher(name, op, value or ""), (key, name)))
    for i, text in enumerate(own.get("matchers") or []):
        found += [(matcher, ("matchers", i)) for matcher in readable(text, version)]
    return tuple(found)
