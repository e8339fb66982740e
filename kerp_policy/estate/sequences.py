"""What one job does from its first step to its last, the scripts that it calls included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import cast

from msgspec import Struct, field

from kerp_policy.estate.estate import Estate
from kerp_policy.estate.pipelines import (
    Action,
    Apply,
    Call,
    Edit,
    Fill,
    Position,
    SetImage,
    Undo,
    Wait,
)
from kerp_policy.estate.placeholders import Unfilled

MAX_ACTIONS = 1_000
"""A script that does more is not followed: several jobs may call it, each several times."""


def sequences(estate: Estate) -> Sequence[Sequence[Action]]:
    """The actions of every job, and of every script that no job calls, each in order.

    A script that a job calls is followed one level deep; what it calls in turn may do anything.
    """
    by_job: dict[str, list[Action]] = {}
    kinds = (estate.all(kind) for kind in (Apply, Edit, SetImage, Undo, Wait, Call))
    actions = cast("Iterable[Action]", chain.from_iterable(kinds))
    for action in actions:
        by_job.setdefault(action.job, []).append(action)
    called = {call.script for call in estate.all(Call) if call.job != call.script}
    found = []
    for job, own in by_job.items():
        if job not in called:
            scripts = {call.script for call in own if isinstance(call, Call)}
            bodies = {script: by_job[script] for script in scripts if script in by_job}
            found.append(list(_followed(sorted(own, key=_position), bodies)))
    return found


def _position(action: Action) -> Position:
    return action.position


def _followed(own: Sequence[Action], bodies: dict[str, list[Action]]) -> Iterator[Action]:
    seen = set[str]()
    for action in own:
        if not isinstance(action, Call):
            yield action
            continue
        body = bodies.get(action.script, ())
        if action.script in seen:
            continue
        seen.add(action.script)
        for inner in sorted(body[:MAX_ACTIONS], key=_position):
            yield _unknown(inner) if isinstance(inner, Call) else inner
        if not body or len(body) > MAX_ACTIONS:
            yield _unknown(action)


def _unknown(call: Call) -> Edit:
    """A script that is not looked into may write whatever file it likes."""
    fill = Fill(call.script, None, sure=False)
    return Edit(call.file, call.place, call.environment, call.job, call.position, None, fill)


class Filled(Struct):
    """What was filled in at one place: placeholders by name, all of them, or perhaps some."""

    names: set[str] = field(default_factory=set)
    sure: Fill | None = None
    perhaps: Fill | None = None

    def add(self, fill: Fill) -> None:
        """Note what a program fills in."""
        if fill.names is not None:
            self.names.update(fill.names)
        elif fill.sure:
            self.sure = self.sure or fill
        else:
            self.perhaps = self.perhaps or fill

    def take(self, other: Filled) -> None:
        """Note what was filled in elsewhere, in what is copied from there."""
        self.names.update(other.names)
        self.sure = self.sure or other.sure
        self.perhaps = self.perhaps or other.perhaps


class Workspace:
    """What has been done to the files of the project so far in a job."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._everywhere = Filled()
        self._at: dict[str, Filled] = {}
        self._images: dict[str, Filled] = {}

    def add(self, edit: Edit) -> None:
        """Note what is written."""
        spots = [self._everywhere] if edit.paths is None else []
        for path in edit.paths or ():
            at = self._images if edit.images_only else self._at
            spots.append(at.setdefault(_without_glob(path), Filled()))
        for filled in spots:
            filled.add(edit.fill)
            if edit.source in self._at:
                filled.take(self._at[edit.source])

    def touched(self, file: str) -> bool:
        """Whether a file may not be any more what it is in the project."""
        return any(f.names or f.sure or f.perhaps for f in self._about(file))

    def filler(self, apply: Apply, value: Unfilled) -> Fill | None:
        """What fills in the placeholders of a value before it is applied, or may."""
        piped = Filled()
        for fill in apply.fills:
            piped.add(fill)
        found = [piped, *self._about(value.file)]
        if apply.kustomize and value.is_image:
            found += [self._images[path] for path in apply.paths if path in self._images]
        if all(any(name in filled.names for filled in found) for name in value.names):
            return Fill("", frozenset(value.names))
        perhaps = next((filled.perhaps for filled in found if filled.perhaps), None)
        return next((filled.sure for filled in found if filled.sure), perhaps)

    def _about(self, file: str) -> Iterator[Filled]:
        yield self._everywhere
        parts = file.split("/") if self._at else ()
        for length in range(len(parts) + 1):
            if filled := self._at.get("/".join(parts[:length])):
                yield filled


def _without_glob(path: str) -> str:
    """The folder that a pattern begins with, or the path itself."""
    parts = path.split("/")
    plain = next((i for i, part in enumerate(parts) if set("*?[") & set(part)), len(parts))
    return "/".join(parts[:plain])
