"""Cutting a workflow into the things that policies are asked about (`each`).

`workflow` is the file, `job` every job, `step` every step (those of composite actions too),
`workflow-image` every image that a job runs in, beside itself or as a step, `action` the file of an
action.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Job, Step, Workflow, address
from kerp_policy.artifacts.workflow.changes import Change
from kerp_policy.artifacts.workflow.reader import read_action, read_workflow
from kerp_policy.artifacts.workflow.steps import Value
from kerp_policy.artifacts.yaml import read
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Profile
from kerp_policy.scopes.artifact import UNRENDERED, Artifact
from kerp_policy.sources.source import Problem, Source
from kerp_policy.views import View

Written = dict[tuple[str, ...], Value]
"""By path in a view, what is written elsewhere."""
_SHORTEST = 3
"""Letters of an environment's name that tell which is meant: `prod`, `dev`."""


def workflow_artifact(source: Source, profile: Profile, assumed: str | None) -> Artifact:
    """Read a workflow and cut it.

    Args:
        source: the file.
        profile: the standard, for its environments.
        assumed: the environment of what shows none.
    """
    workflow, problems = read_workflow(source)
    artifact = Artifact("workflow", problems=problems)
    if workflow is None and read(source.text).template:
        return Artifact("template", not_judged=UNRENDERED)
    if workflow:
        artifact.views += _views(workflow, profile, assumed)
        for job in workflow.jobs.values():
            artifact.problems += _not_judged(job.steps)
    return artifact


def action_artifact(source: Source, profile: Profile, assumed: str | None) -> Artifact:
    """Read an action and cut it into itself (`action`) and its steps, if it is a composite one."""
    action, problems = read_action(source)
    steps = action.steps if action else ()
    artifact = Artifact("action", problems=[*problems, *_not_judged(steps)])
    facts = {"file": source.path, "kind": "action", "environment": None}
    if action:
        artifact.views.append(View("action", action.data, facts, _locator(action), action))
    for step in steps:
        artifact.views += _step(step, facts)
    return artifact


def _not_judged(steps: Iterable[Step]) -> Iterator[Problem]:
    """What of their scripts cannot be read."""
    for step in steps:
        yield from step.script.shell.problems if step.script else ()


def _views(workflow: Workflow, profile: Profile, assumed: str | None) -> Iterator[View]:
    jobs = workflow.jobs.values()
    environments = {job.id: _environment(job, profile) or assumed for job in jobs}
    facts: dict[str, Any] = {
        "file": workflow.name,
        "kind": "workflow",
        "environment": None,
        "deploys": any(job.changes for job in jobs),
        "environments": environments,
    }
    yield View("workflow", workflow.data, facts, _locator(workflow), workflow)
    for job in jobs:
        own = {**facts, "environment": environments[job.id], "deploys": bool(job.changes)}
        own["reaches"] = tuple(_reaches(job, profile))
        yield _job(job, own)
        yield from _images(job, own)
        for step in job.steps:
            yield from _step(step, own)


def _locator(workflow: Workflow) -> Any:
    def locate(path: Path) -> Place:
        return Place(workflow.span(path), f"{workflow.name}#{path[0] if path else 'workflow'}")

    return locate


def _job(job: Job, facts: Mapping[str, Any]) -> View:
    written: Written = {("env", name): value for name, value in job.env.items()}
    data = {**job.data, "env": {name: value.value for name, value in job.env.items()}}
    if job.permissions:
        written[("permissions",)] = job.permissions
        data["permissions"] = job.permissions.value

    def locate(path: Path) -> Place:
        return Place(job.workflow.span(_written(job.path, path, written)), address(job))

    return View("job", data, facts, locate, job)


def _step(step: Step, facts: Mapping[str, Any]) -> Iterator[View]:
    written: Written = {("env", name): value for name, value in step.env.items()}
    env = {name: value.value for name, value in step.env.items()}
    data = {**step.data, "env": env, "shell": step.shell}

    def locate(path: Path) -> Place:
        return Place(step.file.span(_written(step.path, path, written)), address(step))

    yield View("step", data, facts, locate, step)
    if step.uses.startswith("docker://"):
        yield _image(step.file, step.uses.removeprefix("docker://"), (*step.path, "uses"), facts)


def _written(base: Path, path: Path, written: Written) -> Path:
    """Where a value in effect is written: here, in the job or in the workflow."""
    for length in (1, 2):
        found = written.get(tuple(str(step) for step in path[:length]))
        if found:
            return (*found.path, *path[length:])
    return (*base, *path)


def _images(job: Job, facts: Mapping[str, Any]) -> Iterator[View]:
    services = job.data.get("services")
    names = services if isinstance(services, dict) else {}
    holders: dict[Path, Any] = {("container",): job.data.get("container")}
    holders |= {("services", name): names[name] for name in names}
    for path, holder in holders.items():
        long = isinstance(holder, dict)
        image = holder.get("image") if isinstance(holder, dict) else holder
        where = (*job.path, *path, *(("image",) if long else ()))
        if isinstance(image, str):
            yield _image(job.workflow, image, where, facts)


def _image(workflow: Workflow, image: str, path: Path, facts: Mapping[str, Any]) -> View:
    name = ".".join(str(step) for step in path[1:])

    def locate(inner: Path) -> Place:
        return Place(workflow.span(path), f"{workflow.name}#{name}")

    return View("workflow-image", {"image": image}, facts, locate, workflow)


def _environment(job: Job, profile: Profile) -> str | None:
    """By the name of its environment, else by the namespace that all its changes are made in."""
    name = job.environment.lower()
    for environment in profile.environments:
        names = (environment.name, *environment.namespaces)
        if name in names or (len(name) >= _SHORTEST and environment.name.startswith(name)):
            return environment.name
    if name:
        return None
    found = {_of_change(change, profile) for change in job.changes}
    return found.pop() if len(found) == 1 else None


def _reaches(job: Job, profile: Profile) -> Iterator[tuple[Change, str]]:
    """The changes whose namespace tells an environment, and which."""
    for change in job.changes:
        if environment := _of_change(change, profile):
            yield change, environment


def _of_change(change: Change, profile: Profile) -> str | None:
    return environment_of(profile, None, path="", namespace=change.namespace)
