"""Checks of workflows that release: what goes into a release, and with whose credential."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.workflow import Step, Workflow
from kerp_policy.artifacts.workflow.expressions import find_expressions, references
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.findings import Place, Remark
from kerp_policy.parameters import TEXT, by_name, record, takes
from kerp_policy.views import View

_BY_HAND = frozenset(("workflow_dispatch", "workflow_call"))


@takes(caches=by_name(record(input=TEXT, off=TEXT)))
def cached(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A workflow that runs for releases alone restores no cache.

    Source: GitHub documentation, "Dependency caching reference": a run of a tag has the caches of
    the default branch, into which every workflow of that branch writes.
    """
    workflow: Workflow = view.subject
    if not _releases(workflow):
        return
    for step in workflow.steps:
        about = params["caches"].get(step.action)
        if about is not None and _is_on(step, about):
            what = f"{step.action} restores a cache into what is released"
            path = step.input_path(about["input"]) if "input" in about else (*step.path, "uses")
            message = f"{what}; expected a build without one"
            place = Place(workflow.span(path), address(step))
            yield Remark(place, message, subject=step.action)


def _releases(workflow: Workflow) -> bool:
    """Whether nothing but a release, a tag or a person starts it."""
    events = workflow.triggers.keys() - _BY_HAND
    push = workflow.triggers.get("push")
    tags = isinstance(push, dict) and "tags" in push and not {"branches", "paths"} & push.keys()
    return bool(events) and events <= {"release", "push"} and ("push" not in events or tags)


def _is_on(step: Step, about: Mapping[str, str]) -> bool:
    """Whether an input turns the cache on; one with `off` is on unless it says that."""
    if "input" not in about:
        return True
    value = str(step.inputs.get(about["input"], "")).strip().lower()
    return value != about["off"] if "off" in about else value not in ("", "false")


_ELSEWHERE = ("--registry", "--repository", "--repository-url", "--index", "--publish-url", "-r")
"""Options that choose a registry; only the public ones of a language know trusted publishers."""


@takes(
    commands=by_name({"type": "array", "items": TEXT}),
    actions=by_name(TEXT),
)
def registry_tokens(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What is published is published by the workflow's own identity, not by a token.

    Source: the documentation of PyPI, npm, crates.io and RubyGems, "Trusted publishing".
    """
    step: Step = view.subject
    asked = params["actions"].get(step.action)
    if asked and _is_kept(step.inputs.get(asked)) and not _has_registry(step):
        path = step.input_path(asked)
        yield _told(step, step.action, asked, Place(step.file.span(path), address(step)))
    for command in step.script.shell.commands if step.script else ():
        called = _called(command)
        for name in params["commands"].get(called, ()):
            value = step.env.get(name)
            if value and _is_kept(value.value) and not _goes_elsewhere(step, command):
                yield _told(step, called, name, Place(command.span, address(step)))
                break


def _told(step: Step, what: str, name: str, place: Place) -> Remark:
    message = f"{what} uses {name}, which is valid until somebody revokes it"
    return Remark(place, f"{message}; expected id-token: write and a trusted publisher")


def _called(command: Command) -> str:
    """The program with its subcommand: `npm publish`."""
    texts = [word.text or "" for word in command.unwrapped()]
    operands = [text for text in texts[:4] if not text.startswith("-")]
    return " ".join(operands[:2])


def _is_kept(value: Any) -> bool:
    """Whether a value is a secret of the repository."""
    found = find_expressions(value) if isinstance(value, str) else ()
    names = [node.text for expression in found for node in references(expression)]
    return any(n.startswith("secrets.") and n != "secrets.github_token" for n in names)


def _has_registry(step: Step) -> bool:
    return any("registry" in name or "repository" in name for name in step.inputs)


def _goes_elsewhere(step: Step, command: Command) -> bool:
    """Whether an option, or what set Node.js up before, names another registry."""
    options = [(word.text or word.prefix).partition("=")[0] for word in command.words]
    before = step.job.steps[: step.index] if step.job else ()
    chosen = [str(each.inputs.get("registry-url") or "npmjs.org") for each in before]
    return any(option in _ELSEWHERE for option in options) or not all(
        "npmjs.org" in each for each in chosen
    )
