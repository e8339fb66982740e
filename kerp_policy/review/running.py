"""Question: which images, ports, probes, resources and replicas changed?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from kerp_policy.artifacts.pods import pod_of
from kerp_policy.findings import Place
from kerp_policy.i18n import gettext as _
from kerp_policy.review.delta import Delta, Thing
from kerp_policy.review.leaves import Difference, Leaf, Steps, differences, leaves
from kerp_policy.review.model import Answer, Entry, How
from kerp_policy.review.values import shown
from kerp_policy.review.wording import tally, unread_first

_OF_CONTAINER = {
    "image": 1,
    "imagePullPolicy": 1,
    "command": 1,
    "args": 1,
    "ports": 2,
    "startupProbe": 1,
    "livenessProbe": 1,
    "readinessProbe": 1,
    "lifecycle": 1,
    "resources": 3,
}
"""What is told of a container, and how many steps of a path name one such thing."""
_OF_OBJECT = {
    "replicas": 1,
    "strategy": 1,
    "updateStrategy": 1,
    "schedule": 1,
    "timeZone": 1,
    "suspend": 1,
    "concurrencyPolicy": 1,
    "minReplicas": 1,
    "maxReplicas": 1,
    "minReplicaCount": 1,
    "maxReplicaCount": 1,
    "metrics": 1,
    "behavior": 1,
    "minAvailable": 1,
    "maxUnavailable": 1,
    "hard": 2,
    "ports": 2,
}
"""Likewise of what stands below `spec` of any object."""
_CONTAINERS = ("containers", "initContainers")
_ELSEWHERE = ("data", "stringData", "binaryData", "env", "envFrom")
"""What another question is about."""
_OTHERS = 5


class Part(Struct, frozen=True):
    """A part of an object that is told as one: whose, which, and the steps that lead to it."""

    container: str
    name: str
    steps: Steps


def part_of(steps: Steps) -> Part | None:
    """The part that a path belongs to; None for what is not told by itself."""
    for i, step in enumerate(steps[:-2]):
        if step in _CONTAINERS and steps[i + 1].startswith("["):
            length = _OF_CONTAINER.get(steps[i + 2], 0)
            inner = steps[i + 2 : i + 2 + length]
            end = i + 2 + length
            container = steps[i + 1].strip("[]")
            return Part(container, _named(inner), steps[:end]) if length else None
    if steps[:1] == ("spec",) and len(steps) > 1:
        length = _OF_OBJECT.get(steps[1], 0)
        return Part("", _named(steps[1 : 1 + length]), steps[: 1 + length]) if length else None
    return None


def _named(steps: Steps) -> str:
    """`ports 8080`, `resources limits.memory`, `image`."""
    rest = ".".join(step.strip("[]") for step in steps[1:])
    return f"{steps[0]} {rest}".strip()


def running(delta: Delta) -> Answer:
    """What of the workloads, and of what serves and scales them, differs."""
    entries = tuple(entry for old, new in delta.pairs for entry in _entries(old, new))
    answer = Answer(
        "running",
        _("Images, ports, probes, resources, replicas and other fields"),
        True,
        tally(entries) or _("no object differs"),
        entries,
    )
    return unread_first(delta, answer)


def _entries(old: Thing | None, new: Thing | None) -> Iterator[Entry]:
    if old and new:
        yield from _changed(old, new)
    elif thing := new or old:
        how: How = "added" if new else "removed"
        place = thing.object.place(("metadata", "name"))
        told = _summary(thing) or None
        shown_old, shown_new = (None, told) if new else (told, None)
        yield Entry(how, thing.name, "", shown_old, shown_new, thing.file, place)


def _summary(thing: Thing) -> str:
    """The images of a workload, as far as it is one."""
    pod = pod_of(thing.object)
    images = (container.data.get("image") for container in pod.containers) if pod else ()
    return ", ".join(dict.fromkeys(shown("image", image) for image in images))


def _changed(old: Thing, new: Thing) -> Iterator[Entry]:
    parts: dict[Part | None, list[Difference]] = {}
    for each in differences(old.object, new.object):
        if not _is_elsewhere(each.steps):
            parts.setdefault(part_of(each.steps), []).append(each)
    others = parts.pop(None, [])
    had, has = parts_of(old), parts_of(new)
    for part, found in parts.items():
        assert part
        yield _part_entry(old if part in had else None, new if part in has else None, part, found)
    if others:
        yield _other(old, new, others)


def _is_elsewhere(steps: Steps) -> bool:
    if steps[0] in _ELSEWHERE:
        return True
    return any(
        step in _CONTAINERS and steps[i + 2 : i + 3] in (("env",), ("envFrom",))
        for i, step in enumerate(steps)
    )


def parts_of(thing: Thing) -> frozenset[Part | None]:
    """The parts that an object has."""
    return frozenset(part_of(steps) for steps in leaves(thing.object.data))


def _part_entry(old: Thing | None, new: Thing | None, part: Part, found: list[Difference]) -> Entry:
    """Only what differs in a part is told, unless all of it came or went."""
    how: How = "changed" if old and new else "added" if new else "removed"
    thing, depth = new or old, len(part.steps)
    assert thing
    first = (found[0].new if new else None) or found[0].old
    return Entry(
        how,
        of_container(thing, part),
        part.name,
        _told(found, [each.old for each in found], depth) if old else None,
        _told(found, [each.new for each in found], depth) if new else None,
        thing.file,
        thing.object.place(first.path if first else ()),
    )


def of_container(thing: Thing, part: Part) -> str:
    """Whose part it is, in words."""
    return in_container(thing, part.container) if part.container else thing.name


def in_container(thing: Thing, name: str) -> str:
    """A container of an object, in words."""
    return _("{thing}, container {name}").format(thing=thing.name, name=name)


def _told(found: list[Difference], values: list[Leaf | None], depth: int) -> str:
    """`periodSeconds 20, httpGet.path /health`, or the value alone."""
    told = []
    for each, leaf in zip(found, values, strict=True):
        name = ".".join(step.strip("[]") for step in each.steps[depth:])
        value = shown(each.steps[-1], leaf.value) if leaf else _("not set")
        told.append(f"{name} {value}".strip())
    return ", ".join(told)


def place_of(old: Thing, new: Thing, each: Difference) -> Place:
    """Where a value stands, or stood."""
    if each.new:
        return new.object.place(each.new.path)
    assert each.old
    return old.object.place(each.old.path)


def _other(old: Thing, new: Thing, found: list[Difference]) -> Entry:
    """Fields that are named and no more, so that nothing that differs goes untold."""
    names = [format_steps(each.steps) for each in found]
    more = [_("{count} more").format(count=len(names) - _OTHERS)] if len(names) > _OTHERS else []
    told = ", ".join([*(f"`{name}`" for name in names[:_OTHERS]), *more])
    file = new.file if found[0].new else old.file
    place = place_of(old, new, found[0])
    return Entry("changed", new.name, _("other fields"), None, None, file, place, note=told)


def format_steps(steps: Iterable[str]) -> str:
    """`spec.template.spec.containers[api].image`."""
    return "".join(step if step.startswith("[") else f".{step}" for step in steps).lstrip(".")
