"""Joint checks of the workloads that kubectl is told of: they are there, and waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import namespace_of
from kerp_policy.estate.joins import workloads_in
from kerp_policy.estate.labels import is_open, same_namespace
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.pipelines import Apply, Edit, SetImage, Undo, Wait
from kerp_policy.estate.sequences import sequences
from kerp_policy.estate.units import Units
from kerp_policy.findings import (
    NOT_APPLICABLE,
    Judged,
    Place,
    Related,
    Remark,
    Verdict,
    unverified,
)
from kerp_policy.wording import listed, undeclared

_ROLLED_OUT = ("Deployment", "StatefulSet", "DaemonSet")
"""The kinds whose rollout kubectl can wait for (its manual, `kubectl rollout`)."""
_NAMED = 3
_SHOWN = 20


class _Changed(NamedTuple):
    """A workload that a command changes, and where it is written."""

    kind: str
    name: str
    namespace: str | None
    file: str
    place: Place

    def __str__(self) -> str:
        return f"{self.kind} {self.name}{_within(self.namespace)}"


def unknown(estate: Estate, action: SetImage | Undo, relation: str) -> Remark:
    """That no file declares the workload which an action names, as far as that can be said.

    Of a namespace without any manifest its own policy tells.
    """
    declared = estate.by(Declared, namespace_of).get(action.namespace, ())
    is_known = action.namespace is None or not all(each.made_by for each in declared)
    if action.name is None or not is_known:
        return NOT_APPLICABLE
    asked = f"{action.kind}/{action.namespace or '-'}/{action.name}"
    message = undeclared(f"{action.kind} {action.name}", relation)
    return unverified(action.place, message, settled_by=asked)


def awaited(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """What waits after a change waits for every workload that was changed.

    Where nothing waits, the job's own policy tells so.
    """
    for actions in estate.made(sequences):
        waits: list[Wait] = []
        hidden = False
        for action in reversed(actions):
            if isinstance(action, Wait):
                waits.append(action)
            elif isinstance(action, Edit):
                hidden = hidden or (action.paths is None and not action.fill.sure)
            elif isinstance(action, Apply | SetImage):
                later = [wait for wait in waits if _follows(wait, action)]
                if later:
                    yield Judged(action, tuple(_judge(estate, action, later, hidden=hidden)))


def _follows(wait: Wait, change: Apply | SetImage) -> bool:
    """Whether it waits where the change has not failed."""
    return not wait.for_failures or wait.position[0] == change.position[0]


def _judge(
    estate: Estate, change: Apply | SetImage, waits: Sequence[Wait], *, hidden: bool
) -> Iterator[Remark]:
    renames = isinstance(change, Apply) and change.kustomize
    changed = _changed(estate, change)
    left = [each for each in changed if not any(_is_for(w, each, renames=renames) for w in waits)]
    if not left:
        return
    more = [f"{len(left) - _NAMED} more"] if len(left) > _NAMED else []
    what = f"kubectl {change.verb}" if isinstance(change, Apply) else "kubectl set image"
    unsure = hidden or renames
    shown = "and as far as files show " if unsure else "and "
    yield Remark(
        change.place,
        f"{what} changes {listed([*map(str, left[:_NAMED]), *more])}, {shown}what waits after it"
        f" waits for {_named(waits)} alone; expected a kubectl rollout status for each",
        Verdict.UNVERIFIED if unsure else Verdict.FAIL,
        related=tuple(_related(left, waits)),
    )


def _changed(estate: Estate, change: Apply | SetImage) -> Iterator[_Changed]:
    if isinstance(change, SetImage):
        if change.name and change.kind in _ROLLED_OUT:
            where = (change.namespace, change.file, change.place)
            yield _Changed(change.kind, change.name, *where)
        return
    for workload in workloads_in(estate, estate.made(Units).applied(change)):
        if workload.kind in _ROLLED_OUT and workload.name and "$" not in workload.name:
            namespace = change.namespace if is_open(workload.namespace) else workload.namespace
            where = (namespace, workload.file, workload.place)
            yield _Changed(workload.kind, workload.name, *where)


def _is_for(wait: Wait, changed: _Changed, *, renames: bool) -> bool:
    """Whether it may be this workload that is waited for; Kustomize may put words around names."""
    name = wait.name or changed.name
    fits = name == changed.name or (renames and changed.name in name)
    if not fits or wait.kind not in ("", changed.kind):
        return False
    return same_namespace(changed.namespace, wait.namespace) is not False


def _named(waits: Sequence[Wait]) -> str:
    things = dict.fromkeys(f"{_thing(wait)}{_within(wait.namespace)}" for wait in reversed(waits))
    return listed([*things][:_NAMED])


def _thing(wait: Wait) -> str:
    if not wait.kind:
        return "what a file or selector names"
    return f"{wait.kind} {wait.name}" if wait.name else f"a {wait.kind}"


def _within(namespace: str | None) -> str:
    return f" in {namespace}" if namespace else ""


def _related(left: Sequence[_Changed], waits: Sequence[Wait]) -> Iterator[Related]:
    for each in left[:_SHOWN]:
        yield Related(each.file, each.place, f"nothing waits for {each}")
    for wait in waits[-_NAMED:]:
        yield Related(wait.file, wait.place, f"this waits for {_thing(wait)}")
