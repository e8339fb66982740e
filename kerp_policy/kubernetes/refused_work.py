"""What the API server refuses of Deployments, Jobs and CronJobs whose parts all fit their schema.

Source: the API reference of Kubernetes, DeploymentSpec (`progressDeadlineSeconds`), JobSpec
(`completionMode`, `podFailurePolicy`), CronJobSpec and PodSpec
(`activeDeadlineSeconds`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.kubernetes.refused_parts import Refused
from kerp_policy.paths import Path
from kerp_policy.views import lookup

_AMOUNTS = {
    "Deployment": ("replicas", "minReadySeconds", "revisionHistoryLimit"),
    "StatefulSet": ("replicas", "minReadySeconds", "revisionHistoryLimit"),
    "ReplicaSet": ("replicas", "minReadySeconds"),
    "DaemonSet": ("minReadySeconds", "revisionHistoryLimit"),
    "Job": (
        "parallelism", "completions", "backoffLimit", "activeDeadlineSeconds",
        "ttlSecondsAfterFinished",
    ),
    "CronJob": (
        "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit",
    ),
}  # fmt: skip
"""By kind, the fields of `spec` that are at least 0."""
_KEPT_RUNNING = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "ReplicationController")
_PROGRESS_DEFAULT = 600


def refused_of_work(data: Mapping[str, Any], pod: Path) -> Iterator[Refused]:
    """What a workload says of its pods and cannot mean.

    Args:
        data: the object that makes the pods.
        pod: where their template stands in it.
    """
    kind = data["kind"]
    for key in _AMOUNTS.get(kind, ()):
        value = lookup(data, ("spec", key))
        if type(value) is int and value < 0:
            yield ("spec", key), f"spec.{key} is {value}", "0 or more"
    deadline = (*pod, "spec", "activeDeadlineSeconds")
    if kind in _KEPT_RUNNING and lookup(data, deadline) is not None:
        yield deadline, f"the pods of a {kind} have activeDeadlineSeconds", "it in a Job only"
    if kind == "Deployment":
        yield from _progress(data)
    elif kind in ("Job", "CronJob"):
        yield from _job(data, pod[:-1], (*pod, "spec", "restartPolicy"))


def _progress(data: Mapping[str, Any]) -> Iterator[Refused]:
    """A rollout is given up before the first of its pods can count as available."""
    path: Path = ("spec", "minReadySeconds")
    ready, stated = lookup(data, path), lookup(data, ("spec", "progressDeadlineSeconds"))
    deadline = _PROGRESS_DEFAULT if stated is None else stated
    if type(ready) is int and type(deadline) is int and ready >= deadline:
        what = f"minReadySeconds is {ready}, and progressDeadlineSeconds is {deadline}"
        yield path, what if stated is not None else f"{what} by default", "less than that"


def _job(data: Mapping[str, Any], spec: Path, restart: Path) -> Iterator[Refused]:
    """`spec` leads to the Job's own, `restart` to the policy of its pods."""
    job = lookup(data, spec, {})
    if lookup(job, ("completionMode",)) == "Indexed" and lookup(job, ("completions",)) is None:
        yield (*spec, "completions"), "completions of an Indexed Job is not set", "a number"
    policy = lookup(data, restart)
    if lookup(job, ("podFailurePolicy",)) is not None and policy == "OnFailure":
        what = "restartPolicy is OnFailure beside a podFailurePolicy"
        yield restart, what, "Never, so that failed pods are counted"
