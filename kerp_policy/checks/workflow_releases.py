"""Checks of workflows that release: what goes into a release, and with whose credential."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.workflow import Step, Workflow
from kerp_policy.artifacts.workflow.expressions import find_expressions, references
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.findings import Place, Remark
from kerp_policy.parameters import TEXT, WORDS, by_name, record, some, takes
from kerp_policy.views import View

_KEEPING = frozenset(("--snapshot", "--skip=publish", "--skip-publish"))
_BY_HAND = frozenset(("workflow_dispatch", "workflow_call"))


@takes(caches=by_name(record(input=TEXT, off=TEXT)), publishers=WORDS, commands=some(TEXT))
def cached(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No cache is restored where nothing but a release runs, nor in a job that publishes.

    Source: GitHub documentation, "Dependency caching reference": a run of a tag has the caches of
    the default branch, into which every workflow of that branch writes.
    """
    workflow: Workflow = view.subject
    is_release = _releases(workflow)
    for job in workflow.jobs.values():
        cached = [step for step in job.steps if _restores(step, params["caches"])]
        if cached and (is_release or any(_publishes(step, params) for step in job.steps)):
            yield from (_restored(step, params["caches"][step.action]) for step in cached)


def _restored(step: Step, about: Mapping[str, str]) -> Remark:
    path = step.input_path(about["input"]) if "input" in about else (*step.path, "uses")
    message = f"{step.action} restores a cache into what is released; expected a build without one"
    return Remark(Place(step.file.span(path), address(step)), message, subject=step.action)


def _publishes(step: Step, params: Mapping[str, Any]) -> bool:
    commands = step.script.shell.commands if step.script else ()
    if step.action in params["publishers"]:
        return not _only_built(str(step.inputs.get("args", "")).split())
    return any(
        _called(command) in params["commands"] and not _only_tried(command) for command in commands
    )


def _only_built(words: Sequence[str]) -> bool:
    """Whether an action is told, as GoReleaser is, to check or build, or to keep what it makes."""
    verb = next((word for word in words if word[:1] not in ("-", "$")), "release")
    return verb in ("build", "check", "healthcheck", "init") or not _KEEPING.isdisjoint(words)


def _only_tried(command: Command) -> bool:
    return any(word.text in ("--dry-run", "-n") for word in command.words)


def _releases(workflow: Workflow) -> bool:
    """Whether nothing but a release, a tag or a person starts it."""
    events = workflow.triggers.keys() - _BY_HAND
    push = workflow.triggers.get("push")
    tags = isinstance(push, dict) and "tags" in push and not {"branches", "paths"} & push.keys()
    return bool(events) and events <= {"release", "push"} and ("push" not in events or tags)


def _restores(step: Step, caches: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether an action restores a cache; one whose input has `off` does unless it says that."""
    about = caches.get(step.action)
    if about is None or "input" not in about:
        return about is not None
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
