"""What somebody outside writes, and is relied on: names in conditions, lines of the runner's files.

Source: GitHub documentation, "Secure use reference", "Workflow commands" (environment files) and
"Evaluate expressions in workflows and actions" (`contains`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.artifacts.workflow import Node, Step, Workflow, address
from kerp_policy.artifacts.workflow.untrusted import ANYBODY, MEMBERS, by_anybody, is_bound
from kerp_policy.artifacts.workflow.walk import is_condition
from kerp_policy.findings import Place, Remark
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.views import View

_BY_STRANGERS = ("pull_request_target", "workflow_run", "issue_comment")
_LAST_ACTOR = frozenset(
    ("github.actor", "github.triggering_actor", "github.event.sender.login", "github.actor_id")
)
_LOGIN = regex(r"github\.(?:actor|triggering_actor|event\.[\w.]+\.login)")
_FILE = regex(r"[\"']?\$\{?(GITHUB_ENV|GITHUB_PATH)\}?[\"']?")
_SETS = {
    "GITHUB_ENV": "any variable of later steps",
    "GITHUB_PATH": "where later steps look for programs",
}
_SEVERAL_LINES = regex(r".*\.(?:body|message|description)")


def conditions(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No condition relies on what a stranger can make it be.

    The actor is whoever caused the last event, be it by a comment that makes a bot push again; and
    `contains` of a text holds for each part of it.
    """
    workflow: Workflow = view.subject
    privileged = [event for event in _BY_STRANGERS if event in workflow.triggers]
    for path, expression in workflow.expressions:
        if is_condition(path) and expression.node:
            for node in expression.node.walk():
                if message := _of_bot(node, privileged) or _of_part(workflow, node):
                    place = _place(workflow, path, node)
                    yield Remark(place, message, subject=node.text)


def _place(workflow: Workflow, path: Path, node: Node) -> Place:
    thing = workflow.step_at(path) or workflow.jobs.get(str(path[1]))
    where = address(thing) if thing else workflow.name
    return Place(workflow.span(path, node.start, node.end), where)


def _of_bot(node: Node, privileged: list[str]) -> str:
    if not privileged or (node.kind, node.text) != ("operator", "=="):
        return ""
    for one, other in (node.parts, node.parts[::-1]):
        if one.text in _LAST_ACTOR and other.kind == "text" and other.text.endswith("[bot]"):
            whose = f"whoever caused the last event, and {privileged[0]} comes for strangers"
            return f"{one.text} is {whose}; expected github.event.pull_request.user.login"
    return ""


def _of_part(workflow: Workflow, node: Node) -> str:
    if (node.kind, node.text) != ("call", "contains") or len(node.parts) != 2:
        return ""
    text, value = node.parts
    if text.kind != "text" or value.kind != "reference" or not _is_chosen(workflow, value.text):
        return ""
    message = f"contains() holds for any part of this text, and {value.text} may be made one"
    return f"{message}; expected a list, as fromJSON() makes"


def _is_chosen(workflow: Workflow, reference: str) -> bool:
    """Whether somebody can write it so that it is a part of another text."""
    authors = (ANYBODY, MEMBERS)
    written = any(author.writes(reference, whole=False) for author in authors)
    return (written and not is_bound(workflow, reference)) or bool(_LOGIN.fullmatch(reference))


def environment_files(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing that a stranger writes is a line of the file that sets later steps' variables.

    Text of one line is no more than the value that it is written for, in `NAME=$TEXT`.
    """
    step: Step = view.subject
    if step.script is None or not any(name in step.run for name in _SETS):
        return
    written = {name: held for name, value in step.env.items() if (held := by_anybody(value.value))}
    for command in step.script.shell.commands:
        if file := _file_of(command):
            yield from _lines(step, command, file, written)


def _file_of(command: Command) -> str:
    if command.program not in ("echo", "printf", "cat"):
        return ""
    for redirect in command.redirects:
        if redirect.operator in (">", ">>") and (found := _FILE.fullmatch(redirect.target.raw)):
            return found[1]
    return ""


def _lines(step: Step, command: Command, file: str, written: Mapping[str, str]) -> Iterator[Remark]:
    for word in command.words[1:]:
        for part in word.variables:
            held = written.get(part.text, "")
            if held and (file == "GITHUB_PATH" or _is_free(word, held)):
                message = f"{part.text}, which is {held}, is written to ${file}, so anybody"
                place = Place(word.span, address(step))
                yield Remark(place, f"{message} sets {_SETS[file]}", subject=part.text)


def _is_free(word: Word, held: str) -> bool:
    """Whether a text can begin a line of its own."""
    return "=" not in word.prefix or bool(_SEVERAL_LINES.fullmatch(held))
