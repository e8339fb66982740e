"""What a policy is asked about: one thing of an artifact, with the values in effect for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from kerp_policy.findings import Place
from kerp_policy.paths import EACH, Path


class View(Struct, frozen=True):
    """One thing in a scope.

    Attributes:
        scope: the name that a policy's `each` asks for.
        data: the effective values, inherited ones and expanded variables included.
        facts: what `when` may ask: the kind, the role, the environment, …
        locate: from a path in `data` to where its value is written, or would be.
        subject: the artifact's own model of the thing, for checks that need more than values.
        is_part: it is what a patch sets; of what it leaves out nothing is known.
    """

    scope: str
    data: Any
    facts: Mapping[str, Any]
    locate: Callable[[Path], Place]
    subject: Any = None
    is_part: bool = False

    @property
    def environment(self) -> str | None:
        """The environment it belongs to, or None where nothing tells."""
        environment: str | None = self.facts.get("environment")
        return environment


def lookup(data: Any, path: Path, default: Any = None) -> Any:
    """The value at a path, or `default` where the path leads nowhere or to null."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return default
    return default if data is None else data


def expand(data: Any, path: Path) -> list[Path]:
    """The paths that a path with `[*]` steps stands for in `data`."""
    if EACH not in path:
        return [path]
    here = path.index(EACH)
    items = lookup(data, path[:here], [])
    count = len(items) if isinstance(items, list) else 0
    return [
        (*path[:here], i, *rest)
        for i in range(count)
        for rest in expand(items[i], path[here + 1 :])
    ]
