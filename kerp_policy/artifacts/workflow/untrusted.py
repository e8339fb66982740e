"""Which references bring text that somebody else writes.

Source: GitHub documentation, "Script injections"; which fields of an event its author writes is
from "Webhook events and payloads".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.workflow.expressions import Expression, Node, find_expressions
from kerp_policy.artifacts.workflow.model import Workflow
from kerp_policy.artifacts.workflow.steps import Step
from kerp_policy.regex import regex
from kerp_policy.views import lookup

_BY_ANYBODY = regex(
    r"github\.head_ref"
    r"|github\.event\.(?:issue|pull_request|discussion)\.(?:title|body)"
    r"|github\.event\.(?:comment|review|review_comment)\.body"
    r"|github\.event\.pull_request\.head\.(?:ref|label|repo\.(?:default_branch|description|homepage))"
    r"|github\.event\.pages\.(?:\*|[0-9]+)\.page_name"
    r"|github\.event\.(?:commits\.(?:\*|[0-9]+)|head_commit)\.(?:message|author\.(?:email|name))"
    r"|github\.event\.(?:commits\.(?:\*|[0-9]+)|head_commit)\.committer\.(?:email|name)"
    r"|github\.event\.workflow_run\.(?:head_branch|display_title|head_commit\.(?:message"
    r"|author\.(?:email|name))|head_repository\.description|pull_requests\.(?:\*|[0-9]+)\.head\.ref)"
    r"|github\.event\.discussion\.category\.name|github\.event\.changes\.(?:title|body)\.from"
)
_BY_MEMBERS = regex(
    r"inputs\.[\w-]+|github\.event\.inputs\.[\w-]+|github\.ref_name|github\.ref"
    r"|github\.event\.client_payload\.[\w.*-]+|github\.event\.label\.(?:name|description)"
    r"|github\.event\.(?:issue|pull_request)\.labels\.(?:\*|[0-9]+)\.(?:name|description)"
    r"|github\.event\.(?:(?:issue|pull_request)\.)?milestone\.(?:title|description)"
    r"|github\.event\.release\.(?:name|body|tag_name)"
    r"|github\.base_ref|github\.event\.pull_request\.base\.ref"
)
_WHOLE_BY_ANYBODY = regex(
    r"github(?:\.event(?:\.(?:issue|discussion|comment|review|review_comment|commits|head_commit"
    r"|pages|workflow_run|pull_request(?:\.head)?))?)?"
)
_WHOLE_BY_MEMBERS = regex(
    r"inputs|github\.event\.(?:inputs|client_payload|release|(?:issue|pull_request)\.labels"
    r"|(?:(?:issue|pull_request)\.)?milestone)"
)
BRANCH_ONLY = frozenset(("push", "workflow_dispatch", "schedule"))
"""Events that only those who may write to the repository can start."""
_DEFAULT_BRANCH = frozenset(("schedule", "issues", "issue_comment", "workflow_run", "pull_request"))
"""Events for which `github.ref` is the default branch, or made of a number."""
_MOST = 100
"""Commands of a step among which the one is looked for that sets an output."""
_SAFE_CALLS = frozenset(("contains", "startswith", "endswith", "hashfiles", "success", "failure"))
"""Functions whose result holds nothing of their arguments but a truth or a hash."""


class Author(Struct, frozen=True):
    """Somebody who writes into events: single fields, and objects that have such fields."""

    who: str
    fields: re.Pattern[str]
    objects: re.Pattern[str]

    def writes(self, reference: str, *, whole: bool) -> bool:
        """Whether a reference brings his text; `whole` where it is taken as JSON."""
        return bool(self.fields.fullmatch(reference)) or (
            whole and bool(self.objects.fullmatch(reference))
        )


ANYBODY = Author("anybody", _BY_ANYBODY, _WHOLE_BY_ANYBODY)
MEMBERS = Author("whoever starts this", _BY_MEMBERS, _WHOLE_BY_MEMBERS)


def reaching(expression: Expression) -> Iterator[tuple[Node, bool]]:
    """The references whose text can be part of what an expression comes to.

    Each with whether it is taken as JSON: elsewhere an object is the word Object. Of `a && b` only
    the last operand can be text, as the others come out where they are empty or false.
    """
    waiting = [(expression.node, False)] if expression.node else []
    while waiting:
        node, whole = waiting.pop()
        if node.kind == "reference":
            yield node, whole
            computed = node.parts[:1] if node.text.startswith("()") else ()  # the rest are indices
            waiting += [(part, whole) for part in computed]
            continue
        compares = node.kind == "operator" and node.text not in ("&&", "||")
        if compares or (node.kind == "call" and node.text in _SAFE_CALLS):
            continue
        parts = node.parts[-1:] if node.text == "&&" else node.parts
        waiting += [(part, whole or node.text == "tojson") for part in parts]


def variable(step: Step, reference: str) -> str:
    """The value of a variable that `env.NAME` reads; empty where the file does not say."""
    root, _, name = reference.partition(".")
    if root != "env":
        return ""
    values = (each.value for key, each in step.env.items() if key.lower() == name)
    return str(next(values, ""))


def by_anybody(value: Any) -> str:
    """What anybody writes of the value of a variable, as a reference; empty where nothing."""
    for expression in find_expressions(value) if isinstance(value, str) else ():
        for node, whole in reaching(expression):
            if ANYBODY.writes(node.text, whole=whole):
                return node.text
    return ""


def by_output(step: Step, reference: str) -> str:
    """What anybody writes of an output of an earlier step, set from a variable alone."""
    parts = reference.split(".")
    if step.job is None or parts[0] != "steps" or len(parts) != 4 or parts[2] != "outputs":
        return ""
    at = step.job.step_ids.get(parts[1])
    setter = step.job.steps[at] if at is not None else None
    commands = setter.script.shell.commands[:_MOST] if setter and setter.script else ()
    for command in commands:
        for word in command.words[1:2] if command.program == "echo" else ():
            if setter and word.prefix.lower() == f"{parts[3]}=" and word.variables:
                value = setter.env.get(word.variables[0].text)
                return by_anybody(value.value) if value and _sets_output(command) else ""
    return ""


def _sets_output(command: Command) -> bool:
    return any("GITHUB_OUTPUT" in redirect.target.raw for redirect in command.redirects)


def is_bound(workflow: Workflow, reference: str) -> bool:
    """Whether what a reference can be is in the file: a choice, a number, a branch."""
    if reference in ("github.ref", "github.ref_name"):
        return bool(workflow.triggers) and all(
            _names_no_ref(event, settings) for event, settings in workflow.triggers.items()
        )
    if reference in BASE_REFS:
        requests = [s for event, s in workflow.triggers.items() if event.startswith("pull_request")]
        return bool(requests) and all(_names_branches(settings) for settings in requests)
    bound = workflow.bound_inputs
    if reference in ("inputs", "github.event.inputs"):
        events = (workflow.triggers.get(event) for event in ("workflow_dispatch", "workflow_call"))
        declared = [lookup(event, ("inputs",)) for event in events]
        names = [name.lower() for each in declared if isinstance(each, dict) for name in each]
        return bool(names) and bound.issuperset(names)
    return "inputs." in reference and reference.rpartition(".")[2] in bound


def _names_no_ref(event: str, settings: Any) -> bool:
    """Whether an event comes for branches only that the file names, letter by letter."""
    if event in _DEFAULT_BRANCH:
        return True
    return event == "push" and _names_branches(settings)


def _names_branches(settings: Any) -> bool:
    if not isinstance(settings, dict) or settings.keys() & _TAGS:
        return False
    names = settings.get("branches")
    listed = names if isinstance(names, list) else [names]
    return all(isinstance(name, str) and not _PATTERN.search(name) for name in listed)


BASE_REFS = ("github.base_ref", "github.event.pull_request.base.ref")
_TAGS = {"tags", "tags-ignore"}
_PATTERN = regex(r"[*?+!\[]")
