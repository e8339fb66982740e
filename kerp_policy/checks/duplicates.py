"""Joint check of objects that are declared twice in what is applied together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.units import Unit, Units
from kerp_policy.findings import Judged, Related, Remark


def declared_twice(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """One manifest for each object of a unit: of two, the one that is applied later stays.

    Kustomize refuses two. A Namespace may stand in every file that needs it. What kustomizations
    of their own bring along may be renamed there, so only the innermost is judged.
    """
    for things in estate.by(Declared, _identity).values():
        seen: dict[str, Declared] = {}
        for thing in things:
            if not thing.made_by and thing.kind != "Namespace" and _has_name(thing):
                alone = len(things) == 1
                yield Judged(thing, () if alone else tuple(_again(estate, thing, seen)))


def _has_name(thing: Declared) -> bool:
    return bool(thing.name) and not thing.name.endswith("*")  # as of a generateName


def _identity(thing: Declared) -> tuple[str, str, str | None, str]:
    return thing.group, thing.kind, thing.namespace, thing.name


def _again(estate: Estate, thing: Declared, seen: dict[str, Declared]) -> Iterator[Remark]:
    units = [unit.name for unit in _innermost(estate, thing.file)]
    earlier = next((seen[unit] for unit in units if unit in seen), None)
    for unit in units:
        seen.setdefault(unit, thing)
    if earlier is not None:
        where = "this file" if earlier.file == thing.file else earlier.file
        message = f"{thing.kind} {thing.name} is declared in {where} too, which is applied together"
        message = message if earlier.file != thing.file else _in_one_file(thing)
        related = Related(earlier.file, earlier.place, "the first time")
        yield Remark(thing.place, message, related=(related,))


def _in_one_file(thing: Declared) -> str:
    return f"{thing.kind} {thing.name} is declared twice in this file: the second stays"


def _innermost(estate: Estate, file: str) -> list[Unit]:
    """The units of a file, and the file itself; of kustomizations those that hold no other."""
    units = [unit for unit in estate.made(Units).of(file) if unit.name != file]
    applied = [unit for unit in units if unit.applied]
    built = [unit for unit in units if not unit.applied][:_MOST]
    inner = [unit for unit in built if not any(other.files < unit.files for other in built)]
    return [Unit(file, frozenset({file})), *applied, *inner]


_MOST = 50  # kustomizations of one file that are compared with one another
