"""Can somebody outside decide what a workflow runs?

Source: GitHub documentation, "Script injections" and "Secure use reference"; which fields of an
event its author writes is from "Webhook events and payloads".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Expression, Step, Workflow
from kerp_policy.artifacts.workflow.evaluate import may_run
from kerp_policy.artifacts.workflow.expressions import Node, find_expressions, references
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.findings import Place, Remark, Verdict
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.views import View

_WRITTEN_BY_ANYBODY = regex(
    r"github\.head_ref"
    r"|github\.event\.(?:issue|pull_request|discussion)\.(?:title|body)"
    r"|github\.event\.(?:comment|review|review_comment)\.body"
    r"|github\.event\.pull_request\.head\.(?:ref|label|repo\.(?:default_branch|description|homepage))"
    r"|github\.event\.pages\.(?:\*|[0-9]+)\.page_name"
    r"|github\.event\.(?:commits\.(?:\*|[0-9]+)|head_commit)\.(?:message|author\.(?:email|name))"
    r"|github\.event\.(?:commits\.(?:\*|[0-9]+)|head_commit)\.committer\.(?:email|name)"
    r"|github\.event\.workflow_run\.(?:head_branch|display_title|head_commit\.(?:message"
    r"|author\.(?:email|name))|head_repository\.description|pull_requests\.(?:\*|[0-9]+)\.head\.ref)"
    r"|github\.event\.discussion\.category\.name"
)
_WRITTEN_BY_MEMBERS = regex(
    r"inputs\.[\w-]+|github\.event\.inputs\.[\w-]+|github\.ref_name|github\.ref"
    r"|github\.event\.client_payload\.[\w.*-]+|github\.event\.label\.name"
    r"|github\.event\.release\.(?:name|body|tag_name)"
)
_BRANCH_ONLY = frozenset(("push", "workflow_dispatch", "schedule"))
"""Events that only those who may write to the repository can start."""
_CODE_INPUTS = {"actions/github-script": "script", "azure/cli": "inlinescript"}
"""By action, the input that it runs as a program."""
_SAFE_CALLS = frozenset(("contains", "startswith", "endswith", "hashfiles", "success", "failure"))
"""Functions whose result holds nothing of their arguments but a truth or a hash."""


def scripts(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No script is put together from what somebody outside the repository writes."""
    yield from _injected(view.subject, _WRITTEN_BY_ANYBODY, "anybody")


def member_scripts(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No script is put together from free text of those who may start the workflow."""
    yield from _injected(view.subject, _WRITTEN_BY_MEMBERS, "whoever starts this")


def _injected(step: Step, written: re.Pattern[str], who: str) -> Iterator[Remark]:
    for path, text, expression in _code(step):
        for node in _reaching(expression):
            if written.fullmatch(node.text) and not _is_bound(step.file, node.text):
                place = Place(step.file.span(path, node.start, node.end), address(step))
                name = text[node.start : node.end]
                message = f"{name} is pasted into this script, and {_author(step, who)}"
                yield Remark(place, f"{message}; expected it in env", subject=node.text)


def _code(step: Step) -> Iterator[tuple[Path, str, Expression]]:
    """The expressions in what a step runs as a program."""
    if step.run:
        yield from (((*step.path, "run"), step.run, e) for e in find_expressions(step.run))
    name = _CODE_INPUTS.get(step.action)
    value = step.inputs.get(name) if name else None
    if name and isinstance(value, str):
        yield from ((step.input_path(name), value, e) for e in find_expressions(value))


def _reaching(expression: Expression) -> Iterator[Node]:
    """The references whose text can be part of what an expression comes to."""
    waiting = [expression.node] if expression.node else []
    while waiting:
        node = waiting.pop()
        if node.kind == "reference":
            yield node
        compares = node.kind == "operator" and node.text not in ("&&", "||")
        if not compares and not (node.kind == "call" and node.text in _SAFE_CALLS):
            waiting += node.parts


def _author(step: Step, who: str) -> str:
    events = set(step.file.triggers)
    if who == "anybody" and events and events <= _BRANCH_ONLY:
        who = "whoever can push"
    return f"{who} can write commands there"


def _is_bound(workflow: Workflow, name: str) -> bool:
    return "inputs." in name and name.rpartition(".")[2] in workflow.bound_inputs


_PRIVILEGED = ("pull_request_target", "workflow_run", "issue_comment")
_FOREIGN = regex(
    r"github\.head_ref|github\.event\.pull_request\.head\.(?:sha|ref)"
    r"|github\.event\.pull_request\.merge_commit_sha"
    r"|github\.event\.workflow_run\.(?:head_sha|head_branch|head_commit\.id)"
)
_FOREIGN_REF = regex(r"refs/pull/")


def foreign_checkout(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Where an event comes with secrets, nobody else's code is checked out."""
    step: Step = view.subject
    events = [event for event in _PRIVILEGED if event in step.file.triggers]
    if step.action == "actions/checkout" and events and step.job:
        ref = step.inputs.get("ref")
        name = _foreign(ref) if isinstance(ref, str) else ""
        if name and may_run(step.job, {"github.event_name": events[0]}) is not False:
            at = step.input_path("ref")[len(step.path) :]
            message = f"{events[0]} runs with the secrets of this repository, and {name} is checked"
            yield Remark(at, f"{message} out: the author of a pull request decides what runs")


def _foreign(ref: str) -> str:
    for expression in find_expressions(ref):
        for node in references(expression):
            if _FOREIGN.fullmatch(node.text):
                return node.text
    return "a pull request" if _FOREIGN_REF.search(ref) else ""


def triggers(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """`pull_request_target` and `workflow_run` are used knowingly: nobody else's code runs there.

    What such a workflow does with what it gets, more than a checkout decides.
    """
    workflow: Workflow = view.subject
    for event in _PRIVILEGED[:2]:
        if event in workflow.triggers:
            message = f"{event} runs with the secrets of this repository, whoever caused it"
            yield Remark(("on", event), message, Verdict.UNVERIFIED)
