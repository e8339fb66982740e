"""What scales workloads: HorizontalPodAutoscalers, and KEDA's ScaledObjects that make them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict, as_list
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.records import Kept
from kerp_policy.views import View, lookup

if TYPE_CHECKING:
    from kerp_policy.estate.objects import Extract


class Metric(Kept, frozen=True):
    """A resource of whose request a share is aimed at; `container` is empty for a whole pod."""

    place: Place
    resource: str
    container: str = ""


class Autoscaler(Kept, frozen=True):
    """What scales a workload, from `least` (by default 1) to `most` replicas.

    `metrics` are only those that need the pods to request what is measured, `scaler` is its own
    kind.
    """

    file: str
    place: Place
    environment: str | None
    namespace: str | None
    kind: str
    target: str
    least: Any
    name: str = ""
    most: Any = None
    target_place: Place | None = None
    target_version: str = ""
    """The target's apiVersion as it is written, or KEDA's default."""
    target_version_place: Place | None = None
    target_kind_place: Place | None = None
    metrics: tuple[Metric, ...] = ()
    scaler: str = "HorizontalPodAutoscaler"

    @property
    def title(self) -> str:
        """Its own kind and name, for a message."""
        return f"{self.scaler} {self.name}"

    @property
    def target_id(self) -> tuple[str, str | None, str]:
        """The kind, namespace and name of what it scales."""
        return self.kind, self.namespace, self.target

    @property
    def target_name(self) -> tuple[str, str]:
        """The kind and name of what it scales."""
        return self.kind, self.target


def _autoscaler(view: View, thing: KubernetesObject) -> Iterator[Autoscaler]:
    yield _scaling(view, thing, ("minReplicas", 1), ("maxReplicas", None), _metrics(thing))


def _scaled_object(view: View, thing: KubernetesObject) -> Iterator[Autoscaler]:
    """KEDA's defaults: a Deployment, from 0 to 100 (its documentation, "ScaledObject spec")."""
    bounds = ("minReplicaCount", 0), ("maxReplicaCount", 100)
    yield _scaling(view, thing, *bounds, _triggers(thing))


def _scaling(
    view: View,
    thing: KubernetesObject,
    least: tuple[str, Any],
    most: tuple[str, Any],
    metrics: Iterator[Metric],
) -> Autoscaler:
    where: Path = ("spec", "scaleTargetRef")
    target, keda = as_dict(lookup(thing.data, where)), thing.kind == "ScaledObject"
    return Autoscaler(
        view.facts["file"],
        thing.place(("spec", least[0])),
        view.environment,
        thing.namespace,
        str(target.get("kind") or ("Deployment" if keda else "")),
        str(target.get("name") or ""),
        lookup(thing.data, ("spec", least[0]), least[1]),
        thing.name,
        lookup(thing.data, ("spec", most[0]), most[1]),
        thing.place((*where, "name")),
        str(target.get("apiVersion") or ("apps/v1" if keda else "")),
        thing.place((*where, "apiVersion")),
        thing.place((*where, "kind")),
        tuple(metrics),
        thing.kind,
    )


def _metrics(thing: KubernetesObject) -> Iterator[Metric]:
    """Only a utilization is a share of the request; autoscaling/v1 knows nothing else."""
    if thing.api_version == "autoscaling/v1":
        yield Metric(thing.place(("spec", "targetCPUUtilizationPercentage")), "cpu")
        return
    listed = as_list(lookup(thing.data, ("spec", "metrics")))
    if not listed:
        yield Metric(thing.place(("spec", "metrics")), "cpu")
    for i, metric in enumerate(map(as_dict, listed)):
        source = _SOURCES.get(str(metric.get("type")), "")
        about, path = as_dict(metric.get(source)), ("spec", "metrics", i, source)
        target = as_dict(about.get("target"))
        share = target.get("averageUtilization", about.get("targetAverageUtilization"))
        if share is not None:
            yield _metric(thing, path, about)


def _metric(thing: KubernetesObject, path: Path, about: dict[str, Any]) -> Metric:
    container = about.get("container") or ""
    return Metric(thing.place((*path, "name")), str(about.get("name")), str(container))


def _triggers(thing: KubernetesObject) -> Iterator[Metric]:
    for i, trigger in enumerate(map(as_dict, as_list(lookup(thing.data, ("spec", "triggers"))))):
        kind, about = trigger.get("type"), as_dict(trigger.get("metadata"))
        measured = trigger.get("metricType") or about.get("type") or "Utilization"
        if kind in ("cpu", "memory") and measured == "Utilization":
            place = thing.place(("spec", "triggers", i, "type"))
            yield Metric(place, str(kind), str(about.get("containerName") or ""))


_SOURCES = {"Resource": "resource", "ContainerResource": "containerResource"}
OF_KIND: dict[tuple[str, str], Extract] = {
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("keda.sh", "ScaledObject"): _scaled_object,
}
