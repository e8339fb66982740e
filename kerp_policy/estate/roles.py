"""Roles, and who is bound to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.estate.references import Reference
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.records import Kept
from kerp_policy.views import View, lookup

if TYPE_CHECKING:
    from kerp_policy.estate.objects import Extract

_LISTS = ("verbs", "apiGroups", "resources", "resourceNames")


class Rule(Kept, frozen=True):
    """One rule of a role; `lists` are its verbs, API groups, resources and names."""

    place: Place
    lists: Mapping[str, tuple[str, ...]]


class Role(Kept, frozen=True):
    """A Role or ClusterRole; `parts` are the selectors of those whose rules it takes in."""

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    kind: str
    name: str
    labels: Mapping[str, Any]
    rules: tuple[Rule, ...]
    parts: tuple[Mapping[str, Any], ...]

    @property
    def kind_and_name(self) -> tuple[str, str]:
        """What bindings name it by."""
        return self.kind, self.name


class RoleBinding(Kept, frozen=True):
    """A RoleBinding or ClusterRoleBinding; `subjects` are told as messages name them."""

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    kind: str
    name: str
    role: tuple[str, str]
    subjects: tuple[str, ...]


class BoundReference(Reference, frozen=True):
    """That a binding names a role or a ServiceAccount."""


def _role(view: View, thing: KubernetesObject) -> Iterator[Role]:
    """The control plane overwrites the rules of a ClusterRole that takes in others."""
    selectors = lookup(thing.data, ("aggregationRule", "clusterRoleSelectors"))
    rules = [] if selectors else as_list(thing.data.get("rules"))
    yield Role(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        None if thing.kind == "ClusterRole" else thing.namespace,
        thing.kind,
        thing.name,
        as_dict(thing.metadata.get("labels")),
        tuple(_rule(thing, i, as_dict(rule)) for i, rule in enumerate(rules)),
        tuple(map(as_dict, as_list(selectors))),
    )


def _rule(thing: KubernetesObject, index: int, rule: dict[str, Any]) -> Rule:
    lists = {key: tuple(map(str, as_list(rule.get(key)))) for key in _LISTS}
    return Rule(thing.place(("rules", index)), lists)


def _binding(view: View, thing: KubernetesObject) -> Iterator[RoleBinding | BoundReference]:
    role = as_dict(thing.data.get("roleRef"))
    subjects = [as_dict(subject) for subject in as_list(thing.data.get("subjects"))]
    yield RoleBinding(
        view.facts["file"],
        thing.place(("metadata", "name")),
        view.environment,
        None if thing.kind == "ClusterRoleBinding" else thing.namespace,
        thing.kind,
        thing.name,
        (str(role.get("kind") or ""), str(role.get("name") or "")),
        tuple(f"{subject.get('kind')} {subject.get('name')}" for subject in subjects),
    )
    namespace = thing.namespace if role.get("kind") == "Role" else None
    yield from _named(view, thing, ("roleRef",), role, namespace)
    for i, subject in enumerate(subjects):
        if subject.get("kind") == "ServiceAccount":
            where = str(subject.get("namespace") or "") or thing.namespace
            yield from _named(view, thing, ("subjects", i), subject, where)


def _named(
    view: View, thing: KubernetesObject, path: Path, named: dict[str, Any], namespace: str | None
) -> Iterator[BoundReference]:
    if named.get("name"):
        yield BoundReference(
            view.facts["file"],
            thing.place((*path, "name")),
            view.environment,
            namespace,
            f"{thing.kind} {thing.name}",
            str(named.get("kind") or ""),
            str(named["name"]),
        )


_GROUP = "rbac.authorization.k8s.io"
OF_KIND: dict[tuple[str, str], Extract] = {
    (_GROUP, "Role"): _role,
    (_GROUP, "ClusterRole"): _role,
    (_GROUP, "RoleBinding"): _binding,
    (_GROUP, "ClusterRoleBinding"): _binding,
}
