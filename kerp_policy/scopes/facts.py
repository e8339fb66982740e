"""What `when` of a policy may ask of each scope."""

from __future__ import annotations

_EVERYWHERE = frozenset({"file", "environment"})
_HELD = _EVERYWHERE | {"kind", "group", "namespace", "name", "labels", "kubernetes"}
_OBJECT = _HELD | {"patch"}
_POD = _OBJECT | {"os"}
_STAGE = _EVERYWHERE | {"stage", "final", "shipped"}
_WORKFLOW = _EVERYWHERE | {"kind", "deploys", "environments"}
_ALERTMANAGER = _HELD | {"form"}

FACTS: dict[str, frozenset[str]] = {
    "file": frozenset(),
    "object": _OBJECT,
    "workload": _POD,
    "pod": _POD,
    "container": _POD | {"role", "long_running"},
    "kustomization": _EVERYWHERE | {"namespace"},
    "image": _EVERYWHERE,
    "stage": _STAGE,
    "instruction": _STAGE | {"keyword", "onbuild"},
    "dockerignore": _EVERYWHERE,
    "image-reference": _EVERYWHERE | {"reference"},
    "workflow": _WORKFLOW,
    "job": _WORKFLOW,
    "step": _WORKFLOW,
    "workflow-image": _WORKFLOW,
    "action": _EVERYWHERE | {"kind"},
    "alertmanager": _ALERTMANAGER,
    "route": _ALERTMANAGER | {"root"},
    "receiver": _ALERTMANAGER | {"position"},
    "rules": _HELD,
    "group": _HELD,
    "rule": _HELD | {"rule"},
    "script": _EVERYWHERE,
    "command": _EVERYWHERE | {"program"},
    "estate": frozenset(),
}
"""By scope. What lies inside a Kubernetes object has the facts of that object, too. A reader's
own policies (`file`) and joint checks (`estate`) ask for none."""

WITH_PARTS = frozenset({"labels", "environments"})
"""Facts that are mappings: `labels.app` asks for one entry."""

JOINED = frozenset({
    "Account", "ActionUse", "Alert", "Apply", "Autoscaler", "Backend", "BoundReference", "Budget",
    "Build", "Call", "Declared", "Defaults", "Dockerfile", "Edit", "Governed", "HealthCheck",
    "Host", "IgnoreFile", "Inhibiting", "Interface", "Job", "Kustomization", "Namespace",
    "NetworkPolicy", "Push", "Quota", "Reach", "Recording", "Reference", "Role", "RoleBinding",
    "Routing", "Rules", "Secret", "Selection", "Service", "SetImage", "Undo", "Unfilled", "Wait",
    "Workflow", "WorkflowCall", "Workload",
})  # fmt: skip
"""What `of` of a joint policy may name: the kinds of facts that the estate joins."""
