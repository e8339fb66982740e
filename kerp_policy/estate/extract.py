"""From the views of a file to its facts: which module makes them of which."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from kerp_policy.estate.facts import Fact
from kerp_policy.views import View

if TYPE_CHECKING:
    from kerp_policy.artifacts.kubernetes import KubernetesObject
    from kerp_policy.estate.objects import Extract


def facts_of(views: Iterable[View]) -> Iterator[Fact]:
    """The facts of one file, from the views that its artifact was cut into.

    A patch has none: what it sets is part of what another file declares.
    """
    for view in (view for view in views if not view.is_part):
        for extract in _EXTRACTORS.get(view.scope, ()):
            yield from extract(view)


def _of_object(view: View) -> Iterator[Fact]:
    from kerp_policy.estate.hosts import hosts
    from kerp_policy.estate.objects import declared
    from kerp_policy.estate.placeholders import placeholders

    thing: KubernetesObject = view.subject
    yield declared(view, thing)
    for extract in _of_kinds().get((thing.group, thing.kind), ()):
        yield from extract(view, thing)
    yield from placeholders(view)
    yield from hosts(view)


@cache
def _of_kinds() -> Mapping[tuple[str, str], Sequence[Extract]]:
    """By API group and kind, what makes facts of an object."""
    from kerp_policy.estate import (
        accounts,
        autoscalers,
        made_secrets,
        network_policies,
        objects,
        quotas,
        roles,
        selections,
        services,
    )

    found: dict[tuple[str, str], list[Extract]] = {}
    modules = (
        objects, accounts, autoscalers, made_secrets, network_policies, quotas, roles, selections,
        services,
    )  # fmt: skip
    for module in modules:
        for kind, extract in module.OF_KIND.items():
            found.setdefault(kind, []).append(extract)
    return found


def _of_workload(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.workloads import workload_facts

    return workload_facts(view)


def _of_job(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.jobs import job_facts

    return job_facts(view)


def _of_workflow(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.calls import call_facts
    from kerp_policy.estate.workflows import workflow_fact

    return (workflow_fact(view), *call_facts(view))


def _of_action(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.calls import action_facts

    return action_facts(view)


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
    from kerp_policy.estate.alerting import inhibition_facts, routing_facts

    return (*routing_facts(view), *inhibition_facts(view))


def _of_kustomization(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.generators import kustomization_facts
    from kerp_policy.estate.kustomizations import kustomization_fact

    return (*kustomization_facts(view), *kustomization_fact(view))


def _of_dockerfile(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.image_facts import image_facts

    return image_facts(view)


def _of_dockerignore(view: View) -> Iterable[Fact]:
    from kerp_policy.estate.ignore_files import ignore_facts

    return ignore_facts(view)


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


_EXTRACTORS: dict[str, tuple[Callable[[View], Iterable[Fact]], ...]] = {
    "object": (_of_object, _builds_of_skaffold),
    "workload": (_of_workload,),
    "workflow": (_of_workflow,),
    "action": (_of_action,),
    "job": (_of_job, _builds_of_job),
    "step": (_builds_of_step,),
    "script": (_of_script, _builds_of_script),
    "rules": (_of_rules,),
    "rule": (_of_rule,),
    "alertmanager": (_of_alertmanager,),
    "kustomization": (_of_kustomization,),
    "image": (_of_dockerfile,),
    "dockerignore": (_of_dockerignore,),
}
"""By scope, what makes facts of a view."""
