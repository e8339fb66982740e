"""Checks of roles: what they give, by way of which binding, to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.checks.references import undeclared_by
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.joins import MOST, meets
from kerp_policy.estate.roles import BoundReference, Role, RoleBinding, Rule
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, unverified
from kerp_policy.kubernetes.labels import selects
from kerp_policy.kubernetes.rbac import allows, is_built_in, taken_in_by
from kerp_policy.kubernetes.resources import GROUPS, IN_NO_NAMESPACE, are_known, meant_by
from kerp_policy.parameters import TEXT, any_of, by_name, one_of, record, some, takes
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import differs, filled_in, listed, shown

_RIGHT = record(
    "gives", "verbs", "resources",
    gives=TEXT,
    verbs=some(TEXT),
    resources=by_name(some(TEXT), least=1),
    names=any_of(TEXT),
    reach=one_of("cluster", "namespace"),
)  # fmt: skip


class _Reach(Struct, frozen=True):
    """How far a role reaches: by its bindings, of which one in every namespace counts most."""

    bindings: Sequence[RoleBinding]

    @property
    def everywhere(self) -> bool:
        return any(binding.kind == "ClusterRoleBinding" for binding in self.bindings)

    @property
    def nearest(self) -> RoleBinding | None:
        """The binding that tells most."""
        wide = (each for each in self.bindings if each.kind == "ClusterRoleBinding")
        return next(wide, next(iter(self.bindings), None))


@takes(rights=some(_RIGHT))
def rights(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """A role gives none of these rights, as far as it is bound.

    A ClusterRole that only RoleBindings name reaches as far as their namespaces, and gives nothing
    of what lies in none. A role that no file binds gives nothing yet: *unverified*.
    """
    for role in estate.all(Role):
        reach = _Reach(_bindings(estate, role))
        remarks = (r for rule in role.rules for r in _given(role, rule, reach, params["rights"]))
        yield Judged(role, tuple(remarks))


def _given(
    role: Role, rule: Rule, reach: _Reach, rights: Sequence[Mapping[str, Any]]
) -> Iterator[Remark]:
    """What a rule gives, told at once; what it surely gives before what it may."""
    found: dict[bool, list[Mapping[str, Any]]] = {}
    for right in rights:
        given = allows(rule.lists, right["verbs"], right["resources"], right.get("names", ()))
        if given is not False and _counts(right.get("reach"), role, reach):
            found.setdefault(given is True, []).append(right)
        if given and "*" in right["resources"]:
            break  # of a rule that gives anything nothing more need be told
    for sure in sorted(found, reverse=True):
        yield _gives(role, rule, reach, found[sure], sure=sure)


def _counts(wanted: str | None, role: Role, reach: _Reach) -> bool:
    """Whether a right that only matters in one namespace, or in all, has that reach."""
    if wanted is None:
        return True
    wide = reach.everywhere or (role.kind == "ClusterRole" and not reach.bindings)
    return wide == (wanted == "cluster")


def _gives(
    role: Role, rule: Rule, reach: _Reach, rights: Sequence[Mapping[str, Any]], *, sure: bool
) -> Remark:
    what = listed([right["gives"] for right in rights])
    subject, title = what, f"{role.kind} {role.name}"
    if any(right.get("reach") != "cluster" for right in rights):
        what = f"{what} {_where(role, reach)}"
    if not reach.bindings:
        message = f"{title} lets whoever is bound to it {what}, and no file of the project binds it"
    elif sure:
        message = f"{title} lets {_who(reach)} {what}"
        related = tuple(_bound_by(reach))
        return Remark(rule.place, message, subject=subject, related=related)
    else:
        message = f"files do not show whether {title} lets {_who(reach)} {what}"
    return replace(unverified(rule.place, message), subject=subject)


def _where(role: Role, reach: _Reach) -> str:
    if reach.everywhere or (role.kind == "ClusterRole" and not reach.bindings):
        return "in every namespace"
    named = [role.namespace] if role.kind == "Role" else [b.namespace for b in reach.bindings]
    names = sorted({name for name in named if name})
    if not names or len(names) > 3:
        return "in a namespace" if not names else f"in {len(names)} namespaces"
    return f"in namespace{'s' if names[1:] else ''} {listed(names)}"


def _who(reach: _Reach) -> str:
    subjects = dict.fromkeys(name for each in reach.bindings for name in each.subjects)
    names = list(subjects)
    return listed([*names[:2], "others"] if len(names) > 3 else names)


def _bound_by(reach: _Reach) -> Iterator[Related]:
    if binding := reach.nearest:
        yield Related(binding.file, binding.place, f"{binding.kind} {binding.name} binds it")


def _bindings(estate: Estate, role: Role) -> list[RoleBinding]:
    """The bindings that give somebody a role's rules: by its name, or by one that takes it in."""
    names = [role.kind_and_name]
    if role.kind == "ClusterRole":
        names += [("ClusterRole", name) for name in taken_in_by(role.labels)]
        names += [whole.kind_and_name for whole in estate.made(_wholes) if _is_part(whole, role)]
    index = estate.by(RoleBinding, _role_of)
    found = (binding for name in dict.fromkeys(names) for binding in index.get(name, ()))
    meant = (each for each in found if each.subjects and _may_mean(estate, each, role))
    return sorted(islice(meant, MOST), key=lambda binding: binding.file != role.file)


