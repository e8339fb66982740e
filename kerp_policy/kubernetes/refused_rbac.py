"""What the API server refuses of roles and bindings whose parts all fit their schema.

Source: "Using RBAC Authorization" in the Kubernetes documentation, and PolicyRule, RoleRef and
Subject in the API reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.kubernetes.refused_parts import Refused
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import lookup
from kerp_policy.wording import listed, shown

GROUP = "rbac.authorization.k8s.io"
_SUBJECTS = {"User": (GROUP,), "Group": (GROUP,), "ServiceAccount": ("",)}
"""By kind of subject, the API group that it may name."""
_RESOURCES = ("apiGroups", "resources")


def refused_of_rbac(data: Mapping[str, Any]) -> Iterator[Refused]:
    """What is wrong with the rules of a role, or with what a binding binds to whom."""
    kind = data["kind"]
    if kind in ("Role", "ClusterRole"):
        for i, rule in enumerate(as_list(data.get("rules"))):
            yield from _rule(("rules", i), as_dict(rule), is_namespaced=kind == "Role")
    elif kind in ("RoleBinding", "ClusterRoleBinding"):
        yield from _role(data, kind)
        for i, subject in enumerate(as_list(data.get("subjects"))):
            where = ("subjects", i)
            yield from _subject(where, as_dict(subject), is_namespaced=kind == "RoleBinding")


def _rule(path: Path, rule: Mapping[str, Any], *, is_namespaced: bool) -> Iterator[Refused]:
    if not rule.get("verbs"):
        yield (*path, "verbs"), "a rule has no verbs", "at least one"
    named = [key for key in (*_RESOURCES, "resourceNames") if rule.get(key)]
    if not rule.get("nonResourceURLs"):
        for key in _RESOURCES:
            if not rule.get(key):
                yield (*path, key), f"a rule has no {key}", "at least one"
    elif is_namespaced:
        where = (*path, "nonResourceURLs")
        yield where, "a Role of a namespace has nonResourceURLs", "a ClusterRole"
    elif named:
        what = f"a rule has both nonResourceURLs and {listed(named)}"
        yield (*path, "nonResourceURLs"), what, "two rules"


def _role(data: Mapping[str, Any], kind: str) -> Iterator[Refused]:
    kinds = ("ClusterRole",) if kind == "ClusterRoleBinding" else ("Role", "ClusterRole")
    yield from _one_of(("roleRef", "kind"), lookup(data, ("roleRef", "kind")), kinds)
    group = lookup(data, ("roleRef", "apiGroup"))
    yield from _one_of(("roleRef", "apiGroup"), group, (GROUP, ""))


def _subject(path: Path, subject: Mapping[str, Any], *, is_namespaced: bool) -> Iterator[Refused]:
    kind, group = subject.get("kind"), subject.get("apiGroup")
    yield from _one_of((*path, "kind"), kind, tuple(_SUBJECTS))
    if isinstance(kind, str) and kind in _SUBJECTS and group:
        yield from _one_of((*path, "apiGroup"), group, _SUBJECTS[kind])
    if kind == "ServiceAccount" and not is_namespaced and not subject.get("namespace"):
        what = f"ServiceAccount {subject.get('name')} has no namespace"
        yield path, what, "the namespace that it lies in"


def _one_of(path: Path, value: Any, allowed: tuple[str, ...]) -> Iterator[Refused]:
    if isinstance(value, str) and value not in allowed and not is_placeholder(value):
        words = [shown(each) for each in allowed if each] or ["it not to be set"]
        yield path, f"{path[-1]} is {shown(value)}", listed(words, "or")
