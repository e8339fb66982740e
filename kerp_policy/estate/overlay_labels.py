"""Labels that overlays give, so that no file shows what carries them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.estate.estate import Estate, Selectable
from kerp_policy.estate.facts import file_of
from kerp_policy.estate.labels import same_namespace
from kerp_policy.estate.workloads import Workload
from kerp_policy.kubernetes.labels import selects

S = TypeVar("S", bound=Selectable)
_MOST = 200
"""How many that are given a label are asked; of more, nobody can tell."""
_Given = Mapping[tuple[bool, str], Mapping[str, frozenset[str]]]
"""From a label, of pods or of objects themselves, to the files in which overlays give it, each with
all that they give there."""


def may_be_selected(
    estate: Estate, kind: type[S], selector: Mapping[str, Any], namespace: str | None
) -> bool:
    """Whether a selector may select something by labels that an overlay gives it."""
    given, by_file = estate.made(_given), estate.by(kind, file_of)
    lacking = (
        (thing, labels)
        for label in _asked(selector)
        for file, labels in given.get((kind is Workload, label), {}).items()
        for thing in by_file.get(file, ())
        if same_namespace(thing.namespace, namespace) is not False
    )
    for count, (thing, labels) in enumerate(lacking):
        carried = {**thing.labels, **dict.fromkeys(labels, "${overlay}")}
        if count == _MOST or selects(selector, carried) is not False:
            return True
    return False


def _asked(selector: Mapping[str, Any]) -> Iterator[str]:
    yield from as_dict(selector.get("matchLabels"))
    for expression in map(as_dict, as_list(selector.get("matchExpressions"))):
        yield str(expression.get("key"))


def _given(estate: Estate) -> _Given:
    found: dict[tuple[bool, str], dict[str, frozenset[str]]] = {}
    for file, overrides in estate.kustomize.overrides.items():
        for of_pods in (True, False):
            paths = (each.steps for each in overrides if ("template" in each.steps) is of_pods)
            labels = frozenset(filter(None, map(_label, paths)))
            for label in labels:
                found.setdefault((of_pods, label), {})[file] = labels
    return found


def _label(steps: tuple[str, ...]) -> str:
    """The label that an overlay sets at a path: `metadata.labels["kerp.io/part"]`."""
    if steps[-3:-1] != ("metadata", "labels"):
        return ""
    return steps[-1].removeprefix('["').removesuffix('"]')
