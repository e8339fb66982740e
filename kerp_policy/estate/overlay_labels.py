"""Labels that overlays give, so that no file shows what carries them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.estate.estate import Estate, Selectable
from kerp_policy.estate.facts import file_of
from kerp_policy.estate.joins import MOST
from kerp_policy.estate.labels import same_namespace
from kerp_policy.kubernetes.labels import selects

S = TypeVar("S", bound=Selectable)
_Given = Mapping[str, Mapping[str, frozenset[str]]]
"""From a label to the files in which overlays give it, each with all that they give there."""


def may_be_selected(
    estate: Estate, kind: type[S], selector: Mapping[str, Any], namespace: str | None
) -> bool:
    """Whether a selector may select something by labels that an overlay gives it."""
    given, by_file = estate.made(_given), estate.by(kind, file_of)
    if not given:
        return False
    return any(
        selects(selector, {**thing.labels, **_unknown(labels)}) is not False
        and same_namespace(thing.namespace, namespace) is not False
        for label in _asked(selector)
        for file, labels in list(given.get(label, {}).items())[:MOST]
        for thing in by_file.get(file, ())[:MOST]
    )


def _unknown(labels: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(labels, "${overlay}")


def _asked(selector: Mapping[str, Any]) -> Iterator[str]:
    yield from as_dict(selector.get("matchLabels"))
    for expression in map(as_dict, as_list(selector.get("matchExpressions"))):
        yield str(expression.get("key"))


def _given(estate: Estate) -> _Given:
    found: dict[str, dict[str, frozenset[str]]] = {}
    for file, overrides in estate.kustomize.overrides.items():
        labels = frozenset(filter(None, (_label(each.steps) for each in overrides)))
        for label in labels:
            found.setdefault(label, {})[file] = labels
    return found


def _label(steps: tuple[str, ...]) -> str:
    """The label that an overlay sets at a path: `metadata.labels["kerp.io/part"]`."""
    if steps[-3:-1] != ("metadata", "labels"):
        return ""
    return steps[-1].removeprefix('["').removesuffix('"]')
