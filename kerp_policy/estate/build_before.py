"""What runs before a build or an apply: is the project there, and may files have been written?"""

from __future__ import annotations

from kerp_policy.artifacts.shell import Command
from kerp_policy.artifacts.workflow import Job, Step
from kerp_policy.artifacts.workflow.contexts import words as word_set
from kerp_policy.regex import regex

_CHECKOUT = "actions/checkout"
# What writes no files into the folder of the project.
HARMLESS_ACTIONS = regex(
    r"actions/(?:checkout|setup-[\w-]+)|docker/(?:login|metadata|setup-[\w-]+)(?:-action)?"
    r"|aws-actions/[\w-]+|azure/login|google-github-actions/(?:auth|setup-gcloud)"
)
_HARMLESS_PROGRAMS = word_set("cd date echo exit export printf pushd set test true [ [[")
_HARMLESS_COMMANDS = {
    "aws": word_set("configure ecr eks sts"),
    "az": word_set("account acr login"),
    "docker": word_set("build buildx image info login pull push tag"),
    "gcloud": word_set("auth config"),
    "kubectl": word_set("annotate apply config create delete describe get label rollout set wait"),
    "podman": word_set("build image login pull push tag"),
}
_HARMLESS_TARGETS = ("$GITHUB_", "${GITHUB_", "/dev/", "1", "2")


def checked_out(job: Job, root: str) -> str | None:
    """The folder of the project that a job works in; None where it may be another project's."""
    checkouts = [step for step in job.steps if step.action == _CHECKOUT]
    if not checkouts or any({"path", "repository"} & step.inputs.keys() for step in checkouts):
        return None
    return root


def is_of_this_commit(job: Job) -> bool:
    """Whether what a job checks out is what lies here: no other branch, no caller's project."""
    called = "workflow_call" in job.workflow.triggers
    checkouts = (step for step in job.steps if step.action == _CHECKOUT)
    return not called and not any("ref" in step.inputs for step in checkouts)


def writes_nothing(step: Step) -> bool:
    """Whether a step writes no file of the project."""
    if step.uses:
        return bool(HARMLESS_ACTIONS.fullmatch(step.action))
    return step.script is not None and all(map(is_harmless, step.script.shell.commands))


def is_harmless(command: Command) -> bool:
    """Whether a command writes no file of the project."""
    targets = [found.target.raw.strip("\"'") for found in command.redirects]
    if not all(target.startswith(_HARMLESS_TARGETS) for target in targets):
        return False
    known = _HARMLESS_COMMANDS.get(command.program or "", ())
    second = [word.text for word in command.unwrapped()[1:2]]
    harmless = command.program in _HARMLESS_PROGRAMS or any(word in known for word in second)
    return harmless or not command.words
