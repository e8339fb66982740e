"""Kubernetes objects as their values, each by a path that does not move when a list grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from kerp_policy.artifacts.kubernetes import MERGE_KEYS, KubernetesObject
from kerp_policy.paths import Path

Steps = tuple[str, ...]
"""A path whose list positions are names, where the items have one: `[api]`, else `[0]`."""


class Leaf(Struct, frozen=True):
    """A value at the end of a path, and the path that leads there in the file."""

    path: Path
    value: Any


class Difference(NamedTuple):
    """A value that differs; None at the end that does not have it."""

    steps: Steps
    old: Leaf | None
    new: Leaf | None


def differences(old: KubernetesObject, new: KubernetesObject) -> list[Difference]:
    """What differs between two states of an object, in the order of the newer one."""
    before, after = leaves(old.data), leaves(new.data)
    return [
        Difference(steps, before.get(steps), after.get(steps))
        for steps in dict.fromkeys([*after, *before])
        if _value(before.get(steps)) != _value(after.get(steps))
    ]


def _value(leaf: Leaf | None) -> tuple[type, Any] | None:
    """With its type, since to Python `1` is `True`."""
    return (type(leaf.value), leaf.value) if leaf else None


def leaves(data: Any) -> dict[Steps, Leaf]:
    """Every scalar of an object, and every empty list and mapping; without recursion."""
    found: dict[Steps, Leaf] = {}
    left: list[tuple[Steps, Path, Any]] = [((), (), data)]
    while left:
        steps, path, value = left.pop()
        if not value or not isinstance(value, (dict, list)):
            found[steps] = Leaf(path, value)
        else:
            children = _items(value) if isinstance(value, dict) else _listed(steps, value)
            inside = [((*steps, name), (*path, key), each) for name, key, each in children]
            left += reversed(inside)
    return found


def _items(value: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for key, each in value.items():
        yield str(key), key, each


def _listed(steps: Steps, items: Sequence[Any]) -> Iterator[tuple[str, int, Any]]:
    """Items by their names; a second one of a name gets `~2`."""
    keys = MERGE_KEYS.get(steps[-1] if steps else "", ())
    seen: dict[str, int] = {}
    for i, item in enumerate(items):
        names = (item.get(key) for key in keys) if isinstance(item, dict) else ()
        name = next((str(name) for name in names if isinstance(name, (str, int))), str(i))
        seen[name] = seen.get(name, 0) + 1
        again = f"~{seen[name]}" if seen[name] > 1 else ""
        yield f"[{name}{again}]", i, item
