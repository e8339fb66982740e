"""Can somebody outside decide what a workflow runs?

Source: GitHub documentation, "Script injections" and "Secure use reference".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.artifacts.shell.inner import SHELLS
from kerp_policy.artifacts.workflow import Expression, Step, Workflow
from kerp_policy.artifacts.workflow.expressions import Node, find_expressions
from kerp_policy.artifacts.workflow.foreign import (
    checked_out,
    runs_for_a_stranger,
    taken_by_scripts,
)
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.artifacts.workflow.untrusted import (
    ANYBODY,
    BASE_REFS,
    BRANCH_ONLY,
    MEMBERS,
    Author,
    by_anybody,
    by_output,
    is_bound,
    reaching,
    variable,
)
from kerp_policy.findings import Place, Remark, Verdict, unverified
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.views import View

_BY_TRIAGE = regex(r"\.(?:labels?|milestone)(?:\.|$)")
_CODE_INPUTS = {
    "actions/github-script": "script",
    "appleboy/ssh-action": "script",
    "azure/cli": "inlinescript",
    "azure/powershell": "inlinescript",
    "cardinalby/js-eval-action": "expression",
    "nick-fields/retry": "command",
}
"""By action, the input that it runs as a program."""


def scripts(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No script is put together from what somebody outside the repository writes, nor evaluated."""
    yield from _injected(view.subject, ANYBODY)
    yield from _evaluated(view.subject)


def member_scripts(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No script is put together from free text of those who may start the workflow."""
    yield from _injected(view.subject, MEMBERS)


def _injected(step: Step, author: Author) -> Iterator[Remark]:
    for path, text, expression in _code(step):
        for node, whole in reaching(expression):
            held = _held(step, node, author, whole=whole and bool(step.run))
            if held and not is_bound(step.file, held):
                place = Place(step.file.span(path, node.start, node.end), address(step))
                message = _message(step, text[node.start : node.end], held, author)
                yield Remark(place, message, subject=node.text)


def _evaluated(step: Step) -> Iterator[Remark]:
    """Variables that bring what anybody writes, and that a shell reads as a program."""
    for command in step.script.shell.commands if step.script else ():
        for word in _program(command):
            for part in word.variables:
                value = step.env.get(part.text)
                if value and (held := by_anybody(value.value)):
                    message = f"{part.text}, which is {held}, is run as a program here"
                    place = Place(word.span, address(step))
                    yield Remark(place, f"{message}; expected it as an argument", subject=part.text)


def _program(command: Command) -> Sequence[Word]:
    """The words that `eval` or `sh -c` reads as a program."""
    words = command.unwrapped()
    if command.program == "eval":
        return words[1:]
    is_given = command.program in SHELLS and len(words) > 2 and (words[1].text or "")[-1:] == "c"
    return words[2:3] if is_given and words[1].raw.startswith("-") else ()


def _held(step: Step, node: Node, author: Author, *, whole: bool) -> str:
    """What a reference brings of what an author writes, by a variable of the step, too.

    JSON ends the quotes of a shell, and is an expression of JavaScript.
    """
    if author.writes(node.text, whole=whole):
        return node.text
    if author is ANYBODY and (held := by_output(step, node.text)):
        return held
    value = variable(step, node.text)
    for expression in find_expressions(value):
        for inner, all_of_it in reaching(expression):
            if author.writes(inner.text, whole=all_of_it):
                return inner.text
    return ""


def _message(step: Step, name: str, held: str, author: Author) -> str:
    is_variable = name.lower().startswith("env")
    told = f"{name}, which is {held}," if name.lower().startswith(("env", "steps")) else name
    better = "the variable itself" if is_variable else "it in env"
    return f"{told} is pasted into this script, and {_who(step, held, author)}; expected {better}"


def _who(step: Step, held: str, author: Author) -> str:
    events, who = set(step.file.triggers), author.who
    if author is ANYBODY and events and events <= BRANCH_ONLY:
        who = "whoever can push"
    elif held.startswith("inputs") and events <= {"workflow_call"}:
        who = "whoever fills in the inputs"
    elif _BY_TRIAGE.search(held):
        who = "whoever names a label or a milestone"
    elif held in ("github.ref", "github.ref_name", *BASE_REFS):
        who = "whoever names a branch or a tag"
    return f"{who} can write commands there"


def _code(step: Step) -> Iterator[tuple[Path, str, Expression]]:
    """The expressions in what a step runs as a program."""
    if step.run:
        yield from (((*step.path, "run"), step.run, e) for e in find_expressions(step.run))
    name = _CODE_INPUTS.get(step.action)
    value = step.inputs.get(name) if name else None
    if name and isinstance(value, str):
        yield from ((step.input_path(name), value, e) for e in find_expressions(value))


_PRIVILEGED = ("pull_request_target", "workflow_run", "issue_comment")


def foreign_checkout(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Where an event comes with secrets, nobody else's code is checked out."""
    step: Step = view.subject
    events = [event for event in _PRIVILEGED if step.job and event in step.file.triggers]
    told: dict[Path | Place, Remark] = {}
    for event in events:
        if runs_for_a_stranger(step, event):
            for at, found in _taken(step, event):
                told.setdefault(at, _checked_out(step, event, at, found))
    yield from told.values()


def _taken(step: Step, event: str) -> Iterator[tuple[Path | Place, str]]:
    for name, found in checked_out(step, event):
        yield step.input_path(name)[len(step.path) :], found
    for span, found in taken_by_scripts(step, event):
        yield Place(span, address(step)), found


def _checked_out(step: Step, event: str, at: Path | Place, found: str) -> Remark:
    message = f"{event} runs with the secrets of this repository, and"
    if not found:
        return unverified(at, f"{message} files do not show whose code is checked out")
    message = f"{message} {found} is checked out"
    if not runs_for_a_stranger(step, event, unasked=True):
        return unverified(at, f"{message} when a member asks, who may not have read it")
    return Remark(at, f"{message}: the author of a pull request decides what runs")


def triggers(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Events that strangers cause and that come with secrets are used knowingly.

    What such a workflow does with what it gets, more than a checkout decides.
    """
    workflow: Workflow = view.subject
    for event in _PRIVILEGED:
        if event in workflow.triggers:
            message = f"{event} runs with the secrets of this repository, whoever caused it"
            yield Remark(("on", event), message, Verdict.UNVERIFIED)
