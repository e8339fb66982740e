"""What each `kubectl apply` puts into a cluster, and which images are set after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import file_of
from kerp_policy.estate.joins import Candidate, kind_and_name, named, workloads_in
from kerp_policy.estate.labels import same_namespace
from kerp_policy.estate.pipelines import Apply, Edit, Fill, SetImage, Undo
from kerp_policy.estate.placeholders import Unfilled
from kerp_policy.estate.sequences import Workspace, sequences
from kerp_policy.estate.units import Units
from kerp_policy.estate.workloads import Container, Workload


class Passed(Struct, frozen=True):
    """A value with placeholders that a command applies, and what fills it in, if anything."""

    apply: Apply
    value: Unfilled
    filler: Fill | None


class Reset(Struct, frozen=True):
    """An image that is set after the manifest, with another one, was applied in the same job.

    `broken` tells that the image of the manifest has placeholders that nothing fills in.
    """

    apply: Apply
    set: SetImage
    workload: Workload
    container: Container
    broken: bool


class _Applied(NamedTuple):
    """A workload as a command applies it, and where values stand that it needs filled in."""

    apply: Apply
    workload: Workload
    unfilled: frozenset[str]


class Rollouts:
    """What the jobs of an estate apply and set, gone through once."""

    def __init__(self, estate: Estate) -> None:
        """Go through them."""
        self.passed: list[Passed] = []
        self.resets: list[Reset] = []
        self._files: dict[str, set[str]] = {}
        self._estate = estate
        for actions in estate.made(sequences):
            self._go_through(actions)

    def meant(self, action: SetImage | Undo) -> list[Candidate[Workload]]:
        """The workloads that an action may mean by its name, and whether each surely is.

        Where nobody writes a namespace, what the same job applies is meant.
        """
        own = self._files.get(action.job, ())
        found = self._estate.once(_named, action)
        return [(workload, sure or workload.file in own) for workload, sure in found]

    def _go_through(self, actions: Sequence[object]) -> None:
        space = Workspace()
        applied: dict[tuple[str, str], list[_Applied]] = {}
        seen = set()
        for action in actions:
            if isinstance(action, Edit):
                space.add(action)
            elif isinstance(action, Apply):
                if (action.what, action.fills) in seen:
                    continue  # what is written in between only fills in more
                seen.add((action.what, action.fills))
                for each in self._apply(action, space):
                    applied.setdefault(each.workload.kind_and_name, []).append(each)
            elif isinstance(action, SetImage):
                self.resets += _resets(action, applied)

    def _apply(self, apply: Apply, space: Workspace) -> Iterator[_Applied]:
        values = self._estate.by(Unfilled, file_of)
        workloads = self._estate.by(Workload, file_of)
        files = self._estate.made(Units).applied(apply)
        self._files.setdefault(apply.job, set()).update(files)
        for file in files:
            passed = [
                Passed(apply, value, space.filler(apply, value))
                for value in values.get(file, ())
                if not self._is_overlaid(apply, value)
            ]
            self.passed += passed
            run = workloads.get(file, ())
            if not run or apply.fills or apply.kustomize or space.touched(file):
                continue
            unfilled = frozenset(each.value.place.address for each in passed if not each.filler)
            for workload in run:
                yield _Applied(apply, workload, unfilled)

    def _is_overlaid(self, apply: Apply, value: Unfilled) -> bool:
        """Whether a kustomization sets the value itself."""
        overlay = self._estate.kustomize.overlay_of
        return apply.kustomize and overlay(value.file, value.place.address) is not None


def _named(estate: Estate, action: SetImage | Undo) -> list[Candidate[Workload]]:
    if isinstance(action, SetImage) and action.paths:
        return [(workload, True) for workload in workloads_in(estate, action.paths)]
    return named(estate, Workload, kind_and_name, (action.kind, action.name or ""), action)


def _resets(change: SetImage, applied: dict[tuple[str, str], list[_Applied]]) -> Iterator[Reset]:
    """What the last apply before a change has applied of what the change is about."""
    for apply, workload, unfilled in reversed(applied.get((change.kind, change.name or ""), [])):
        if same_namespace(workload.namespace or apply.namespace, change.namespace) is False:
            continue
        for container in workload.containers:
            if change.container in (container.name, "*") and container.image != change.image:
                broken = container.places["image"].address in unfilled
                yield Reset(apply, change, workload, container, broken)
        return
