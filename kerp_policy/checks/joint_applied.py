"""Joint checks of the files that `kubectl apply` is given: there, in order, of one environment."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import file_of
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.pipelines import Action, Apply, Edit
from kerp_policy.estate.project import has_folder, is_decided_later, nearest_path
from kerp_policy.estate.sequences import sequences
from kerp_policy.estate.units import Units
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, unverified
from kerp_policy.wording import listed

_SHOWN = 20
"""Places that a finding shows at most."""
_NAMED = 3
"""Objects that a message names at most."""


class _Written:
    """What a job has written so far."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._above: set[str] = set()

    def add(self, edit: Edit) -> None:
        for path in edit.paths or ():
            self._paths.add(path)
            self._above.update(_above(path))

    def may_hold(self, path: str) -> bool:
        return path in self._above or not self._paths.isdisjoint((path, *_above(path)))


def _above(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def present(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What is applied is in the project, or an earlier command of the same job makes it."""
    if not estate.files:
        return
    absent = {id(apply): _absent(estate, apply) for apply in estate.all(Apply)}
    if any(absent.values()):
        for actions in estate.made(sequences):
            _leave_out_written(absent, actions)
    for apply in estate.all(Apply):
        yield Judged(apply, tuple(_remark(estate, apply, path) for path in absent[id(apply)]))


def _absent(estate: Estate, apply: Apply) -> list[str]:
    found = (path for path in apply.paths if not is_decided_later(path))
    return [path for path in found if not has_folder(estate, path)]


def _leave_out_written(absent: dict[int, list[str]], actions: Iterable[Action]) -> None:
    """Of a script that several jobs call, what one of them writes is enough."""
    written = _Written()
    for action in actions:
        if isinstance(action, Edit):
            written.add(action)
        elif isinstance(action, Apply) and (paths := absent[id(action)]):
            absent[id(action)] = [path for path in paths if not written.may_hold(path)]


def _remark(estate: Estate, apply: Apply, path: str) -> Remark:
    near = nearest_path(estate, path)
    hint = f"; did you mean {near}?" if near else ""
    message = f"there is no file or folder {path} to apply in this project"
    if apply.is_untouched:
        return Remark(apply.place, f"{message}{hint}", subject=path)
    unless = f"{message}, unless something that runs before makes it{hint}"
    return unverified(apply.place, unless, settled_by=f"file/{path}")


def environment(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What a job applies belongs to the environment that the job names.

    A file with objects of several environments, such as all their namespaces, belongs to none.
    """
    declared, units = estate.by(Declared, file_of), estate.made(Units)
    for apply in estate.all(Apply):
        if apply.environment is None:
            yield Judged(apply, (NOT_APPLICABLE,))
            continue
        files = (declared.get(file, ()) for file in units.applied(apply))
        others = [each for file in files if (each := _of_another(apply.environment, file))]
        yield Judged(apply, tuple(_elsewhere(apply, others)))


def _of_another(environment: str, objects: Sequence[Declared]) -> Declared | None:
    """The first object of a file all of whose objects are in one environment, and not in this."""
    if all(each.environment in (None, environment) for each in objects):
        return None
    placed = [each for each in objects if each.namespace and each.environment and not each.made_by]
    if len({each.environment for each in placed}) != 1:
        return None
    return placed[0] if placed[0].environment != environment else None


def _elsewhere(apply: Apply, others: Sequence[Declared]) -> Iterator[Remark]:
    for name in dict.fromkeys(each.environment for each in others):
        found = [each for each in others if each.environment == name]
        things = [f"{each.kind} {each.name}" for each in found[:_NAMED]]
        more = [f"{len(found) - _NAMED} more"] if len(found) > _NAMED else []
        yield Remark(
            apply.place,
            f"a job of {apply.environment} applies what belongs to {name}, {listed(things + more)};"
            f" expected a job whose environment is {name}",
            subject=name or "",
            related=tuple(
                Related(each.file, each.place, f"this lies in {each.namespace}")
                for each in found[:_SHOWN]
            ),
        )


class _Late(NamedTuple):
    """A namespace that comes after something that lies in it."""

    namespace: Declared
    first: Declared


def namespace_first(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A namespace is applied before what lies in it.

    kubectl applies a folder's files by name and a file's objects in their order (its manual,
    `--filename`); Kustomize puts namespaces first. What some other command makes is there.
    """
    declared = estate.by(Declared, file_of)
    made = {each.name for each in estate.all(Declared) if each.kind == "Namespace" and each.made_by}
    late: dict[Hashable, list[_Late]] = {}
    for apply in estate.all(Apply):
        if apply.what in late:
            continue
        objects = [o for file in estate.made(Units).applied(apply) for o in declared.get(file, ())]
        found = late[apply.what] = [] if apply.kustomize else list(_late(objects))
        names = {each.name for each in objects if each.kind == "Namespace"}
        made |= names - {each.namespace.name for each in found}
    for apply in estate.all(Apply):
        missing = (each for each in late[apply.what] if each.namespace.name not in made)
        yield Judged(apply, tuple(_too_late(apply, each) for each in missing))


def _late(objects: Iterable[Declared]) -> Iterator[_Late]:
    first: dict[str, Declared] = {}
    seen = set()
    for each in objects:
        if each.namespace and not each.made_by:
            first.setdefault(each.namespace, each)
        elif each.kind == "Namespace" and each.name not in seen:
            seen.add(each.name)
            if each.name in first:
                yield _Late(each, first[each.name])


def _too_late(apply: Apply, late: _Late) -> Remark:
    namespace, first = late
    before = f"{first.kind} {first.name}"
    message = f"{before} is applied before its namespace {namespace.name} is made"
    return Remark(
        apply.place,
        f"{message}, so the first deployment into a new cluster fails",
        subject=namespace.name,
        related=(
            Related(first.file, first.place, f"{before} comes first"),
            Related(namespace.file, namespace.place, "the namespace comes later"),
        ),
    )
