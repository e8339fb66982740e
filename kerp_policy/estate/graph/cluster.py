"""What runs in the cluster: from Ingress and Service to workload, image and what pods name."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from kerp_policy.estate.autoscalers import Autoscaler
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import Fact
from kerp_policy.estate.graph.model import Graph, Key, Node
from kerp_policy.estate.joins import kind_and_name, target_name
from kerp_policy.estate.labels import same_namespace
from kerp_policy.estate.objects import Declared
from kerp_policy.estate.references import Reference
from kerp_policy.estate.running import Images
from kerp_policy.estate.selections import Selection
from kerp_policy.estate.services import Backend, Service
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import Place
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.sources.source import START

_MOST = 5
"""Things of one name that are shown, where several may be meant."""

F = TypeVar("F", bound=Fact)


def add_to(graph: Graph, estate: Estate) -> None:
    """Add what the manifests declare."""
    by_user: dict[tuple[str, str], list[Reference]] = {}
    for reference in estate.all(Reference):
        by_user.setdefault((reference.file, reference.user), []).append(reference)
    for backend in estate.all(Backend):
        _backend(graph, estate, backend)
    for selection in estate.all(Selection):
        _selection(graph, estate, selection)
    for service in estate.all(Service):
        _service(graph, service)
    for workload in estate.all(Workload):
        _workload(graph, estate, workload)
        user = f"{workload.kind} {workload.name}"
        _references(graph, estate, workload, by_user.get((workload.file, user), ()))


Id = tuple[str, str | None, str]
"""An object's kind, namespace and name."""


def add_object(graph: Graph, file: str, id: Id, place: Place) -> Key:
    """Add an object that a manifest declares; the same one in another file is another."""
    kind, namespace, name = id
    key = "object", file, kind, namespace or "-", name
    return graph.add(Node(key, kind, _shown(namespace, name), file, place.span.line), place)


def _shown(namespace: str | None, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def workload_node(graph: Graph, workload: Workload) -> Key:
    """Add a workload."""
    return add_object(graph, workload.file, workload.id, workload.place)


def _named(graph: Graph, estate: Estate, near: Fact, kind: str, name: str) -> Iterator[Key]:
    """The objects that a fact names, else one that lives elsewhere."""
    namespace = getattr(near, "namespace", None)
    found = [
        each
        for each in estate.by(Declared, kind_and_name).get((kind, name), ())
        if same_namespace(each.namespace, namespace) is not False
    ]
    for each in _nearest(near, found):
        yield add_object(graph, each.file, each.id, each.place)
    if not found:
        key = "elsewhere", kind, namespace or "-", name
        yield graph.add(Node(key, kind, _shown(namespace, name)))


def _nearest(near: Fact, found: Sequence[F]) -> Sequence[F]:
    """Those of the same folder, if there are any: copies of an application lie side by side."""
    folder = posixpath.dirname(near.file)
    here = [each for each in found if posixpath.dirname(each.file) == folder]
    return (here or found)[:_MOST]


def _own(graph: Graph, estate: Estate, fact: Fact, kind: str, name: str) -> Key:
    """The object that a fact is about, at the line of its name."""
    here = [
        each
        for each in estate.by(Declared, kind_and_name).get((kind, name), ())
        if each.file == fact.file and each.place.thing == fact.place.thing
    ]
    id, at = (here[0].id, here[0].place) if here else ((kind, None, name), fact.place)
    return add_object(graph, fact.file, id, at)


def _backend(graph: Graph, estate: Estate, backend: Backend) -> None:
    kind, _space, name = backend.owner.partition(" ")
    source = _own(graph, estate, backend, kind, name)
    for target in _named(graph, estate, backend, "Service", backend.service):
        graph.link(source, target, _("routes to"))


_BEHIND = {
    "PodDisruptionBudget": noted("is kept up by"),
    "NetworkPolicy": noted("is guarded by"),
    "ServiceMonitor": noted("is scraped by"),
    "PodMonitor": noted("is scraped by"),
}
"""What selects without leading there: by kind, how that is seen from what is selected."""


_ROLES = {
    "container": noted("container"),
    "init": noted("init"),
    "sidecar": noted("sidecar"),
}
"""What a container is called, by its role."""


def _selection(graph: Graph, estate: Estate, selection: Selection) -> None:
    kind = selection.kind
    own = _own(graph, estate, selection, kind, selection.name)
    for namespace in (selection.namespaces or (None,))[:_MOST]:
        for other in _selected(graph, estate, selection, namespace):
            if kind in _BEHIND:
                graph.link(other, own, _(_BEHIND[kind]))
            else:
                graph.link(own, other, _("sends to"))


def _selected(
    graph: Graph, estate: Estate, selection: Selection, namespace: str | None
) -> Iterator[Key]:
    if selection.of == "pods":
        workloads = [w for w, _sure in estate.selected(Workload, selection.selector, namespace)]
        yield from (workload_node(graph, each) for each in _nearest(selection, workloads))
    else:
        services = [s for s, _sure in estate.selected(Service, selection.selector, namespace)]
        yield from (_service(graph, each) for each in _nearest(selection, services))


def _service(graph: Graph, service: Service) -> Key:
    id = "Service", service.namespace, service.name
    return add_object(graph, service.file, id, service.place)


def _workload(graph: Graph, estate: Estate, workload: Workload) -> None:
    own = workload_node(graph, workload)
    for container in workload.containers:
        shown = f"{container.name} ({container.image})" if container.image else container.name
        key = (*own, "container", container.name)
        line = container.place.span.line
        inside = graph.add(Node(key, _(_ROLES[container.role]), shown, workload.file, line))
        graph.link(own, inside, _("runs"))
        for image in estate.made(Images).run_by(workload, container):
            graph.link(inside, dockerfile_node(graph, image.target.file), _("is built from"))
    for autoscaler in estate.by(Autoscaler, target_name).get(workload.kind_and_name, ()):
        if same_namespace(autoscaler.namespace, workload.namespace) is not False:
            graph.link(own, _scaler(graph, autoscaler), _("is scaled by"))


def _scaler(graph: Graph, autoscaler: Autoscaler) -> Key:
    kind, _slash, name = autoscaler.place.thing.partition("/")
    id = kind.partition(".")[0], autoscaler.namespace, autoscaler.name or name
    return add_object(graph, autoscaler.file, id, autoscaler.place)


def dockerfile_node(graph: Graph, file: str) -> Key:
    """Add a Dockerfile."""
    return graph.add(Node(("dockerfile", file), "Dockerfile", file, file, 1), Place(START, file))


def _references(
    graph: Graph, estate: Estate, workload: Workload, references: Iterable[Reference]
) -> None:
    own = workload_node(graph, workload)
    for reference in references:
        for target in _named(graph, estate, reference, reference.kind, reference.name):
            graph.link(own, target, _("uses"))
