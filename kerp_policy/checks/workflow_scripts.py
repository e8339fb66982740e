"""Checks of what the scripts of a workflow do, and of conditions that decide nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.shell.pipes import hidden_by_pipes
from kerp_policy.artifacts.workflow import Job, Step, Workflow
from kerp_policy.artifacts.workflow.comparisons import choice_problem, comparison_problem
from kerp_policy.artifacts.workflow.evaluate import evaluate, truth
from kerp_policy.artifacts.workflow.expressions import Node
from kerp_policy.artifacts.workflow.names import address, setter
from kerp_policy.artifacts.workflow.steps import Value
from kerp_policy.artifacts.workflow.walk import is_condition
from kerp_policy.connections.tls_settings import insecure_variable
from kerp_policy.connections.tls_switches import insecure_command
from kerp_policy.docker.downloads import run_unseen
from kerp_policy.findings import Place, Remark
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.sources.source import Span
from kerp_policy.views import View, lookup


def tls(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing in a step turns the verification of certificates or signatures off."""
    step: Step = view.subject
    env = step.data.get("env")
    for name, value in env.items() if isinstance(env, dict) else ():
        if what := insecure_variable(name, _plain(value)):
            yield Remark(("env", name), what, subject=name)
    for command in step.script.shell.commands if step.script else ():
        words = command.unwrapped()
        if switch := insecure_command([w.text for w in words], [w.prefix for w in words]):
            place = Place(words[switch.position].span, address(step))
            yield Remark(place, switch.what, subject=switch.what)
        for name, value_ in command.assignments:
            if what := insecure_variable(name, value_.text or ""):
                yield Remark(Place(value_.span, address(step)), what, subject=name)


