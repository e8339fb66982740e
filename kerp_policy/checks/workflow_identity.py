"""Checks of what the credentials of a job may do, and which runs have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Job, Step, Workflow
from kerp_policy.artifacts.workflow.expressions import references
from kerp_policy.artifacts.workflow.foreign import runs_for_a_stranger
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.findings import NOT_APPLICABLE, Place, Remark, unverified
from kerp_policy.parameters import WORDS, takes
from kerp_policy.views import View, lookup
from kerp_policy.wording import listed

_APP_TOKEN = "actions/create-github-app-token"  # noqa: S105 - the name of an action


def app_token(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The token of a GitHub App may do what the job needs, where it needs it, while it runs.

    Source: the description of actions/create-github-app-token: without `permission-*` the token
    has all permissions of the installation, with `owner` alone all its repositories.
    """
    step: Step = view.subject
    if step.action != _APP_TOKEN:
        return
    inputs = step.inputs
    if not any(name.startswith("permission-") for name in inputs):
        message = "the token has every permission of the app"
        yield Remark(("uses",), f"{message}; expected permission-… for what the job does")
    if inputs.get("owner") and not inputs.get("repositories"):
        message = "owner without repositories gives a token for all that the app can reach"
        place = Place(step.file.span(step.input_path("owner")), address(step))
        yield Remark(place, f"{message}; expected repositories", subject="owner")
    if str(inputs.get("skip-token-revoke", "")).strip().lower() == "true":
        place = Place(step.file.span(step.input_path("skip-token-revoke")), address(step))
        yield Remark(place, "the token outlives the job; expected skip-token-revoke: false")


def outside_environment(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The secrets of a job belong to an environment, which says who may have them.

    Source: GitHub documentation, "Deployments and environments", Environment secrets.
    """
    workflow: Workflow = view.subject
    taken: dict[str, dict[str, None]] = {}
    for path, expression in workflow.expressions:
        for node in references(expression) if path[:1] == ("jobs",) and len(path) > 2 else ():
            root, _, name = node.text.partition(".")
            if root == "secrets" and name not in ("", "*", "github_token"):
                taken.setdefault(str(path[1]), {})[f"secrets.{name.upper()}"] = None
    for id, names in taken.items():
        job = workflow.jobs.get(id)
        if job and not job.uses and job.data.get("environment") is None:
            message = f"environment is not set, so every branch has {listed(list(names)[:3])}"
            place = Place(workflow.span((*job.path, "environment")), address(job))
            yield Remark(place, f"{message}; expected one that holds them")


def on_own_runner(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No stranger's pull request runs on a machine that is there afterwards.

    Source: GitHub documentation, "Secure use reference", Hardening for self-hosted runners.
    """
    job: Job = view.subject
    labels = job.data.get("runs-on")
    is_own = labels == "self-hosted" or (isinstance(labels, list) and "self-hosted" in labels)
    if not is_own:
        yield NOT_APPLICABLE
    elif "pull_request" in job.workflow.triggers and any(
        runs_for_a_stranger(step, "pull_request") for step in job.steps
    ):
        message = "pull requests run on a self-hosted runner"
        yield unverified(("runs-on",), f"{message}; files do not show whether strangers send them")


@takes(names=WORDS)
def variables(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """None of these variables is set for every run, at whatever level."""
    workflow: Workflow = view.subject
    levels: list[tuple[Any, Mapping[str, Any], str]] = [
        ((), workflow.data, f"{workflow.name}#env"),
        *((job.path, job.data, address(job)) for job in workflow.jobs.values()),
        *((step.path, step.data, address(step)) for step in workflow.steps),
    ]
    for path, data, where in levels:
        for name in params["names"]:
            value = lookup(data, ("env", name))
            if str(value).strip().lower() in ("true", "1"):
                place = Place(workflow.span((*path, "env", name)), where)
                message = f"{name} is set for every run"
                expected = "expected a run with debug logging where one is looked into"
                yield Remark(place, f"{message}; {expected}", subject=name)
