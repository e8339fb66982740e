"""What a namespace may use, and what its containers get where they ask for nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.findings import Place
from kerp_policy.records import Kept
from kerp_policy.views import View, lookup

if TYPE_CHECKING:
    from kerp_policy.estate.objects import Extract


class Scope(Kept, frozen=True):
    """To which pods a quota is limited: `Terminating`, or PriorityClass In [high]."""

    name: str
    operator: str = "Exists"
    values: tuple[str, ...] = ()


class Quota(Kept, frozen=True):
    """A ResourceQuota; `hard` are its bounds as written, `places` where each stands."""

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    name: str
    hard: Mapping[str, Any]
    hard_place: Place
    places: Mapping[str, Place]
    scopes: tuple[Scope, ...] = ()


class Defaults(Kept, frozen=True):
    """A LimitRange: the requests and limits that it gives to containers, and their bounds."""

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    requests: Mapping[str, Any]
    limits: Mapping[str, Any]
    name: str = ""
    least: Mapping[str, Any] = {}
    most: Mapping[str, Any] = {}


class Namespace(Kept, frozen=True):
    """A Namespace that is declared."""

    file: str
    place: Place
    environment: str | None
    namespace: str


def _quota(view: View, thing: KubernetesObject) -> Iterator[Quota]:
    path = ("spec", "hard")
    hard = {k: v for k, v in as_dict(lookup(thing.data, path)).items() if v is not None}
    yield Quota(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        thing.namespace,
        thing.name,
        hard,
        thing.place(path),
        {name: thing.place((*path, name)) for name in hard},
        tuple(_scopes(as_dict(thing.data.get("spec")))),
    )


def _scopes(spec: dict[str, Any]) -> Iterator[Scope]:
    yield from (Scope(str(name)) for name in as_list(spec.get("scopes")))
    for entry in map(as_dict, as_list(lookup(spec, ("scopeSelector", "matchExpressions")))):
        values = tuple(map(str, as_list(entry.get("values"))))
        yield Scope(str(entry.get("scopeName")), str(entry.get("operator")), values)


def _defaults(view: View, thing: KubernetesObject) -> Iterator[Defaults]:
    """What a LimitRange gives to containers that state nothing, resource by resource.

    A maximum is the default limit too, a default limit the default request, and else a minimum is:
    each where nothing nearer is given (LimitRange concepts; the defaults that the API server sets
    for a LimitRangeItem).
    """
    requests: dict[str, Any] = {}
    limits: dict[str, Any] = {}
    least: dict[str, Any] = {}
    most: dict[str, Any] = {}
    for entry in map(as_dict, as_list(lookup(thing.data, ("spec", "limits")))):
        if entry.get("type") == "Container":
            part = {key: as_dict(entry.get(key)) for key in _DEFAULTING}
            own_limits = {**part["max"], **part["default"]}
            limits |= own_limits
            least |= part["min"]
            most |= part["max"]
            requests |= {**part["min"], **own_limits, **part["defaultRequest"]}
    yield Defaults(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        thing.namespace,
        requests,
        limits,
        thing.name,
        least,
        most,
    )


_DEFAULTING = ("min", "max", "default", "defaultRequest")


def _namespace(view: View, thing: KubernetesObject) -> Iterator[Namespace]:
    place = thing.place(("metadata", "name"))
    yield Namespace(view.facts["file"], place, view.environment, thing.name)


OF_KIND: dict[tuple[str, str], Extract] = {
    ("", "ResourceQuota"): _quota,
    ("", "LimitRange"): _defaults,
    ("", "Namespace"): _namespace,
}
