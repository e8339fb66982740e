"""Facts: what one file says that may matter to another. Small, plain, each with its place.

Each language has a module here with its records and the function that makes them of a view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from kerp_policy.findings import Place
from kerp_policy.views import View


class Fact(Protocol):
    """What every fact has; facts are records of plain values, kept as rows of JSON."""

    @property
    def file(self) -> str:
        """The file that says so."""
        ...

    @property
    def place(self) -> Place:
        """Where in it."""
        ...

    @property
    def environment(self) -> str | None:
        """The environment that it belongs to, or None where nothing tells."""
        ...


def facts_of(views: Iterable[View]) -> Iterator[Fact]:
    """The facts of one file, from the views that its artifact was cut into."""
    for view in views:
        for extractors in (_EXTRACTORS, _OF_IMAGES):
            if view.scope in extractors:
                yield from extractors[view.scope](view)


def _of_object(view: View) -> Iterator[Fact]:
    from kerp_policy.estate.hosts import hosts
    from kerp_policy.estate.objects import object_facts
    from kerp_policy.estate.placeholders import placeholders

    yield from object_facts(view)
    yield from placeholders(view)
    yield from hosts(view)


def _of_workload(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.workloads import workload_facts

    return workload_facts(view)


def _of_job(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.jobs import job_facts

    return job_facts(view)


def _of_workflow(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.workflows import workflow_fact

    return (workflow_fact(view),)


def _of_script(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.scripts import script_facts

    return script_facts(view)


def _of_rules(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.alerting import rules_facts

    return rules_facts(view)


def _of_rule(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.alerting import rule_facts

    return rule_facts(view)


def _of_alertmanager(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.alerting import routing_facts

    return routing_facts(view)


def _of_kustomization(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.generators import kustomization_facts

    return kustomization_facts(view)


_EXTRACTORS: dict[str, Callable[[View], Iterable[Fact]]] = {
    "object": _of_object,
    "workload": _of_workload,
    "workflow": _of_workflow,
    "job": _of_job,
    "script": _of_script,
    "rules": _of_rules,
    "rule": _of_rule,
    "alertmanager": _of_alertmanager,
    "kustomization": _of_kustomization,
}
"""By scope, what makes facts of a view."""


def _dockerfile(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.image_facts import image_facts

    return image_facts(view)


def _builds_of_job(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.build_commands import job_builds

    return job_builds(view)


def _builds_of_step(view: View) -> Iterable[Fact]:
    if view.facts["kind"] != "action":
        return ()
    from kerp_policy.estate.build_commands import step_builds

    return step_builds(view)


def _builds_of_script(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.build_commands import script_builds

    return script_builds(view)


def _builds_of_skaffold(view: View) -> Iterable[Fact]:
    if view.subject.group != "skaffold":
        return ()
    from kerp_policy.estate.build_skaffold import skaffold_builds

    return skaffold_builds(view)


_OF_IMAGES: dict[str, Callable[[View], Iterable[Fact]]] = {
    "image": _dockerfile,
    "object": _builds_of_skaffold,
    "job": _builds_of_job,
    "step": _builds_of_step,
    "script": _builds_of_script,
}
"""By scope, what makes facts about images of a view."""
