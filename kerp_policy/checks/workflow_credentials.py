"""Checks of the credentials with which a workflow reaches a cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kerp_policy.artifacts.workflow import Workflow
from kerp_policy.artifacts.workflow.expressions import find_expressions, references
from kerp_policy.findings import Place, Remark
from kerp_policy.paths import Path
from kerp_policy.scopes.workflow import address
from kerp_policy.views import View, lookup


class _Static(NamedTuple):
    """An input of an action that takes a long-lived credential, and what replaces it."""

    action: str
    input: str
    what: str
    instead: str


_STATIC = (
    _Static(
        "aws-actions/configure-aws-credentials",
        "aws-access-key-id",
        "a long-lived AWS access key",
        "role-to-assume, with id-token: write",
    ),
    _Static(
        "azure/login",
        "creds",
        "a long-lived Azure client secret",
        "client-id, tenant-id and subscription-id, with id-token: write",
    ),
    _Static(
        "google-github-actions/auth",
        "credentials_json",
        "a long-lived Google service account key",
        "workload_identity_provider, with id-token: write",
    ),
    _Static(
        "azure/k8s-set-context",
        "kubeconfig",
        "a long-lived kubeconfig",
        "the cloud's own login, with id-token: write",
    ),
)
_VARIABLES = {
    "AWS_SECRET_ACCESS_KEY": "a long-lived AWS access key",
    "ARM_CLIENT_SECRET": "a long-lived Azure client secret",
    "AZURE_CLIENT_SECRET": "a long-lived Azure client secret",
    "GOOGLE_CREDENTIALS": "a long-lived Google service account key",
}


def static(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No step reaches a cloud with a key that is valid until somebody revokes it.

    Source: GitHub documentation, "OpenID Connect", and the descriptions of the actions named. A
    key that an earlier step has fetched for this run (`steps.*`) is short-lived.
    """
    workflow: Workflow = view.subject
    for step in workflow.steps:
        for each in _STATIC:
            value = step.inputs.get(each.input)
            if step.action == each.action and value and _is_secret(value):
                at = Place(workflow.span(step.input_path(each.input)), address(step))
                message = f"{each.what} comes from {_source(value)}; expected {each.instead}"
                yield Remark(at, message, subject=each.input)
    for name, what in _VARIABLES.items():
        for path, value, where in _variables(workflow, name):
            if _is_secret(value):
                message = f"{what} comes from {_source(value)}; expected a role"
                at = Place(workflow.span((*path, "env", name)), where)
                yield Remark(at, f"{message}, with id-token: write", subject=name)


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
    """The reference as it is written."""
    text = str(value)
    found = (e.node for e in find_expressions(text) if e.node)
    return next((text[node.start : node.end] for node in found), "secrets")


def _references(value: Any) -> list[str]:
    found = find_expressions(value) if isinstance(value, str) else ()
    return [node.text for expression in found for node in references(expression)]
