"""Which of the facts that may be meant are meant, and what they answer together."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar

from kerp_policy.estate.autoscalers import Autoscaler
from kerp_policy.estate.estate import Estate, Selectable
from kerp_policy.estate.facts import Fact, Placed, file_of
from kerp_policy.estate.labels import is_open, same_namespace
from kerp_policy.estate.services import Service
from kerp_policy.estate.units import Units
from kerp_policy.estate.workloads import Workload
from kerp_policy.kubernetes.labels import POD_NAME

MOST = 50
"""How many that may be meant are asked; of more, nobody can tell which is."""


P = TypeVar("P", bound=Placed)
K = TypeVar("K", bound=Hashable)
S = TypeVar("S", bound=Selectable)
Candidate = tuple[P, bool]
"""One that may be meant, and whether it surely is."""


class Kinded(Fact, Protocol):
    """A fact about something that is told by its kind and name."""

    @property
    def kind_and_name(self) -> tuple[str, str]:
        """Both."""
        ...


def kind_and_name(fact: Kinded) -> tuple[str, str]:
    """What facts are named by; one function for all, since an index is kept for each."""
    return fact.kind_and_name


def target_name(autoscaler: Autoscaler) -> tuple[str, str]:
    """What an autoscaler scales; as `kind_and_name`."""
    return autoscaler.target_name


def meets(estate: Estate, one: Placed, other: Placed) -> bool | None:
    """Whether two objects are in one namespace of one cluster; None where nothing tells.

    Where no namespace is written, those of one folder or unit are taken to meet: two sample
    applications side by side do not. That both are in `default` says no more: it is what every
    cluster has, and what samples name.
    """
    if one.file == other.file and one.namespace == other.namespace:
        return True
    same = same_namespace(one.namespace, other.namespace)
    if not same:
        return same
    if one.environment != other.environment and None not in (one.environment, other.environment):
        return None
    if not tells_apart(one.namespace) and not lie_together(estate, one.file, other.file):
        return None
    return True


def tells_apart(namespace: str | None) -> bool:
    """Whether a namespace is written that tells one part of a project from the others."""
    return namespace != "default" and not is_open(namespace)


def lie_together(estate: Estate, one: str, other: str) -> bool:
    """Whether two files belong together: those of one folder do, or of one unit."""
    if posixpath.dirname(one) == posixpath.dirname(other):
        return True
    return any(other in unit.files for unit in estate.made(Units).of(one))


def named(
    estate: Estate, kind: type[P], name_of: Callable[[P], K], name: K, asking: Placed
) -> list[Candidate[P]]:
    """What a fact may mean by a name: what its own file calls so, if that has something.

    Args:
        estate: where it is looked for.
        kind: what is named.
        name_of: its name; a function of a module, since an index is kept for it.
        name: what it is to be.
        asking: names it, in the namespace that is meant.
    """
    if is_open(asking.namespace):
        found: Sequence[P] = estate.by(kind, name_of).get(name, ())
    else:
        index = estate.by(kind, _with_namespace(name_of))
        found = [*index.get((asking.namespace, name), ()), *index.get((None, name), ())]
    if len(found) > 1:
        beside = estate.by(kind, _with_file(name_of)).get((asking.file, asking.namespace, name))
        found = beside or found
    return _capped((fact, meets(estate, asking, fact)) for fact in found)


@cache
def _with_file(name_of: Callable[[P], K]) -> Callable[[P], tuple[str, str | None, K]]:
    def key(fact: P) -> tuple[str, str | None, K]:
        return fact.file, fact.namespace, name_of(fact)

    return key


@cache
def _with_namespace(name_of: Callable[[P], K]) -> Callable[[P], tuple[str | None, K]]:
    def key(fact: P) -> tuple[str | None, K]:
        return None if is_open(fact.namespace) else fact.namespace, name_of(fact)

    return key


def workloads_in(estate: Estate, files: Iterable[str]) -> Iterator[Workload]:
    """The workloads that files declare, file by file."""
    by_file = estate.by(Workload, file_of)
    for file in files:
        yield from by_file.get(file, ())


def selected(
    estate: Estate, kind: type[S], selector: Mapping[str, Any] | None, asking: Placed
) -> list[Candidate[S]]:
    """What a selector of a fact selects, or may select; what its own file has is among them."""
    found = _capped(
        (fact, answer and meets(estate, asking, fact))
        for fact, answer in estate.selected(kind, selector, asking.namespace)
    )
    if len(found) > MOST:
        index = estate.labelled_in(kind, asking.file)
        found += [(f, True) for f, sure in index.selected(selector, asking.namespace) if sure]
    return found


def beside(asking: Placed, found: list[Candidate[P]]) -> list[Candidate[P]]:
    """Those that are surely meant and of the same file, which is mostly a whole; else all."""
    return [pair for pair in found if pair[1] and pair[0].file == asking.file] or found


def _capped(found: Iterable[tuple[P, bool | None]]) -> list[Candidate[P]]:
    some: list[Candidate[P]] = []
    for fact, answer in found:
        if answer is not False:
            some.append((fact, answer is True))
        if len(some) > MOST:
            return [(fact, False) for fact, _ in some]
    return some


def nearest(estate: Estate, asking: Placed, found: list[Candidate[P]]) -> list[P]:
    """What is surely meant by a name: of the same file if it can be, or what there is only one of.

    Of several elsewhere, as a project of many samples has them, those that lie beside are meant.
    """
    sure = [fact for fact, is_sure in beside(asking, found) if is_sure]
    if len(sure) < 2 or sure[0].file == asking.file:
        return sure
    return [fact for fact in sure if lie_together(estate, asking.file, fact.file)]


def answer(answers: Iterable[tuple[bool, bool | None]]) -> bool | None:
    """What candidates answer together: each with whether it is surely meant.

    Returns:
        True where one says yes, False where all say no and one of them is surely meant.
    """
    open_ones, meant = False, False
    for sure, said in answers:
        if said:
            return True
        open_ones, meant = open_ones or said is None, meant or sure
    return None if open_ones or not meant else False


def is_changed(estate: Estate, file: str, address: str) -> bool:
    """Whether an overlay sets the field at an address, so that the file does not show it."""
    return file in estate.kustomize.overrides and (
        estate.kustomize.overlay_of(file, address) is not None
    )


def is_part_changed(estate: Estate, thing: Fact, path: str) -> bool:
    """Whether an overlay sets another field of the object that a fact is about."""
    own = thing.place.address.partition(":")[0]
    return is_changed(estate, thing.file, f"{own}:{path}")


def shown(found: Sequence[Candidate[P]]) -> list[P]:
    """As many as a finding points to, those that are surely meant first."""
    return [fact for fact, _ in sorted(found, key=lambda pair: not pair[1])[:2]]


def scalers(estate: Estate, workload: Workload) -> list[Candidate[Autoscaler]]:
    """The autoscalers that name a workload as their target, or may."""
    return estate.once(_scalers, workload)


def _scalers(estate: Estate, workload: Workload) -> list[Candidate[Autoscaler]]:
    return named(estate, Autoscaler, target_name, workload.kind_and_name, workload)


def targets(estate: Estate, autoscaler: Autoscaler) -> list[Candidate[Workload]]:
    """The workloads that an autoscaler names as its target, or may."""
    return estate.once(_targets, autoscaler)


def _targets(estate: Estate, autoscaler: Autoscaler) -> list[Candidate[Workload]]:
    return named(estate, Workload, kind_and_name, autoscaler.target_name, autoscaler)


def pods_behind(estate: Estate, service: Service) -> list[Candidate[Workload]]:
    """The workloads whose pods a Service leads to; an alias, or one without a selector, to none."""
    return estate.once(_pods_behind, service)


def _pods_behind(estate: Estate, service: Service) -> list[Candidate[Workload]]:
    if service.is_alias or not service.selector:
        return []
    found = selected(estate, Workload, {"matchLabels": service.selector}, service)
    if pod := str(service.selector.get(POD_NAME, "")):  # one of a StatefulSet, by its number
        return [pair for pair in found if pair[0].name == pod.rpartition("-")[0]]
    return found