def tls_variables(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No variable of the workflow or of a job does it for all steps."""
    workflow: Workflow = view.subject
    levels: list[tuple[Job | None, Mapping[str, Any]]] = [(None, workflow.data)]
    levels += [(job, job.data) for job in workflow.jobs.values()]
    for job, data in levels:
        env = data.get("env")
        for name, value in env.items() if isinstance(env, dict) else ():
            if what := insecure_variable(name, _plain(value)):
                span = workflow.span((*(job.path if job else ()), "env", name))
                place = Place(span, address(job) if job else f"{workflow.name}#env")
                yield Remark(place, what, subject=name)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def conditions(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every condition can come out both ways.

    Text around `${{ }}` makes a condition a text, which is true whatever the expression says.
    """
    workflow: Workflow = view.subject
    for path, expression in workflow.expressions:
        if expression.node is None:
            continue
        node, value = expression.node, None
        if is_condition(path) and (node.kind, node.text) != ("word", "true"):
            value = truth(evaluate(node, {}))
        if value is None:
            yield from _comparisons(workflow, path, node)
        else:
            place = Place(workflow.span(path), _address(workflow, path))
            yield Remark(place, f"the condition is always {str(value).lower()}{_reason(node)}")


_COMPARE = "Compare it with what it can be, or take out what is never so."
_TURN = "Turn the condition round, so that what is empty stands behind ||."


def _comparisons(workflow: Workflow, path: Path, whole: Node) -> Iterator[Remark]:
    for node in whole.walk():
        for problem, help_text in (
            (comparison_problem(workflow, node), _COMPARE),
            (choice_problem(node), _TURN),
        ):
            if problem:
                span = workflow.span(path, node.start, node.end)
                place = Place(span, _address(workflow, path))
                yield Remark(place, problem, subject=node.parts[0].text, help=help_text)


def _reason(node: Node) -> str:
    """Why a condition with braces is a string."""
    if not node.parts or node.kind != "text":
        return ""
    alone = len(node.parts) == 1 and node.text.startswith("${{") and node.text.endswith("}}")
    around = "the line end or blank" if alone else "what stands"
    return f": {around} around ${{{{ }}}} makes it a string"


def _address(workflow: Workflow, path: Path) -> str:
    """The address of the step, the job or the key that an expression is part of."""
    step = workflow.step_at(path)
    job = workflow.jobs.get(str(path[1])) if path[:1] == ("jobs",) and len(path) > 1 else None
    thing = step or job
    return address(thing) if thing else f"{workflow.name}#{path[0]}"


def downloads(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing that a step fetches is run unseen."""
    step: Step = view.subject
    for found in run_unseen(step.script.shell, "this step") if step.script else ():
        place = Place(found.command.span, address(step))
        yield Remark(place, found.message, subject=found.subject)


def pipelines(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A pipeline of a step fails when its first command does; one finding a step.

    Source: GitHub documentation, "Workflow syntax", `shell`: bash that is asked for runs with
    pipefail, and bash that nobody asks for does not.
    """
    step: Step = view.subject
    if step.script is None or _asked_shell(step) not in ("", "sh"):
        return
    if command := next(hidden_by_pipes(step.script.shell), None):
        first, index = command.name or "the first command", command.piped_into
        reader = step.script.shell.commands[index].name if index is not None else None
        message = f"a failure of {first} is hidden by the pipe" + (
            f" into {reader}" if reader else ""
        )
        place = Place(command.span, address(step))
        yield Remark(place, f"{message}; expected shell: bash, which sets pipefail")


def _asked_shell(step: Step) -> str:
    """The shell that the step, its job or its workflow states; empty where none does."""
    levels = step.job.levels if step.job else ()
    stated = (step.data, *(lookup(level, ("defaults", "run"), {}) for level in levels))
    return next((str(each["shell"]) for each in stated if lookup(each, ("shell",))), "")


_NAMES = r"::(set-output|save-state|set-env|add-path)(?= |::|$)"
_PRINTED = regex(rf"(?:^|\n|\\n)\s*{_NAMES}")
"""At the beginning of a line, where the runner takes it for an order."""
_ELSEWHERE = regex(
    rf"\b(?:echo|Write-Output|Write-Host|print)[ (]+[frb]?[\"']?{_NAMES}", re.IGNORECASE
)
"""In PowerShell, the shell of Windows or Python, which are not read as programs."""
_INSTEAD = {
    "set-output": "GITHUB_OUTPUT",
    "save-state": "GITHUB_STATE",
    "set-env": "GITHUB_ENV",
    "add-path": "GITHUB_PATH",
}
_ALLOWED = "ACTIONS_ALLOW_UNSECURE_COMMANDS"


def commands(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No step gives the runner orders by what it prints, as anything that is printed could.

    Source: GitHub documentation, "Workflow commands": files took the place of these four.
    """
    step: Step = view.subject
    for name, span in _orders(step):
        message = f"::{name} is deprecated; expected a line in ${_INSTEAD[name]}"
        yield Remark(Place(span, address(step)), message, subject=name)
    allowed = step.env.get(_ALLOWED)
    if allowed and _plain(allowed.value).lower() == "true" and _is_first(step, allowed.path):
        message = f"{_ALLOWED} is true: whatever is printed can set variables"
        yield Remark(Place(step.file.span(allowed.path), setter(step, allowed.path)), message)


def _orders(step: Step) -> Iterator[tuple[str, Span]]:
    if step.script is None:
        path = (*step.path, "run")
        for found in _ELSEWHERE.finditer(step.run):
            yield found[1].lower(), step.file.span(path, found.start(1) - 2, found.end(1))
        return
    for command in step.script.shell.commands:
        if command.program not in ("echo", "printf") or _into_file(command):
            continue
        for word in command.words[1:]:
            if order := _PRINTED.search(word.prefix):
                yield order[1], word.span


def _into_file(command: Command) -> bool:
    return any(redirect.operator in (">", ">>", ">|") for redirect in command.redirects)


def _is_first(step: Step, path: Path) -> bool:
    """Whether no earlier step inherits the variable that is set at a path."""
    heirs = (s for s in step.file.steps if s.env.get(_ALLOWED, _UNSET).path == path)
    return next(heirs, None) is step


_UNSET = Value(None, ())
