"""Checks of the programs that steps install and run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.workflow import Job, Step
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.artifacts.workflow.runners import is_hosted
from kerp_policy.docker.installs import FAMILIES, installation, newest
from kerp_policy.findings import Place, Remark
from kerp_policy.parameters import each_once, one_of, takes
from kerp_policy.regex import regex
from kerp_policy.views import View
from kerp_policy.words import word_set

_NOT_TO_LOCK = frozenset(("-g", "--global", "--package-lock-only", "--dry-run"))


@takes(managers=each_once(one_of(*FAMILIES)))
def pinned(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What a step installs is named with its version, or comes from a lock file as it is."""
    step: Step = view.subject
    for command in step.script.shell.commands if step.script else ():
        found = installation(command)
        if not found or found.family not in params["managers"]:
            continue
        if said := newest(found):
            message, word = said
            yield Remark(Place(word.span, address(step)), message, subject=word.text or "")
        elif found.program == "npm" and not found.packages and _may_change_lock(found.options):
            message = "npm install may take other versions than the lock file has"
            yield Remark(Place(command.span, address(step)), f"{message}; expected npm ci")


def _may_change_lock(options: tuple[str, ...]) -> bool:
    return _NOT_TO_LOCK.isdisjoint(options)


_ASKING = word_set("api cache issue label pr release repo run secret variable workflow")
"""Commands of gh that ask the server."""
_TOKEN = regex(
    r"GH_TOKEN|GITHUB_TOKEN|GH_ENTERPRISE_TOKEN|GH_CONFIG_DIR"
    r"|gh(?:\.exe)? auth (?:login|refresh|switch)\b"
)
_OWN = ("actions/", "docker/", "github/", "aws-actions/", "azure/", "google-github-actions/")
"""Accounts whose actions set no token for gh."""


def gh_token(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A step that asks the server with gh has a token for it.

    Source: GitHub documentation, "Using GitHub CLI in workflows": each step that uses it sets
    GH_TOKEN. On a runner of somebody's own, gh may be logged in; an action of somebody else may
    have set the variable, and nothing is said then.
    """
    step: Step = view.subject
    job = step.job
    asking = [*_asking(step)]
    if not asking or job is None or not is_hosted(job) or job.data.get("container"):
        return
    if not _TOKEN.search(" ".join(step.env)) and not _may_be_set(job, step):
        command = asking[0]
        message = f"{command.words[0].text} {command.words[1].text} has no token, so it fails"
        place = Place(command.span, address(step))
        yield Remark(place, f"{message}; expected GH_TOKEN in env")


def _asking(step: Step) -> Iterator[Command]:
    for command in step.script.shell.commands if step.script else ():
        texts = [word.text for word in command.words[:2]]
        if len(texts) == 2 and texts[0] == "gh" and texts[1] in _ASKING:
            yield command


def _may_be_set(job: Job, step: Step) -> bool:
    """Whether this step, or one before it, may set the token or log in."""
    return any(
        _TOKEN.search(each.run) or (each.uses and not each.action.startswith(_OWN))
        for each in job.steps[: step.index + 1]
    )


def host_keys(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No key of a host is believed because the host, or whoever answers for it, sends it.

    Source: the manual of ssh-keyscan, Security.
    """
    step: Step = view.subject
    for command in step.script.shell.commands if step.script else ():
        if command.program == "ssh-keyscan" and command.redirects:
            target = command.redirects[-1].target.raw.strip("\"'")
            if target.endswith("known_hosts"):
                message = f"ssh-keyscan writes into {target} whatever key answers"
                expected = "expected the key itself, which the owner of the host publishes"
                yield Remark(Place(command.span, address(step)), f"{message}; {expected}")
