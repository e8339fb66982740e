"""What a rule of a role allows, as the API server's RBAC authorizer reads it.

Source: "Using RBAC Authorization" in the Kubernetes documentation and `PolicyRule` in the API
reference. Answers are True, False, or None where a placeholder (`${GROUP}`) decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from kerp_policy.secrets import is_placeholder

ALL = "*"
CORE = "core"
"""What the API group without a name is called."""
_BUILT_IN = {
    "ClusterRole": ("cluster-admin", "admin", "edit", "view"),
    "Role": ("extension-apiserver-authentication-reader",),
}
"""What every cluster has; the roles for its own parts, whose names begin `system:`, aside."""

AGGREGATED = {
    "view": ("view", "edit", "admin"),
    "edit": ("edit", "admin"),
    "admin": ("admin",),
}
"""Which roles for users take in the rules of a ClusterRole that is labelled for one of them."""

_LABEL = "rbac.authorization.k8s.io/aggregate-to-"


def is_built_in(kind: str, name: str) -> bool:
    """Whether every cluster has a role of this name by itself."""
    names = _BUILT_IN.get(kind)
    return names is not None and (name in names or name.startswith("system:"))


def taken_in_by(labels: Mapping[str, Any]) -> list[str]:
    """The built-in roles that take in the rules of a ClusterRole with these labels."""
    meant = (label.removeprefix(_LABEL) for label, on in labels.items() if on == "true")
    return sorted({name for to in meant for name in AGGREGATED.get(to, ())})


def allows(
    rule: Mapping[str, Collection[str]],
    verbs: Collection[str],
    resources: Mapping[str, Collection[str]],
    names: Collection[str] = (),
) -> bool | None:
    """Whether a rule allows one of some verbs on one of some resources.

    Args:
        rule: `verbs`, `apiGroups`, `resources` and `resourceNames`.
        verbs: those that are asked about.
        resources: by API group, `core` among them, with their subresources: `pods/exec`.
        names: objects that matter although they are named. A rule with `resourceNames` is for no
            other object and creates none, so without these it allows nothing that is meant.
    """
    if rule["resourceNames"] and not set(names).intersection(rule["resourceNames"]):
        return False
    answers = [_among(verbs, rule["verbs"], _same)]
    answers.append(
        _any(_on(rule, "" if group == CORE else group, asked) for group, asked in resources.items())
    )
    if False in answers:
        return False
    return None if None in answers else True


def _on(rule: Mapping[str, Collection[str]], group: str, resources: Collection[str]) -> bool | None:
    answers = (
        _among((group,), rule["apiGroups"], _same),
        _among(resources, rule["resources"], _covers),
    )
    if False in answers:
        return False
    return None if None in answers else True


def _among(asked: Collection[str], given: Collection[str], holds: Any) -> bool | None:
    if any(holds(one, other) for one in given for other in asked):
        return True
    return None if any(map(is_placeholder, given)) else False


def _same(given: str, asked: str) -> bool:
    return given in (ALL, asked)


def _covers(given: str, asked: str) -> bool:
    """A resource, or `*/exec` for the subresource of any; `pods/*` has no meaning."""
    _, slash, part = asked.partition("/")
    return _same(given, asked) or (bool(slash) and given == f"*/{part}")


def _any(answers: Iterable[bool | None]) -> bool | None:
    known = list(answers)
    if True in known:
        return True
    return None if None in known else False
