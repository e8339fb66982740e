"""What a step checks out of somebody else's: the code of a pull request.

Source: GitHub documentation, "Events that trigger workflows" (which commit each runs for), and the
description of actions/checkout (`ref`, `repository`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.artifacts.shell.arguments import is_command
from kerp_policy.artifacts.workflow.evaluate import UNKNOWN, Facts, any_may_run, evaluate, truth
from kerp_policy.artifacts.workflow.expressions import find_expressions, references
from kerp_policy.artifacts.workflow.scripts import Script
from kerp_policy.artifacts.workflow.steps import Step
from kerp_policy.artifacts.workflow.untrusted import reaching, variable
from kerp_policy.regex import regex
from kerp_policy.sources.source import Span

if TYPE_CHECKING:
    from kerp_policy.artifacts.workflow.model import Workflow

_OF_PULL = regex(
    r"github\.head_ref|github\.event\.pull_request\.head\.(?:sha|ref)"
    r"|github\.event\.pull_request\.(?:merge_commit_sha|head\.repo\.full_name)"
)
_OF_RUN = regex(
    r"github\.event\.workflow_run\.(?:head_sha|head_branch|head_commit\.id)"
    r"|github\.event\.workflow_run\.head_repository\.full_name"
)
_FOREIGN = {"pull_request_target": _OF_PULL, "workflow_run": _OF_RUN}
"""By event, what of it names somebody else's code; what another event has is empty then."""
_OPEN = regex(r"(?:steps|needs)\..*")
_PULL_REF = regex(r"refs/pull/|(?:^|[\s:+/\"'])pull/")
_TAKES = tuple(("git", verb) for verb in ("checkout", "switch", "merge", "reset", "pull", "rebase"))


class _Repository(Struct, frozen=True):
    """A repository that is compared with another; no text is equal to it or different."""

    whose: str


_OURS, _THEIRS = _Repository("ours"), _Repository("theirs")
_PULL = "github.event.pull_request"
_RUN = "github.event.workflow_run"
_STRANGER: Facts = {
    **dict.fromkeys(("github.repository", f"{_PULL}.base.repo.full_name"), _OURS),
    **dict.fromkeys((f"{_PULL}.head.repo.full_name", f"{_RUN}.head_repository.full_name"), _THEIRS),
    **dict.fromkeys(("github.repository_owner", f"{_PULL}.base.repo.owner.login"), _OURS),
    **dict.fromkeys((f"{_PULL}.head.repo.owner.login", f"{_PULL}.head.user.login"), _THEIRS),
    f"{_RUN}.repository.full_name": _OURS,
    f"{_RUN}.head_repository.owner.login": _THEIRS,
    f"{_PULL}.head.repo.fork": True,
    f"{_RUN}.head_repository.fork": True,
    f"{_PULL}.merged": False,
    f"{_PULL}.author_association": "NONE",
    f"{_RUN}.event": "pull_request",
}
"""What holds for a pull request of somebody who may not write to the repository."""
_LOOKUPS = frozenset(
    (
        "actions-cool/check-user-permission",
        "lannonbr/repo-permission-check-action",
        "prince-chrismc/check-actor-permissions-action",
        "scherermichael-oss/action-has-permission",
        "tspascoal/get-user-teams-membership",
    )
)
"""Actions that look up whether somebody is a member, or may write."""
_UNASKED: Facts = {"github.event.comment.author_association": "NONE"}
_UNLABELED: Facts = {"github.event.label.name": "", f"{_PULL}.labels.*.name": ()}


def runs_for_a_stranger(step: Step, event: str, *, unasked: bool = False) -> bool:
    """Whether a step may run for a stranger's pull request.

    Args:
        step: a step of a job.
        event: what starts the workflow.
        unasked: when no member has asked for it, by a comment or by a label for this run, nor a
            step has found one.
    """
    facts = {**_STRANGER, "github.event_name": event}
    if unasked:
        facts |= {**_UNASKED, **_looked_up(step.file, event)}
    if unasked and _each_labeled(step, event):
        facts |= _UNLABELED
    assert step.job is not None
    return any_may_run(step.job, [step], facts) is not False


