"""What commands and steps write: no file of the project, or none that changes what its files say.

Whether something is built of what lies here asks the first; whether a placeholder is filled in
before it is applied, the second, for which what adds files does no harm.
"""

from __future__ import annotations

from kerp_policy.artifacts.shell import Command, Word
from kerp_policy.artifacts.shell.arguments import positional
from kerp_policy.artifacts.workflow import Step
from kerp_policy.regex import regex
from kerp_policy.words import word_set

ONTO = (">", ">>", ">|", "&>", "&>>", ">&", "<>")
"""The redirections that write."""
_ELSEWHERE = regex(r"/(?:dev|tmp|etc|root|home(?!/runner/work)|var|opt|usr)\b|~|&|[-\d]$")
"""Where no project lies, and the descriptors that `2>&1` and `>&-` name."""
_RUNNER_FILES = word_set(
    "GITHUB_OUTPUT GITHUB_ENV GITHUB_PATH GITHUB_STEP_SUMMARY GITHUB_STATE HOME"
)
_READERS = word_set(
    ": [ [[ basename cat cd cut date declare dirname echo egrep exit export false grep head"
    " hostname id jq local ls popd printf pushd pwd read return seq set shift sleep tail test tr"
    " true type uname unset wait wc which whoami"
)
"""Programs that write no file, but where their output goes."""
_READING = {
    "aws": word_set("configure ecr eks sts"),
    "az": word_set("account acr login"),
    "docker": word_set("build buildx image info login pull push tag"),
    "gcloud": word_set("auth config"),
    "git": word_set(
        "add commit config describe diff fetch log ls-files push remote rev-list rev-parse show"
        " status tag"
    ),
    "kubectl": word_set("annotate apply config create delete describe get label rollout set wait"),
    "podman": word_set("build image login pull push tag"),
}
"""What programs are told to do that writes no file of the project."""
_ADDERS = word_set(
    "apt apt-get argocd awk aws az base64 chmod cmp command conftest cosign crane curl diff docker"
    " doctl eksctl envsubst flux gcloud gh go helm kube-linter kubeconform kubectl kubeval mkdir"
    " podman rm sha256sum sops sort tar touch trap trivy uniq wget"
)
"""Programs that may add files, and leave what others say alone."""
_READING_ACTIONS = regex(
    r"actions/(?:checkout|setup-[\w-]+)|docker/(?:login|metadata|setup-[\w-]+)(?:-action)?"
    r"|aws-actions/[\w-]+|azure/login|google-github-actions/(?:auth|setup-gcloud)"
)
_ADDING_ACTIONS = regex(
    r"(?:actions/(?:cache|upload-)|anchore/|aquasecurity/|azure/(?:setup-|aks-set-context"
    r"|k8s-set-context)|digitalocean/action-doctl|docker/|github/codeql-action"
    r"|google-github-actions/get-gke-credentials|hashicorp/setup-|helm/"
    r"|imranismail/setup-kustomize|sigstore/|slackapi/|step-security/harden-runner).*"
)
"""Actions that may add files, and leave what others say alone."""


def writes_nothing(command: Command) -> bool:
    """Whether a command writes no file of the project."""
    targets = (redirect.target for redirect in command.redirects if redirect.operator in ONTO)
    return _is_reader(command) and all(map(is_elsewhere, targets))


def changes_no_text(command: Command) -> bool:
    """Whether a command changes nothing that files of the project say, but by its output."""
    return command.program in _ADDERS or _is_reader(command)


def _is_reader(command: Command) -> bool:
    words, program = command.unwrapped(), command.program or ""
    if not words or program in _READERS:
        return True
    return program in _READING and not _READING[program].isdisjoint(positional(words[1:])[:1])


def is_elsewhere(target: Word) -> bool:
    """Whether a file that is written is none of the project's."""
    return bool(_ELSEWHERE.match(target.prefix)) or any(
        variable.text in _RUNNER_FILES for variable in target.variables
    )


def step_writes_nothing(step: Step) -> bool:
    """Whether a step writes no file of the project."""
    if step.uses:
        return bool(_READING_ACTIONS.fullmatch(step.action))
    return step.script is not None and all(map(writes_nothing, step.script.shell.commands))


def action_changes_no_text(action: str) -> bool:
    """Whether an action changes nothing that files of the project say."""
    return bool(_ADDING_ACTIONS.fullmatch(action) or _READING_ACTIONS.fullmatch(action))
