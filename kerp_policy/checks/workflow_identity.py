"""Checks of what the credentials of a job may do, and which runs have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Job, Step, Workflow
from kerp_policy.artifacts.workflow.expressions import references
from kerp_policy.artifacts.workflow.foreign import runs_for_a_stranger
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.findings import NOT_APPLICABLE, Place, Remark, unverified
from kerp_policy.parameters import WORDS, by_name, takes
from kerp_policy.regex import regex
from kerp_policy.sources.source import Span
from kerp_policy.views import View, lookup
from kerp_policy.wording import listed, missing

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


_CREDENTIAL = regex(r"token|key|pat$|password|fork")
_OWN_TOKEN = regex(r"\s*\$\{\{\s*(?:github\.token|secrets\.GITHUB_TOKEN)\s*\}\}\s*", re.IGNORECASE)


@takes(actions=by_name(WORDS), commands=by_name(WORDS))
def lacking(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The token of a job may do what its actions surely do with it.

    What a step is given a credential of its own for is left alone, and so are jobs whose
    permissions are the repository's setting. Source: the descriptions of the actions, and GitHub
    documentation, "Permissions required for GitHub Apps".
    """
    step: Step = view.subject
    permissions = step.job.permissions if step.job else None
    if permissions is None or permissions.value == "write-all":
        return
    granted = permissions.value if isinstance(permissions.value, dict) else {}
    for what, scopes, at in _writing(step, params):
        refused = [f"{scope}: write" for scope in scopes if granted.get(scope) != "write"]
        if refused and step.job:
            message = missing("permission", refused, f"job {step.job.id}")
            yield Remark(Place(at, address(step)), f"{message}, so {what} fails", subject=what)


def _writing(step: Step, params: Mapping[str, Any]) -> Iterator[tuple[str, list[str], Span]]:
    """What writes with the token of the job, the scopes that it needs, and where it stands."""
    scopes = params["actions"].get(step.action)
    if scopes and all(_OWN_TOKEN.fullmatch(text) for text in _credentials(step)):
        yield step.action, scopes, step.file.span((*step.path, "uses"))
    token = step.env.get("GH_TOKEN") or step.env.get("GITHUB_TOKEN")
    if not token or not _OWN_TOKEN.fullmatch(str(token.value)):
        return
    for command in step.script.shell.commands if step.script else ():
        called = " ".join(word.text or "" for word in command.words[:3])
        if (scopes := params["commands"].get(called)) and not command.assignments:
            yield called, scopes, command.span


def _credentials(step: Step) -> Iterator[str]:
    """What a step is given to act with, by inputs and by variables."""
    given = {**{name: each.value for name, each in step.env.items()}, **step.inputs}
    return (str(value) for name, value in given.items() if _CREDENTIAL.search(name.lower()))
