"""What the pipelines do: jobs in their order, what each builds, pushes, applies and sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from kerp_policy.estate.builds import Build
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.graph.cluster import dockerfile_node, workload_node
from kerp_policy.estate.graph.model import Graph, Key, Node
from kerp_policy.estate.joins import kind_and_name, workloads_in
from kerp_policy.estate.labels import same_namespace
from kerp_policy.estate.pipelines import Apply, Call, Job, Push, SetImage, Undo, Workflow
from kerp_policy.estate.units import Units
from kerp_policy.estate.workloads import Workload
from kerp_policy.findings import Place
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.sources.source import START

_MOST = 20
"""Workloads that one command is shown to reach."""


def add_to(graph: Graph, estate: Estate) -> None:
    """Add the workflows and scripts."""
    _workflows(graph, estate)
    _builds(graph, estate)
    for apply in estate.all(Apply):
        source = _runner(graph, apply.job, apply.file)
        shown = ", ".join(path or "." for path in apply.paths) or _("what is not known")
        key = graph.add(_step(apply, noted("manifests"), shown))
        graph.link(source, key, _("applies"))
        for workload in islice(_applied(estate, apply), _MOST):
            graph.link(key, workload_node(graph, workload), _("holds"))
    changes: list[SetImage | Undo] = [*estate.all(SetImage), *estate.all(Undo)]
    for change in changes:
        source = _runner(graph, change.job, change.file)
        label = _("sets the image of") if isinstance(change, SetImage) else _("undoes")
        for workload in _meant(estate, change):
            graph.link(source, workload_node(graph, workload), label)
    for call in estate.all(Call):
        graph.link(_runner(graph, call.job, call.file), _script(graph, call.script), _("runs"))


def _workflows(graph: Graph, estate: Estate) -> None:
    for workflow in estate.all(Workflow):
        node = Node(("workflow", workflow.file), _("workflow"), workflow.name, workflow.file, 1)
        graph.add(node, workflow.place, Place(START, workflow.file))
    jobs = {(job.file, job.id): job for job in estate.all(Job)}
    for job in jobs.values():
        shown = f"{job.id} ({job.environment})" if job.environment else job.id
        node = Node(("job", job.job), _("job"), shown, job.file, job.place.span.line)
        own = graph.add(node, job.place)
        before = [jobs[job.file, name] for name in job.before if (job.file, name) in jobs]
        if before:
            latest = max(before, key=lambda earlier: len(earlier.before))
            graph.link(("job", latest.job), own, _("then"))
        else:
            graph.link(("workflow", job.file), own, _("starts with"))


def _builds(graph: Graph, estate: Estate) -> None:
    for build in estate.all(Build):
        source = _runner(graph, build.job, build.file)
        if build.dockerfile.path in estate.files:
            graph.link(source, dockerfile_node(graph, build.dockerfile.path), _("builds"))
    for push in estate.all(Push):
        if push.image:
            key = graph.add(_step(push, noted("image"), push.image.strip("\"'")))
            graph.link(_runner(graph, push.job, push.file), key, _("pushes"))


def _runner(graph: Graph, job: str, file: str) -> Key:
    """The job that does something, or the script."""
    return ("job", job) if ("job", job) in graph.nodes else _script(graph, file)


def _script(graph: Graph, file: str) -> Key:
    return graph.add(Node(("script", file), _("script"), file, file, 1), Place(START, file))


def _step(action: Apply | Push, kind: str, shown: str) -> Node:
    """A node of an action's own; its places stay those of the job."""
    key = kind, action.job, *map(str, action.position), shown
    return Node(key, _(kind), shown, action.file, action.place.span.line)


def _applied(estate: Estate, apply: Apply) -> Iterator[Workload]:
    """The workloads in the files that a command applies."""
    return workloads_in(estate, estate.made(Units).applied(apply))


def _meant(estate: Estate, change: SetImage | Undo) -> Sequence[Workload]:
    if isinstance(change, SetImage) and change.paths:
        return list(workloads_in(estate, change.paths))[:_MOST]
    found = estate.by(Workload, kind_and_name).get((change.kind, change.name or ""), ())
    fits = [w for w in found if same_namespace(w.namespace, change.namespace) is not False]
    return fits[:_MOST]
