"""Walking over a loaded configuration: its values with their types, its integrations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kerp_policy.artifacts.alertmanager.table import structs
from kerp_policy.paths import Path

RESOLVED_BY_DEFAULT = {"slack": False, "email": False, "wechat": False, "rocketchat": False}
"""Integrations that do not send resolved alerts unless they are told to; the others do."""


class Leaf(NamedTuple):
    """One value: where it stands, the name of its type, and itself."""

    path: Path
    type: str
    value: Any


class Integration(NamedTuple):
    """One way of a receiver to notify: its kind (`slack`), where it stands below the receiver."""

    kind: str
    path: Path
    fields: Mapping[str, Any]

    @property
    def sends_resolved(self) -> bool:
        """Whether it tells when an alert is over."""
        given = self.fields.get("send_resolved")
        return RESOLVED_BY_DEFAULT.get(self.kind, True) if given is None else bool(given)


def leaves(data: Any, kind: str = "config", path: Path = ()) -> Iterator[Leaf]:
    """Every value that is set, in the order of the file.

    Args:
        data: a part of a loaded configuration.
        kind: its type, by the name in the table.
        path: where it stands.
    """
    todo = [Leaf(path, kind, data)]
    while todo:
        leaf = todo.pop()
        below = _below(leaf)
        if below is None:
            yield leaf
        else:
            todo += [one for one in reversed(below) if one.value is not None]


def _below(leaf: Leaf) -> list[Leaf] | None:
    """The parts of a value; None for one that has none."""
    path, kind, value = leaf
    if isinstance(value, dict) and kind in structs():
        known = structs()[kind]
        return [Leaf((*path, key), known[key].type, one) for key, one in value.items()]
    inner = kind[1:-1] if kind.startswith(("[", "{")) else kind
    if isinstance(value, dict):
        return [Leaf((*path, key), inner, one) for key, one in value.items()]
    if isinstance(value, list):
        return [Leaf((*path, i), inner, one) for i, one in enumerate(value)]
    return None


def type_of(path: Path) -> str:
    """The type that the table gives the value at a path; empty where it knows none."""
    kind = "config"
    for step in path:
        if kind in structs():
            field = structs()[kind].get(str(step))
            kind = field.type if field else ""
        else:
            kind = kind[1:-1]
    return kind


def integrations(receiver: Mapping[str, Any]) -> Iterator[Integration]:
    """The integrations of a receiver."""
    for key, items in receiver.items():
        if not key.endswith("_configs") or not isinstance(items, list):
            continue
        for i, fields in enumerate(items):
            if fields is not None:
                yield Integration(key.removesuffix("_configs"), (key, i), fields)
