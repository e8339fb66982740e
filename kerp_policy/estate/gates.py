"""What jobs do before a deployment, as far as their names and commands tell."""

from __future__ import annotations

import re

from kerp_policy.artifacts.workflow import Job

_WORDS = {
    "a test": r"tests?|testing|pytest|jest|vitest|mocha|junit|playwright|cypress|e2e|tox|nox",
    "a linter": r"lint(?:er|ing)?|vet|golangci(?:-lint)?|eslint|ruff|flake8|pylint|mypy|staticcheck"
    r"|checkstyle|hadolint|kube-linter|clippy|rubocop|biome|pre-commit|kerp-policy",
    "a security scan": r"scan(?:ner|ning)?|security|trivy(?:-action)?|grype|snyk|codeql(?:-action)?"
    r"|govulncheck|audit|semgrep|gosec|bandit|dependency-review(?:-action)?|checkov|kubesec|clair"
    r"|osv-scanner|vulncheck",
}
_PATTERNS = {
    name: re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", re.IGNORECASE)
    for name, words in _WORDS.items()
}

GATES = tuple(_PATTERNS)
"""What has to pass before a deployment (the guide's checklist)."""


def signs(job: Job) -> frozenset[str]:
    """Which of the gates a job is."""
    text = _said(job)
    return frozenset(name for name, pattern in _PATTERNS.items() if pattern.search(text))


def _said(job: Job) -> str:
    """What a job says of itself: names, actions, commands (not what comments say)."""
    lines = [job.id, str(job.data.get("name", ""))]
    for step in job.steps:
        lines += [str(step.data.get("name", "")), step.action]
        commands = step.script.shell.commands if step.script else ()
        lines += [" ".join(word.raw for word in command.words) for command in commands]
    return "\n".join(lines)