def _role_of(binding: RoleBinding) -> tuple[str, str]:
    return binding.role


def _wholes(estate: Estate) -> list[Role]:
    return list(islice((role for role in estate.all(Role) if role.parts), MOST))


def _is_part(whole: Role, role: Role) -> bool:
    return any(selects(part, role.labels) for part in whole.parts)


def _may_mean(estate: Estate, binding: RoleBinding, role: Role) -> bool:
    return role.kind == "ClusterRole" or meets(estate, binding, role) is not False


def declared(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The role and the ServiceAccounts that a binding names are declared, or built in.

    To a role that is not there the API server binds nobody without a word.
    """
    for reference in estate.all(BoundReference):
        known = is_built_in(*reference.kind_and_name)
        yield Judged(reference, () if known else tuple(undeclared_by(estate, reference)))


@takes(everywhere=some(TEXT), namespace=some(TEXT))
def powerful(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A binding is to none of the roles that hand over the cluster, or its namespace."""
    path, kind = ("roleRef", "name"), view.facts["kind"]
    name = str(lookup(view.data, path, ""))
    refused = params["everywhere" if kind == "ClusterRoleBinding" else "namespace"]
    expected = "a role with what is needed"
    if is_placeholder(name):
        yield unverified(path, filled_in("roleRef.name", name, expected))
    elif name in refused:
        place = "in every namespace" if kind == "ClusterRoleBinding" else "in its namespace"
        yield Remark(path, f"roleRef.name is {name}, which counts {place}; expected {expected}")


@takes(subjects=some(TEXT), harmless=any_of(TEXT))
def subjects(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No role is bound to everybody, to nobody in particular, or to a default ServiceAccount."""
    if lookup(view.data, ("roleRef", "name")) in params["harmless"]:
        yield NOT_APPLICABLE
        return
    listed_ones = lookup(view.data, ("subjects",), [])
    for i in range(len(listed_ones) if isinstance(listed_ones, list) else 0):
        path = ("subjects", i, "name")
        kind, name = (lookup(listed_ones[i], (key,)) for key in ("kind", "name"))
        expected = "a user, group or ServiceAccount of its own"
        if kind == "ServiceAccount" and name == "default":
            message = "subject ServiceAccount default is what every pod uses that names no other"
            yield Remark(path, f"{message}; expected {expected}")
        elif kind != "ServiceAccount" and name in params["subjects"]:
            yield Remark(path, differs(f"subject {kind}", name, expected))


def effective(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every resource of a rule is one that the rule can be for.

    The authorizer compares names: it knows neither kinds nor `pods/*`, and a resource only in the
    group that has it.
    """
    is_namespaced = view.facts["kind"] == "Role"
    for i, rule in enumerate(as_list(view.data.get("rules"))):
        groups = [str(group) for group in as_list(as_dict(rule).get("apiGroups"))]
        for j, name in enumerate(as_list(as_dict(rule).get("resources"))):
            if isinstance(name, str) and (why := _idle(name, groups, is_namespaced=is_namespaced)):
                yield Remark(("rules", i, "resources", j), why)


def _idle(name: str, groups: list[str], *, is_namespaced: bool) -> str:
    """Why a rule can never be for a resource; empty where it can."""
    resource, _, part = name.partition("/")
    what = f"resource {shown(name)}"
    if part == "*":
        return f"{what} is taken as it stands, so it is none; expected its parts by name"
    if not are_known(groups):
        return ""
    if resource not in GROUPS:
        near = meant_by(resource)
        return f"{what} is none of Kubernetes; did you mean {near}?" if near else ""
    if not set(GROUPS[resource]).intersection(groups):
        named = listed([shown(group) for group in groups], "or")
        expected = shown(GROUPS[resource][0])
        return f"{what} is in no API group {named}; expected {expected}"
    if is_namespaced and resource in IN_NO_NAMESPACE:
        return f"{what} lies in no namespace, so a Role gives none; expected a ClusterRole"
    return ""
