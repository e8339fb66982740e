"""Amounts that the API server cannot read, and bounds that contradict one another.

What containers ask for and get has policies of its own, which know more of it.

Source: the API reference of Kubernetes, wherever a field is a `Quantity`, and LimitRangeItem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity
from kerp_policy.paths import Path, format_path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import lookup

_EACH = object()
"""Stands for every item of a list and every key of a mapping."""
_Steps = tuple[Any, ...]

_CLAIM: _Steps = ("spec", "resources", "requests", _EACH)
_AMOUNTS: Mapping[str, tuple[tuple[Path, _Steps], ...]] = {
    "PersistentVolumeClaim": ((("spec", "resources", "requests"), (_EACH,)),),
    "PersistentVolume": ((("spec", "capacity"), (_EACH,)),),
    "StatefulSet": ((("spec", "volumeClaimTemplates"), (_EACH, *_CLAIM)),),
    "ResourceQuota": ((("spec", "hard"), (_EACH,)),),
    "LimitRange": ((("spec", "limits"), (_EACH, _EACH, _EACH)),),
    "HorizontalPodAutoscaler": tuple(
        (("spec", "metrics"), (_EACH, _EACH, "target", amount))
        for amount in ("averageValue", "value")
    ),
}
"""By kind, where amounts stand: a path, and what follows it."""
_OF_VOLUME: tuple[_Steps, ...] = (
    (_EACH, "emptyDir", "sizeLimit"),
    (_EACH, "ephemeral", "volumeClaimTemplate", *_CLAIM),
)
_BOUNDS = ("min", "defaultRequest", "default", "max")
"""In this order none may be above a later one."""


def refused_amounts(data: Mapping[str, Any], pod: Path | None) -> Iterator[tuple[Path, str]]:
    """What is no quantity where one is asked for, and bounds of a LimitRange the wrong way round.

    Args:
        data: an object of a kind that Kubernetes brings.
        pod: where the template of its pods stands; None for kinds that make none.

    Yields:
        Where it stands, and what is wrong with it.
    """
    places = _AMOUNTS.get(data["kind"], ())
    volumes = (*pod, "spec", "volumes") if pod is not None else ()
    if volumes and lookup(data, volumes):
        places = (*places, *((volumes, steps) for steps in _OF_VOLUME))
    for path, value in (one for place in places for one in _found(data, *place)):
        if isinstance(value, str) and not is_placeholder(value):
            try:
                parse_quantity(value)
            except QuantityError as error:
                yield path, f"{format_path(path)}: {error}"
    if data["kind"] == "LimitRange":
        yield from _contradictions(data)


def _found(data: Any, path: Path, steps: _Steps) -> Iterator[tuple[Path, Any]]:
    """What stands where the steps lead to, some five of them, from a path in an object."""
    found = [(path, lookup(data, path))]
    for step in steps:
        found = [((*at, key), part) for at, value in found for key, part in _parts(value, step)]
    yield from found


def _parts(value: Any, step: Any) -> Iterable[tuple[str | int, Any]]:
    if not isinstance(value, dict):
        return enumerate(value) if isinstance(value, list) and step is _EACH else ()
    if step is _EACH:
        return value.items()
    return [(step, value[step])] if step in value else ()


def _contradictions(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for i, item in enumerate(as_list(lookup(data, ("spec", "limits")))):
        for low, high in combinations(_BOUNDS, 2):
            least, most = (as_dict(lookup(item, (bound,))) for bound in (low, high))
            for name in [name for name in least if name in most and _above(least, most, name)]:
                told = f"{low}.{name} is {least[name]}; expected at most the {high}, {most[name]}"
                yield ("spec", "limits", i, low, name), told


def _above(least: Mapping[str, Any], most: Mapping[str, Any], name: str) -> bool:
    try:
        return parse_quantity(least[name]) > parse_quantity(most[name])
    except QuantityError:
        return False  # which is told by itself
