"""What starts a workflow: events, branches, choices.

Source: GitHub documentation, "Events that trigger workflows" and "Workflow syntax", `on`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.workflow.model import Workflow
from kerp_policy.sources.match import matches
from kerp_policy.views import lookup

_STATUS = {"success()": True, "always()": True, "failure()": False, "cancelled()": False}
_ANY = "some/topic"
_LONGEST_PATTERN = 200


class Ref(Struct, frozen=True):
    """A branch for which a workflow can run."""

    described: str
    facts: Mapping[str, Any]
    is_any: bool = False


def covers(workflow: Workflow, branch: str) -> bool:
    """Whether a push to a branch (or to all that a pattern stands for) starts the workflow."""
    if "push" not in workflow.triggers:
        return False
    settings = workflow.triggers["push"]
    if not isinstance(settings, dict) or not settings:
        return True
    if "branches" in settings:
        return _included(_names(settings["branches"]), branch)
    if "branches-ignore" in settings:
        return not _included(_names(settings["branches-ignore"]), branch)
    return "tags" not in settings and "tags-ignore" not in settings


def choices(workflow: Workflow, environments: Sequence[str]) -> list[str]:
    """The inputs of `workflow_dispatch` that are a choice of these environments."""
    inputs = lookup(workflow.data, ("on", "workflow_dispatch", "inputs"), {})
    found = inputs.items() if isinstance(inputs, dict) else ()
    return [name for name, given in found if _is_choice(given, environments)]


def possible_refs(workflow: Workflow, but: str) -> Iterator[Ref]:
    """Branches other than one for which the workflow can run, one of each kind."""
    if "workflow_dispatch" in workflow.triggers:
        yield _ref("any branch that somebody starts it for", _ANY, "workflow_dispatch")
    for pattern in _pushed(workflow):
        if pattern != but:
            yield _ref(f"a push to {pattern}", _example(pattern, but), "push")


def _ref(described: str, branch: str, event: str) -> Ref:
    facts = {"github.ref": f"refs/heads/{branch}", "github.ref_name": branch}
    facts |= {"github.ref_type": "branch", "github.event_name": event}
    return Ref(described, {**facts, **_STATUS}, is_any=branch == _ANY)


def _pushed(workflow: Workflow) -> list[str]:
    if "push" not in workflow.triggers:
        return []
    settings = workflow.triggers["push"]
    if not isinstance(settings, dict) or not settings.keys() & {"branches", "tags", "tags-ignore"}:
        return ["any branch"]
    return [name for name in _names(settings.get("branches")) if not name.startswith("!")]


def _example(pattern: str, but: str) -> str:
    """A branch that a pattern stands for."""
    if pattern == "any branch":
        return _ANY
    return pattern.replace("**", "x").replace("*", "x") if "*" in pattern else pattern


def _included(patterns: Sequence[str], branch: str) -> bool:
    """By the last pattern that fits, those with `!` taking back."""
    example = branch.replace("**", "x").replace("*", "x")
    included = False
    for pattern in patterns[:_LONGEST_PATTERN]:
        bare = pattern.removeprefix("!")
        if bare == branch or (len(bare) <= _LONGEST_PATTERN and matches(bare, example)):
            included = not pattern.startswith("!")
    return included


def _names(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [name for name in listed if isinstance(name, str)]


def _is_choice(given: Any, environments: Sequence[str]) -> bool:
    if not isinstance(given, dict):
        return False
    if given.get("type") == "environment":
        return True
    options = given.get("options")
    offered = {str(option).lower() for option in options} if isinstance(options, list) else set()
    return given.get("type") == "choice" and set(environments) <= offered
