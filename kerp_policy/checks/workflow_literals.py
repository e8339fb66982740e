"""Checks of secrets that are written down in a workflow or an action: in values and scripts.

No message holds anything of a value but a public prefix, and no place tells how long it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Any

from kerp_policy.artifacts.shell import parse_shell
from kerp_policy.artifacts.workflow import Step, Workflow
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.artifacts.workflow.walk import scalars
from kerp_policy.artifacts.yaml_nodes import Scalar
from kerp_policy.checks.workflow_secrets import place_of
from kerp_policy.docker.given import given, given_lines
from kerp_policy.findings import Place, Remark
from kerp_policy.paths import Path
from kerp_policy.secrets import BY_NAME, find_tokens, literal_secret
from kerp_policy.sources.source import Span
from kerp_policy.views import View, lookup

_NAMED = ("env", "with", "secrets", "credentials")
"""Keys whose entries are names with values."""
_SCRIPTS = ("cmd", "command", "commands", "run", "script")
"""Inputs of actions that run what they are given."""


def literals(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No value is a secret: by its format anywhere, by its name where it has one."""
    workflow: Workflow = view.subject
    told: set[Span] = set()
    for path, node in scalars(workflow.document):
        for remark, span in _in_value(workflow, path, node):
            if span not in told:
                told.add(span)
                yield remark
    for step in workflow.steps:
        for remark, span in _in_script(step):
            if span not in told:
                told.add(span)
                yield remark


Found = Iterator[tuple[Remark, Span]]


def _in_value(workflow: Workflow, path: Path, node: Scalar) -> Found:
    found, name = find_tokens(node.text), _name(path)
    if not found and name is None:
        return
    local = _of_a_service(workflow, path)
    tokens = [token for token in found if not (local and token.kind == "url-password")]
    for token in tokens:
        public = token.prefix if node.text.startswith(token.prefix, token.start) else ""
        span = workflow.span(path, token.start, token.start + max(len(public), 1))
        span = span if public else Span(*span.start, *span.start)  # nothing of the secret itself
        shown = f" ({token.prefix}…)" if token.prefix else ""
        message = f"{path[-1] if isinstance(path[-1], str) else 'the value'} holds {token.title}"
        yield Remark(place_of(workflow, path, span), message + shown, subject=token.kind), span
    if name is None or tokens or (local and path[-2] == "env"):
        return  # an action or a registry is told another's than the service's
    if "\n" in node.text.strip():
        yield from _in_lines(workflow, path, node.text)
    elif literal_secret(name, node.text):
        span = workflow.document.span(path)
        width = len(name) if path[-1] == name else 0
        key = Span(span.line, span.column, span.line, span.column + width)
        message = f"{name} holds {BY_NAME.title}"
        yield Remark(place_of(workflow, path, key), message, subject=name), key


def _name(path: Path) -> str | None:
    """The name that a value stands under: a key of settings, or the input that it is for."""
    if path[-2:-1] and path[-2] in _NAMED:
        return str(path[-1])
    is_default = path[-1:] == ("default",) and path[-3:-2] == ("inputs",)
    return str(path[-2]) if is_default else None


def _in_lines(workflow: Workflow, path: Path, text: str) -> Found:
    """Settings in a file or script that an action is given: `build-args`, `script`."""
    step = workflow.step_at(path)
    if step is None or step.action == "actions/github-script":  # which is given JavaScript
        return
    is_script = path[-2] == "with" and path[-1] in _SCRIPTS
    found = given(parse_shell(text)) if is_script else given_lines(text, Span(1, 1, 1, 1))
    starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    for name, value, where in found:
        if literal_secret(name, value):
            at = starts[where.line - 1] + where.column - 1
            begin = workflow.span(path, at, at + 1).start
            span = Span(*begin, *begin)
            message = f"{name} in {path[-1]} holds {BY_NAME.title}"
            yield Remark(place_of(workflow, path, span), message, subject=name), span


def _of_a_service(workflow: Workflow, path: Path) -> bool:
    """Whether a value is for a database that lives as long as the job: its password is none."""
    if path[:1] != ("jobs",) or len(path) < 3 or path[-2:-1] == ("credentials",):
        return False
    return "services" in path[2:3] or bool(lookup(workflow.data, (*path[:2], "services")))


def _in_script(step: Step) -> Found:
    if step.script is None or (step.job and step.job.data.get("services")):
        return
    for name, value, span in given(step.script.shell):
        if literal_secret(name, value):
            at = Span(span.line, span.column, span.line, span.column)
            message = f"{name} holds {BY_NAME.title}"
            yield Remark(Place(at, address(step)), message, subject=name), at
