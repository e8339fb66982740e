"""Check of a workload's selector against the labels of its own pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.artifacts.pods import Pod
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.kubernetes.labels import selects
from kerp_policy.parameters import LABELS, takes
from kerp_policy.views import View, lookup
from kerp_policy.wording import shown


@takes(labels=LABELS)
def own_pods(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The selector matches the template's labels, else the API server refuses the workload.

    A ReplicationController selects by plain labels, and by those of its template if it has none
    (Kubernetes API, DeploymentSpec and ReplicationControllerSpec). Of the `labels` that the policy
    of labels compares, that one tells.
    """
    pod: Pod = view.subject
    selector = lookup(view.data, ("spec", "selector"))
    if not isinstance(selector, dict):
        yield NOT_APPLICABLE
        return
    if view.facts["kind"] == "ReplicationController":
        selector = {"matchLabels": selector}
    answer = selects(selector, pod.labels)
    if answer is None:
        yield unverified(
            ("spec", "selector"), "files do not show whether the selector matches the pods"
        )
    elif not answer:
        yield from _missed(selector, pod, params["labels"])


def _missed(selector: dict[str, Any], pod: Pod, labels: Sequence[str]) -> Iterator[Remark]:
    plain = as_dict(selector.get("matchLabels")).items()
    wrong = [key for key, value in plain if pod.labels.get(key) != value]
    for key in wrong[:1]:
        value, own = (shown(of.get(key)) for of in (as_dict(selector["matchLabels"]), pod.labels))
        has = f"has {key}={own}" if key in pod.labels else f"has no label {key}"
        message = f"the selector asks for {key}={value}, and the pod template {has}"
        is_plain = pod.owner.kind == "ReplicationController"
        path = ("spec", "selector", *(() if is_plain else ("matchLabels",)), key)
        told = ("workload-labels",) if key in labels else ()
        yield Remark(path, message, subject=key, consequence_of=told)
    if not wrong:
        path = ("spec", "selector", "matchExpressions")
        yield Remark(path, "the selector's expressions do not match the labels of the pod template")
