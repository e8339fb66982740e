"""Checks of the credentials with which a workflow reaches a cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.shell.arguments import option
from kerp_policy.artifacts.workflow import Job, Step, Workflow
from kerp_policy.artifacts.workflow.credentials import KUBECONFIG, SESSION, STATIC, VARIABLES
from kerp_policy.artifacts.workflow.expressions import find_expressions, references
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.findings import Place, Remark, unverified
from kerp_policy.paths import Path
from kerp_policy.secrets import secret_name
from kerp_policy.views import View, lookup

_SPARED = frozenset((SESSION[1], "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"))


def static(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No step reaches a cloud with a key that is valid until somebody revokes it.

    Source: GitHub documentation, "OpenID Connect", and the descriptions of the actions named. A
    key that an earlier step has fetched for this run (`steps.*`) is short-lived, and so is one with
    a session token.
    """
    workflow: Workflow = view.subject
    for step in workflow.steps:
        for each in STATIC:
            name = next((name for name in each.inputs if _is_secret(step.inputs.get(name))), None)
            if step.action == each.action and name and not step.inputs.get(SESSION[0]):
                at = Place(workflow.span(step.input_path(name)), address(step))
                source = _source(step.inputs[name])
                message = f"{each.what} comes from {source}; expected {each.instead}"
                yield Remark(at, message, subject=name)
    for name, what in VARIABLES.items():
        for path, value, where in _variables(workflow, name):
            spared = name.startswith("AWS_") and _has_no_role(workflow, path)
            if _is_secret(value) and not spared:
                message = f"{what} comes from {_source(value)}; expected a role"
                at = Place(workflow.span((*path, "env", name)), where)
                yield Remark(at, f"{message}, with id-token: write", subject=name)

    yield from _kubeconfigs(workflow)


def _has_no_role(workflow: Workflow, path: Path) -> bool:
    """Whether a key ends by itself, or is of a store that only speaks as S3 does.

    The first has a session token beside it, the second an endpoint that is none of AWS.
    """
    if not _SPARED.isdisjoint(lookup(workflow.data, (*path, "env"), {})):
        return True
    step = workflow.step_at(path)
    if step is None or step.script is None or "amazonaws.com" in step.run:
        return False
    calls = [c.words for c in step.script.shell.commands if c.program == "aws"]
    return bool(calls) and all(option(words, "--endpoint-url") is not None for words in calls)


def _kubeconfigs(workflow: Workflow) -> Iterator[Remark]:
    """Kubeconfigs that are kept as a secret and written to a file by a script."""
    told = set()
    for path, expression in workflow.expressions:
        for node in references(expression):
            step = workflow.step_at(path)
            is_file = KUBECONFIG.fullmatch(node.text) and "with" not in path
            if is_file and (node.text, step) not in told:
                told.add((node.text, step))
                place = Place(workflow.span(path, node.start, node.end), _address(workflow, path))
                name = f"secrets.{node.text.partition('.')[2].upper()}"
                message = f"a long-lived kubeconfig comes from {name}"
                expected = "expected the cloud's own login, with id-token: write"
                yield Remark(place, f"{message}; {expected}", subject=node.text)


def _address(workflow: Workflow, path: Path) -> str:
    if step := workflow.step_at(path):
        return address(step)
    job = workflow.jobs.get(str(path[1])) if path[:1] == ("jobs",) else None
    return address(job) if job else f"{workflow.name}#{path[0]}"


def _variables(workflow: Workflow, name: str) -> Iterator[tuple[Path, Any, str]]:
    """Wherever a variable is set: path and data of the level, value, address."""
    levels: list[tuple[Path, Mapping[str, Any], str]] = [
        ((), workflow.data, f"{workflow.name}#env")
    ]
    levels += [(job.path, job.data, address(job)) for job in workflow.jobs.values()]
    levels += [(step.path, step.data, address(step)) for step in workflow.steps]
    for path, data, where in levels:
        value = lookup(data, ("env", name))
        if value:
            yield path, value, where


def _is_secret(value: Any) -> bool:
    names = _references(value)
    return any(name.startswith("secrets.") for name in names)


def _source(value: Any) -> str:
    """The reference as it is written; of several, in JSON, the one whose name tells of a secret."""
    text = str(value)
    found = [text[e.node.start : e.node.end] for e in find_expressions(text) if e.node]
    telling = (name for name in found if secret_name(name.removeprefix("secrets.")))
    return next(telling, found[0] if found else "secrets")


def _references(value: Any) -> list[str]:
    found = find_expressions(value) if isinstance(value, str) else ()
    return [node.text for expression in found for node in references(expression)]


_BY_TOKEN = {
    "aws-actions/configure-aws-credentials": "role-to-assume",
    "azure/login": "client-id",
    "google-github-actions/auth": "workload_identity_provider",
}
"""By action, the input with which it asks GitHub for an identity token."""


def identity_token(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A job that logs in by an identity token may have one.

    No default grants it (GitHub documentation, "OpenID Connect": `id-token: write` must be set).
    """
    job: Job = view.subject
    steps = [step for step in job.steps if _asks_for_token(step)]
    permissions = job.permissions.value if job.permissions else None
    granted = permissions == "write-all" or lookup(permissions, ("id-token",)) == "write"
    if not steps or granted:
        return
    message = f"{steps[0].action} logs in by an identity token, which job {job.id} may not have"
    place = Place(job.workflow.span((*job.path, "permissions")), address(job))
    if job.permissions is None and "workflow_call" in job.workflow.triggers:
        yield unverified(place, f"{message}, unless the caller grants id-token: write")
        return
    yield Remark(place, f"{message}; expected id-token: write")


def _asks_for_token(step: Step) -> bool:
    name = _BY_TOKEN.get(step.action)
    chained = step.inputs.get("aws-access-key-id") or step.inputs.get("role-chaining")
    secret = step.inputs.get("creds") or step.inputs.get("auth-type") == "IDENTITY"
    return bool(name and step.inputs.get(name) and not chained and not secret)
