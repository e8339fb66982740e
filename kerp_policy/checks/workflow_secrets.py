"""Checks of secrets in workflows: written down, taken from the wrong place, given away.

No message holds anything of a value but a public prefix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.artifacts.workflow import Expression, Script, Step, Workflow
from kerp_policy.artifacts.workflow.expressions import find_expressions, references
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.artifacts.workflow.steps import without_ref
from kerp_policy.artifacts.workflow.untrusted import reaching
from kerp_policy.findings import Place, Remark
from kerp_policy.paths import Path
from kerp_policy.secrets import secret_name
from kerp_policy.sources.source import Span
from kerp_policy.views import View
from kerp_policy.wording import clipped


def place_of(workflow: Workflow, path: Path, span: Span) -> Place:
    """A place under the address of the step, the job or the part of the workflow that it is in."""
    if step := workflow.step_at(path):
        return Place(span, address(step))
    if path[:1] == ("jobs",) and len(path) > 1:
        return Place(span, f"{workflow.name}#{path[1]}")
    return Place(span, f"{workflow.name}#{path[0] if path else 'workflow'}")


def from_variables(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No credential is kept in `vars`, which everybody who can read the repository's runs sees."""
    workflow: Workflow = view.subject
    for path, expression in workflow.expressions:
        for node in references(expression):
            root, _, name = node.text.partition(".")
            if root == "vars" and secret_name(name):
                span = workflow.span(path, node.start, node.end)
                message = f"vars.{name.upper()} is a credential by its name"
                remark = f"{message}; expected secrets.{name.upper()}"
                yield Remark(place_of(workflow, path, span), remark, subject=name)


def given_away(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No expression takes all secrets at once, no called workflow inherits them all.

    Source: GitHub documentation, "Secure use reference" and "Reuse workflows".
    """
    workflow: Workflow = view.subject
    for path, expression in workflow.expressions:
        for node in expression.node.walk() if expression.node else ():
            if node.kind == "reference" and node.text in ("secrets", "secrets.*"):
                span = workflow.span(path, node.start, node.end)
                message = (
                    "the expression takes every secret there is; expected the one that is needed"
                )
                yield Remark(place_of(workflow, path, span), message)
    for job in workflow.jobs.values():
        if job.data.get("secrets") == "inherit":
            span = workflow.span((*job.path, "secrets"))
            name = clipped(without_ref(job.uses), 80)
            message = f"{name} inherits every secret; expected those that it needs, by name"
            yield Remark(Place(span, address(job)), message)


_BUILT_IN = "is a build argument, which stays in the history of the image"


def in_commands(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No secret is an argument, a build argument, printed, or traced.

    Arguments are seen by every process of the machine, build arguments stay in the image's
    history, and `set -x` prints what it runs. What echo pipes into a command is no argument.
    """
    step: Step = view.subject
    yield from _by_action(step)
    yield from _taken_apart(step)
    if step.script is None:
        return
    for command in step.script.shell.commands:
        for before, word in pairwise(command.words):
            names = [*_secrets_in(step.script, word), *_from_env(step, word)]
            if names and (how := _exposed(command, before, word)):
                place = Place(word.span, address(step))
                yield Remark(place, f"{names[0]} {how}", subject=names[0])
    yield from _traced(step, step.script)


def _by_action(step: Step) -> Iterator[Remark]:
    """The build arguments of docker/build-push-action."""
    value = step.inputs.get("build-args")
    if step.action != "docker/build-push-action" or not isinstance(value, str):
        return
    for expression in find_expressions(value):
        for name in _secrets(expression, value):
            span = step.file.span(step.input_path("build-args"), expression.start, expression.end)
            yield Remark(Place(span, address(step)), f"{name} {_BUILT_IN}", subject=name)


def _taken_apart(step: Step) -> Iterator[Remark]:
    """Parts of a secret that holds JSON (GitHub documentation, "Secure use reference")."""
    for path, value in _texts(step):
        for expression in find_expressions(value):
            for node in expression.node.walk() if expression.node else ():
                inner = node.parts[0] if node.text == "fromjson" and node.parts else None
                if inner and inner.kind == "reference" and inner.text.startswith("secrets."):
                    name = value[inner.start : inner.end]
                    place = Place(step.file.span(path, inner.start, inner.end), address(step))
                    message = f"{name} is masked as a whole; what fromJSON takes out of it is not"
                    yield Remark(place, message, subject=name)


def _texts(step: Step) -> Iterator[tuple[Path, str]]:
    """The script of a step, its own variables and its inputs."""
    yield (*step.path, "run"), step.run
    for key in ("env", "with"):
        given = step.data.get(key)
        for name, value in given.items() if isinstance(given, dict) else ():
            if isinstance(value, str):
                yield (*step.path, key, name), value


def _secrets_in(script: Script, word: Word) -> Iterator[str]:
    for expression in script.inside(word):
        yield from _secrets(expression, script.text)


def _secrets(expression: Expression, text: str) -> Iterator[str]:
    """The secrets that an expression of a text comes to, as they are written."""
    nodes = (node for node, _ in reaching(expression) if node.text.startswith("secrets."))
    return (text[node.start : node.end] for node in nodes)


def _from_env(step: Step, word: Word) -> Iterator[str]:
    """The secrets that come by variables of the step, those with nothing around them."""
    for part in word.variables:
        value = step.env[part.text].value if part.text in step.env else None
        if isinstance(value, str):
            for expression in find_expressions(value.strip()):
                if expression.end - expression.start == len(value.strip()):
                    yield from _secrets(expression, value.strip())


def _exposed(command: Command, before: Word, word: Word) -> str:
    """How a command gives away what stands in a word; empty where it does not."""
    if "--build-arg" in (before.text, word.prefix.partition("=")[0]):
        return _BUILT_IN
    to_file = any(redirect.operator in (">", ">>", ">|") for redirect in command.redirects)
    if command.program not in ("echo", "printf") or to_file or word.prefix.startswith("::add-mask"):
        return ""
    caught = command.piped_into is not None or command.parent is not None
    return "" if caught else "is printed into the log"


def _traced(step: Step, script: Script) -> Iterator[Remark]:
    """`set -x` in a script that handles secrets."""
    switched = [o for o in script.shell.options if o.name == "xtrace" and o.enabled]
    names = [name for e in script.expressions for name in _secrets(e, script.text)]
    for word in (w for c in script.shell.commands for w in c.words):
        names += _from_env(step, word)
    if switched and names:
        place = Place(switched[0].span, address(step))
        yield Remark(place, f"set -x prints the commands of this script, which use {names[0]}")


def for_all_jobs(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No secret is in the environment of every job."""
    workflow: Workflow = view.subject
    for path, expression in workflow.expressions:
        if path[:1] == ("env",) and len(workflow.jobs) > 1:
            for node in references(expression):
                if node.text.startswith("secrets.") and node.text != "secrets.github_token":
                    name = f"secrets.{node.text.partition('.')[2].upper()}"
                    message = f"{name} is in the environment of every job"
                    yield Remark(path, f"{message}; expected it where it is used", subject=name)