@lru_cache(maxsize=4)  # asked for each step of a workflow
def _looked_up(workflow: Workflow, event: str) -> Facts:
    """What steps that look up whether somebody is a member say of a stranger, and jobs of that."""
    ids = [str(step.data.get("id")).lower() for step in workflow.steps if step.action in _LOOKUPS]
    asked = tuple(f"steps.{id}.outputs." for id in ids)
    names = (node.text for _, each in workflow.expressions for node in references(each))
    found: dict[str, Any] = {name: "" for name in names if asked and name.startswith(asked)}
    facts = {**_STRANGER, **found, "github.event_name": event}
    for job in workflow.jobs.values() if found else ():
        outputs = job.data.get("outputs")
        for name, value in outputs.items() if isinstance(outputs, dict) else ():
            if truth(_evaluated(value, facts)) is False:
                found[f"needs.{job.id}.outputs.{name}".lower()] = "false"
    return found


def _evaluated(value: Any, facts: Facts) -> Any:
    """What a value that is one expression and nothing else comes to."""
    found = list(find_expressions(value)) if isinstance(value, str) else []
    node = (
        found[0].node if found and value.strip() == value[found[0].start : found[0].end] else None
    )
    return evaluate(node, facts) if node else UNKNOWN


def _each_labeled(step: Step, event: str) -> bool:
    """Whether every run follows a label, so that none lasts for later commits."""
    settings = step.file.triggers.get(event)
    types = settings.get("types") if isinstance(settings, dict) else None
    return types in ("labeled", ["labeled"])


def checked_out(step: Step, event: str) -> Iterator[tuple[str, str]]:
    """Input by input of actions/checkout, what it names of a pull request; "" for what is open.

    Args:
        step: a step.
        event: what starts the workflow; its fields have values, those of other events are empty.
    """
    for name in ("ref", "repository") if step.action == "actions/checkout" else ():
        value = step.inputs.get(name)
        found = _foreign(step, event, value) if isinstance(value, str) else None
        if found is not None:
            yield name, found
            return


def _foreign(step: Step, event: str, value: str) -> str | None:
    references, names = _references(value), _FOREIGN.get(event)
    for reference in references:
        for each in (reference, *_references(variable(step, reference))):
            if names and names.fullmatch(each):
                return each
    if _PULL_REF.search(value):
        return "a pull request"
    return "" if any(_OPEN.fullmatch(reference) for reference in references) else None


def _references(value: str) -> list[str]:
    return [node.text for found in find_expressions(value) for node, _ in reaching(found)]


def taken_by_scripts(step: Step, event: str) -> Iterator[tuple[Span, str]]:
    """Where a script checks out a pull request, by `gh` or by `git`, and what it names."""
    script, fetched = step.script, False
    for command in script.shell.commands if script else ():
        if script is None or is_command(command, ("gh", "pr", "checkout")):
            yield command.span, "a pull request"
        elif is_command(command, ("git", "fetch")):
            fetched |= any(_PULL_REF.search(script.written(word)) for word in command.words)
        elif is_command(command, *_TAKES):
            is_head = fetched and any(word.text == "FETCH_HEAD" for word in command.words[1:])
            if name := "a pull request" if is_head else _named(step, script, command, event):
                yield command.span, name


def _named(step: Step, script: Script, command: Command, event: str) -> str:
    for word in command.words[1:]:
        if _PULL_REF.search(script.written(word)):
            return "a pull request"
        for value in _values(step, script, word):
            if found := _foreign(step, event, value):
                return found
    return ""


def _values(step: Step, script: Script, word: Word) -> Iterator[str]:
    yield from (script.text[e.start : e.end] for e in script.inside(word))
    for part in word.variables:
        value: Any = step.env[part.text].value if part.text in step.env else ""
        yield str(value)
