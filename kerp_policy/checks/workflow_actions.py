"""Checks of the actions and reusable workflows that a workflow runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Job, Step
from kerp_policy.artifacts.workflow.steps import without_ref
from kerp_policy.findings import Remark, unverified
from kerp_policy.parameters import WORD, any_of, takes
from kerp_policy.regex import regex
from kerp_policy.views import View
from kerp_policy.wording import clipped

_COMMIT = regex(r"[0-9a-fA-F]{40}")
_SHORT_COMMIT = regex(r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,39}")


@takes(tagged={**any_of(WORD), "default": []})
def pinned(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """An action or a reusable workflow of another repository is named by its whole commit.

    Source: GitHub documentation, "Secure use reference": a full-length commit is the only
    immutable way to name an action.
    """
    subject: Job | Step = view.subject
    uses = subject.uses
    if not uses or uses.startswith(("./", "docker://")) or "${{" in uses:
        return  # no expression can stand there, which the syntax tells
    name, ref = without_ref(uses), uses.partition("@")[2]
    if uses.startswith("."):
        message = f"{uses} is neither a path, which begins with ./, nor an action with its ref"
        yield Remark(("uses",), message, subject=name)
    elif not ref:
        yield Remark(("uses",), f"{name} has no ref; expected a 40-digit commit", subject=name)
    elif not _COMMIT.fullmatch(ref) and not name.startswith(tuple(params.get("tagged", ()))):
        message = f"{name} is pinned to {_described(ref)}; expected a 40-digit commit"
        yield Remark(("uses",), message, subject=name)


def _described(ref: str) -> str:
    if _SHORT_COMMIT.fullmatch(ref):
        return f"{ref}, a shortened commit, which GitHub does not accept"
    if ref in ("main", "master", "develop", "HEAD"):
        return f"the branch {ref}, which moves with every push"
    return f"{clipped(ref)}, which can be moved"


def keeps_token(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A checkout leaves no token behind, unless a later step pushes with git.

    Source: the description of actions/checkout, `persist-credentials` (true by default, and false
    for whatever else is given).
    """
    step: Step = view.subject
    if step.action != "actions/checkout":
        return
    value = step.inputs.get("persist-credentials")
    path = ("with", "persist-credentials")
    if _uses_git(step):
        return
    if isinstance(value, str) and "${{" in value:
        yield unverified(path, "persist-credentials is decided when the workflow runs")
    elif value is None:
        yield Remark(path, "persist-credentials is not set, which means true; expected false")
    elif str(value).strip().lower() == "true":
        yield Remark(path, "persist-credentials is true; expected false")


_GIT_NEEDS = frozenset(("push", "pull", "fetch", "submodule", "lfs", "ls-remote"))
"""What of git reads the settings of the checkout, where the token is; a clone has none yet."""
_PUSHING = frozenset(("endbug/add-and-commit", "stefanzweifel/git-auto-commit-action"))
"""Actions that push with what the checkout has left."""
_GIT = regex(r"\bgit(?:\.exe)? [^\n;|&]*?\b(?:push|pull|fetch|submodule|lfs|ls-remote)\b")


def _uses_git(checkout: Step) -> bool:
    """Whether a later step talks to the server by git: it needs the token."""
    steps = checkout.job.steps if checkout.job else checkout.file.steps
    return any(_needs_token(step) for step in steps[checkout.index + 1 :])


def _needs_token(step: Step) -> bool:
    if step.script is None:
        return step.action in _PUSHING or bool(_GIT.search(step.run))
    return any(
        command.program == "git" and _GIT_NEEDS & {word.text for word in command.words}
        for command in step.script.shell.commands
    )
