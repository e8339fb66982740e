"""The resources that Kubernetes brings, by API group, as rules of roles name them.

Source: the API reference of Kubernetes, and its deprecation guide for what `extensions` once had.
"""

from __future__ import annotations

from collections.abc import Collection

_NAMES = {
    "": "bindings configmaps endpoints events limitranges namespaces nodes persistentvolumeclaims"
    " persistentvolumes pods podtemplates replicationcontrollers resourcequotas secrets"
    " serviceaccounts services",
    "apps": "controllerrevisions daemonsets deployments replicasets statefulsets",
    "batch": "cronjobs jobs",
    "autoscaling": "horizontalpodautoscalers",
    "policy": "poddisruptionbudgets podsecuritypolicies",
    "networking.k8s.io": "ingressclasses ingresses networkpolicies",
    "extensions": "daemonsets deployments ingresses networkpolicies podsecuritypolicies"
    " replicasets",
    "rbac.authorization.k8s.io": "clusterrolebindings clusterroles rolebindings roles",
    "storage.k8s.io": "csidrivers csinodes storageclasses volumeattachments",
    "coordination.k8s.io": "leases",
    "discovery.k8s.io": "endpointslices",
    "events.k8s.io": "events",
    "scheduling.k8s.io": "priorityclasses",
    "certificates.k8s.io": "certificatesigningrequests",
    "admissionregistration.k8s.io": "mutatingwebhookconfigurations validatingwebhookconfigurations",
    "apiextensions.k8s.io": "customresourcedefinitions",
    "apiregistration.k8s.io": "apiservices",
    "authentication.k8s.io": "tokenreviews",
    "authorization.k8s.io": "localsubjectaccessreviews selfsubjectaccessreviews"
    " selfsubjectrulesreviews subjectaccessreviews",
}

_IN_NONE = (
    "nodes persistentvolumes clusterrolebindings csidrivers csinodes storageclasses"
    " volumeattachments ingressclasses priorityclasses mutatingwebhookconfigurations"
    " validatingwebhookconfigurations customresourcedefinitions apiservices"
    " certificatesigningrequests podsecuritypolicies tokenreviews subjectaccessreviews"
)
IN_NO_NAMESPACE = frozenset(_IN_NONE.split())
"""What a role of a namespace cannot give; to read the namespace itself it can, and to bind a
ClusterRole."""

GROUPS: dict[str, tuple[str, ...]] = {}
"""By resource, the groups that have it."""
for _group, _names in _NAMES.items():
    for _name in _names.split():
        GROUPS[_name] = (*GROUPS.get(_name, ()), _group)


def are_known(groups: Collection[str]) -> bool:
    """Whether the resources of these groups are known: no operator adds to them."""
    return bool(groups) and all(group in _NAMES for group in groups)


def meant_by(name: str) -> str:
    """The resource that a kind, or the name of a single one, stands for; empty where none does."""
    lower = name.lower()
    forms = (lower, f"{lower}s", f"{lower}es", f"{lower[:-1]}ies")
    return next((form for form in forms if form != name and form in GROUPS), "")
