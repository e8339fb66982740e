"""Which steps of a job change what runs: in a cluster, or in a service like one.

Source: the manuals of kubectl, Helm, Argo CD, Skaffold and of the clouds' own tools, and the
descriptions of the actions named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from kerp_policy.artifacts.shell import Command, Shell
from kerp_policy.artifacts.shell.arguments import is_command, is_dry, option, positional
from kerp_policy.artifacts.workflow.steps import Step
from kerp_policy.regex import regex
from kerp_policy.sources.source import Span

_ACTIONS = frozenset(
    (
        "azure/k8s-deploy",
        "azure/aks-deploy",
        "azure/container-apps-deploy-action",
        "azure/webapps-deploy",
        "azure/functions-action",
        "aws-actions/amazon-ecs-deploy-task-definition",
        "google-github-actions/deploy-cloudrun",
        "google-github-actions/deploy-appengine",
        "actions-hub/kubectl",
        "deliverybot/helm",
        "bitovi/github-actions-deploy-eks-helm",
        "koslib/helm-eks-action",
    )
)
_OTHER_TOOLS = (
    ("argocd", "app", "sync"),
    ("argocd", "app", "set"),
    ("aws", "ecs", "update-service"),
    ("az", "containerapp", "update"),
    ("gcloud", "run", "deploy"),
    ("skaffold", "run"),
    ("skaffold", "deploy"),
)
_KUBECTL = (
    ("apply",),
    ("replace",),
    ("patch",),
    ("set", "image"),
    ("set", "env"),
    ("set", "resources"),
    ("rollout", "restart"),
)
_HELM = (("upgrade",), ("install",))
_LOCAL = regex(r"(?:^|[^a-z0-9])(?:k3d|k3s|kind|microk8s|minikube)(?![a-z0-9])")
"""What makes a cluster on the machine itself, in the names of actions and of targets of make."""
_CREATING = (
    ("kind",),
    ("k3d",),
    ("minikube",),
    ("eksctl", "create", "cluster"),
    ("gcloud", "container", "clusters", "create"),
    ("az", "aks", "create"),
)
_INSTALLER = "https://get.k3s.io"
_NOT_RUN = ("secret", "configmap", "cm", "namespace", "ns")


class Change(Struct, frozen=True):
    """A step, or one command of it, that changes what runs.

    Attributes:
        step: the step.
        what: in words: `kubectl set image`, `azure/k8s-deploy`.
        span: where it is written.
        command: the command's index in the step's script; None for an action.
        waits: whether it waits by itself until the change has succeeded or failed.
    """

    step: Step
    what: str
    span: Span
    command: int | None = None
    waits: bool = False

    @property
    def namespace(self) -> str | None:
        """The namespace that its command names; None where it names none, or it is not known."""
        if self.command is None or self.step.script is None:
            return None
        words = self.step.script.shell.commands[self.command].words
        return option(words, "-n", "--namespace")


def changes_of(steps: Sequence[Step]) -> Iterator[Change]:
    """What the steps of a job change, in order; nothing where it works on a cluster of its own."""
    if on_own_cluster(steps):
        return
    for step in steps:
        if step.action in _ACTIONS:
            path = (*step.path, "uses")
            yield Change(step, step.action, step.file.span(path), waits=True)
        for index, command in enumerate(step.script.shell.commands if step.script else ()):
            what = _what(command) if not _of_settings(step, command) else ""
            if what:
                yield Change(step, what, command.span, index, _waits(command))


def on_own_cluster(steps: Iterable[Step]) -> bool:
    """Whether the steps of a job work on a cluster that it makes for itself, as tests do."""
    return any(
        _LOCAL.search(step.action.rpartition("/")[2])
        or (step.script is not None and makes_a_cluster(step.script.shell))
        for step in steps
    )


def makes_a_cluster(shell: Shell) -> bool:
    """Whether a script makes a cluster, or asks a program that has one on the same machine."""
    return any(
        is_command(command, *_CREATING)
        or (command.program == "make" and _LOCAL.search(_texts(command)))
        or any(word.text == _INSTALLER for word in command.words)
        for command in shell.commands
    )


def _texts(command: Command) -> str:
    return " ".join(word.text or word.prefix for word in command.words)


def undoes(command: Command) -> bool:
    """Whether a command goes back to what ran before."""
    return is_command(command, ("kubectl", "rollout", "undo"), ("helm", "rollback"))


def _what(command: Command) -> str:
    words = command.unwrapped()
    forms = _FORMS.get(command.program or "", ())
    given = (command.program or "", *positional(words[1:])) if forms else ()
    form = next((form for form in forms if given[: len(form)] == form), None)
    if form is None or is_dry(words):
        return ""
    return " ".join(form)


_FORMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "kubectl": tuple(("kubectl", *form) for form in _KUBECTL),
    "helm": tuple(("helm", *form) for form in _HELM),
    **{
        tool: tuple(form for form in _OTHER_TOOLS if form[0] == tool)
        for tool in {form[0] for form in _OTHER_TOOLS}
    },
}


def _waits(command: Command) -> bool:
    """Helm with `--wait` or `--atomic`; a tool that is no kubectl and no Helm by its own rules."""
    texts = [word.text or word.prefix for word in command.words]
    if command.program == "helm":
        flags = ("--wait", "--atomic", "--rollback-on-failure")
        return any(text.partition("=")[0] in flags for text in texts)
    return command.program != "kubectl"


def _of_settings(step: Step, command: Command) -> bool:
    """Whether `kubectl create secret … | kubectl apply -f -` is what this command is part of."""
    if command.piped_from is None or step.script is None:
        return False
    source = step.script.shell.commands[command.piped_from]
    return is_command(source, *(("kubectl", "create", kind) for kind in _NOT_RUN))
