"""Cutting a configuration of Alertmanager into the things that policies are asked about (`each`).

`alertmanager` is the whole configuration, `route` every route with what is in effect for it,
`receiver` every receiver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import accumulate
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.alertmanager.decode import Fault
from kerp_policy.artifacts.alertmanager.fields import type_of
from kerp_policy.artifacts.alertmanager.loader import (
    Configuration,
    is_configuration,
    load,
    undefined,
)
from kerp_policy.artifacts.alertmanager.routing import INHERITED, Route, read_routes
from kerp_policy.artifacts.alertmanager.table import parse_version
from kerp_policy.artifacts.kubernetes import KubernetesObject
from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_nodes import Document
from kerp_policy.findings import Place
from kerp_policy.paths import Path, format_path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Profile
from kerp_policy.scopes.settings import Setting, object_settings
from kerp_policy.sources.source import Problem, Source, Span
from kerp_policy.views import View

Locate = Callable[[Path], Span]
_SECRET = ("secret", "secret_url", "webhook_url")


class Alertmanager(Struct, frozen=True, dict=True):
    """A configuration with the names and places of its parts.

    Attributes:
        configuration: what the loader makes of it.
        origin: the file, or the field of the object, that it stands in: what addresses begin with.
        span: from a path in it to where that is written.
        start: likewise, without the value.
    """

    configuration: Configuration
    origin: str
    span: Locate
    start: Locate

    @cached_property
    def routes(self) -> dict[Path, Route]:
        """Every route by its path, the root first."""
        root = self.configuration.data.get("route")
        return read_routes(root, self.configuration.version) if root else {}

    @cached_property
    def routes_to(self) -> dict[str, list[Route]]:
        """The routes that send to each receiver, by its name."""
        found: dict[str, list[Route]] = {}
        for route in self.routes.values():
            found.setdefault(str(route.effective.get("receiver")), []).append(route)
        return found

    def place(self, path: Path) -> Place:
        """Where a path is written, and its address; of a secret, where it begins."""
        if type_of(path) in _SECRET:
            return self.beginning(path)
        return Place(self.span(path), f"{self.origin}#{self._address(path)}".rstrip("#"))

    def beginning(self, path: Path) -> Place:
        """Where the field of a path begins: the place does not tell how long its value is."""
        return Place(self.start(path), f"{self.origin}#{self._address(path)}".rstrip("#"))

    def _address(self, path: Path) -> str:
        for end in range(len(path), 0, -1):
            if path[:end] in self.routes:
                rest = format_path(path[end:])
                return f"{self.routes[path[:end]].address}.{rest}".rstrip(".")
        receivers = self.configuration.data.get("receivers") or []
        if path[:1] == ("receivers",) and len(path) > 1 and isinstance(path[1], int):
            name = (receivers[path[1]] or {}).get("name") if path[1] < len(receivers) else None
            if name:
                return f"receiver({name}).{format_path(path[2:])}".rstrip(".")
        return format_path(path)


def configurations(documents: list[Document]) -> list[Document]:
    """The documents that are configurations of Alertmanager."""
    return [document for document in documents if is_configuration(document)]


def configuration_views(
    documents: list[Document], source: Source, profile: Profile, assumed: str | None
) -> Iterator[View]:
    """The views of the configurations in a file of Alertmanager's own.

    Args:
        documents: the documents that are configurations.
        source: the file.
        profile: the standard, for its environments and versions.
        assumed: the environment of what shows none.
    """
    environment = environment_of(profile, assumed, path=source.path)
    facts = {"file": source.path, "form": "file", "environment": environment}
    for document in documents:
        configuration = load(document, _version(profile), source.lines)
        found = Alertmanager(configuration, source.path, document.span, document.beginning)
        yield from _views(found, facts)


def embedded(view: View, profile: Profile) -> tuple[list[View], list[Problem]]:
    """The views of the configurations that a ConfigMap or Secret holds, and what is wrong there.

    Args:
        view: the view of the object.
        profile: the standard, for its versions.
    """
    views: list[View] = []
    problems: list[Problem] = []
    if view.facts["kind"] not in ("ConfigMap", "Secret") or view.facts["group"]:
        return views, problems
    for setting in object_settings(view):
        if "route" not in setting.value or "receivers" not in setting.value:
            continue
        for document in read(setting.value).documents[:1]:
            if is_configuration(document):
                inside = Inside(view.subject, setting)
                problems += [replace(p, span=inside.map(p.span)) for p in document.problems]
                lines = setting.value.split("\n")
                configuration = load(document, _version(profile), lines)
                found = Alertmanager(
                    configuration,
                    inside.origin,
                    inside.locate(document.span),
                    inside.locate(document.beginning),
                )
                views += _views(found, {**view.facts, "form": view.facts["kind"]})
    return views, problems


def operator_views(view: View, profile: Profile) -> Iterator[View]:
    """The views of an AlertmanagerConfig, whose route stands below that of another configuration.

    Args:
        view: the view of the object.
        profile: the standard, for its versions.
    """
    from kerp_policy.artifacts.alertmanager.operator import Translation
    from kerp_policy.artifacts.alertmanager.operator_values import value_faults

    thing: KubernetesObject = view.subject
    made = Translation(thing.data.get("spec"))
    root = made.data.get("route")
    faults = _undefined(made.data, root) if root else []
    version = _version(profile)
    faults += value_faults(made.data, version)
    configuration = Configuration(made.data, tuple(faults), version, thing.document, thing.lines)

    def span(path: Path) -> Span:
        return thing.place(("spec", *made.origin(path))).span

    def start(path: Path) -> Span:
        return thing.beginning(("spec", *made.origin(path))).span

    found = Alertmanager(configuration, thing.address, span, start)
    yield from _views(found, {**view.facts, "form": thing.kind})


def _undefined(data: dict[str, Any], root: dict[str, Any]) -> list[Fault]:
    names = {str(one.get("name")) for one in data.get("receivers") or [] if one}
    intervals = {str(one.get("name")) for one in data.get("time_intervals") or [] if one}
    return [Fault(path, message) for path, message in undefined(root, names, intervals)]


class Inside:
    """Places in a text that is a value of an object."""

    def __init__(self, thing: KubernetesObject, setting: Setting) -> None:
        self.thing, self.setting = thing, setting
        self.origin = thing.place(setting.path).address
        lines = setting.value.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in lines)]

    def locate(self, locate: Locate) -> Locate:
        """A function that finds in the object what another one finds in the text."""
        return lambda path: self.map(locate(path))

    def map(self, span: Span) -> Span:
        """Exact in a literal block, else the value's own place."""
        if self.setting.encoded:
            return self.thing.place(self.setting.path).span
        start = self._index(span.line, span.column)
        end = self._index(span.end_line, span.end_column)
        return self.thing.place_inside(self.setting.path, start, end).span

    def _index(self, line: int, column: int) -> int:
        """The index of a character; YAML knows more ends of lines than an editor does."""
        return self.starts[min(line, len(self.starts)) - 1] + column - 1


def _version(profile: Profile) -> tuple[int, int]:
    return parse_version(profile.versions.get("alertmanager", "0.28"))


def _views(found: Alertmanager, facts: dict[str, Any]) -> Iterator[View]:
    data = found.configuration.data
    yield View("alertmanager", data, facts, found.place, found)
    for route in found.routes.values():
        yield _route_view(found, route, facts)
    for i, receiver in enumerate(data.get("receivers") or []):
        if receiver:
            yield _receiver_view(found, i, receiver, facts)


def _route_view(found: Alertmanager, route: Route, facts: dict[str, Any]) -> View:
    facts = {**facts, "root": route.parent is None}

    def locate(path: Path) -> Place:
        """What is inherited is written further up, and named by that place."""
        above = route.set_at(str(path[0])) if path and path[0] in INHERITED else None
        return found.place((*(above or route).path, *path))

    return View("route", route.effective, facts, locate, (found, route))


def _receiver_view(
    found: Alertmanager, position: int, receiver: dict[str, Any], facts: dict[str, Any]
) -> View:
    def locate(path: Path) -> Place:
        return found.place(("receivers", position, *path))

    facts = {**facts, "name": receiver.get("name"), "position": position}
    return View("receiver", receiver, facts, locate, found)
