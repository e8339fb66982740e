"""What jobs do before a deployment, as far as their names and commands tell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from kerp_policy.regex import regex

if TYPE_CHECKING:
    from kerp_policy.artifacts.shell import Command
    from kerp_policy.artifacts.workflow import Job, Step

_WORDS = {
    "a test": r"tests?|testing|pytest|jest|vitest|mocha|junit|playwright|cypress|e2e|tox|nox",
    "a linter": r"lint(?:er|ing)?|vet|golangci(?:-lint)?|eslint|ruff|flake8|pylint|mypy|staticcheck"
    r"|checkstyle|hadolint|kube-linter|clippy|rubocop|biome|pre-commit|kerp-policy",
    "a security scan": r"scan(?:ner|ning)?|security|trivy(?:-action)?|grype|snyk|codeql(?:-action)?"
    r"|govulncheck|audit|semgrep|gosec|bandit|dependency-review(?:-action)?|checkov|kubesec|clair"
    r"|osv-scanner|vulncheck",
}
_PATTERNS = {
    name: regex(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])") for name, words in _WORDS.items()
}

GATES = tuple(_PATTERNS)
"""What has to pass before a deployment (the guide's checklist)."""
REVIEW = "a review of what changes"
"""`kerp-policy review`, which fills in the checklist."""
PERHAPS_REVIEW = "perhaps a review"
"""Something that is called a review or a checklist."""
_REVIEW_WORDS = regex(r"(?<![a-z])(?:review|checklist)")


def signs(job: Job) -> frozenset[str]:
    """Which of the gates a job is, and whether it reviews what changes."""
    text = _said(job)
    found = {name for name, pattern in _PATTERNS.items() if pattern.search(text)}
    if any(_is_review(command) for step in job.steps for command in _commands(step)):
        found.add(REVIEW)
    elif _REVIEW_WORDS.search(text):
        found.add(PERHAPS_REVIEW)
    return frozenset(found)


def _is_review(command: Command) -> bool:
    """`kerp-policy review`, by whatever starts it: pipx, uvx, docker, python -m, a full path."""
    words = [word.raw.strip("\"'") for word in command.words]
    return any(
        name.rpartition("/")[2].partition(":")[0].replace("_", "-") == "kerp-policy"
        and after == "review"
        for name, after in pairwise(words)
    )


def _commands(step: Step) -> Sequence[Command]:
    return step.script.shell.commands if step.script else ()


def _said(job: Job) -> str:
    """What a job says of itself, in small letters: names, actions, commands, but no comments."""
    lines = [job.id, str(job.data.get("name", ""))]
    for step in job.steps:
        lines += [str(step.data.get("name", "")), step.action]
        lines += [" ".join(word.raw for word in command.words) for command in _commands(step)]
    return "\n".join(lines).lower()
