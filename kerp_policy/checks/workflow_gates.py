"""What has passed before a deployment: tests, a linter, a security scan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Job, Workflow
from kerp_policy.checks.workflow_jobs import at
from kerp_policy.findings import Remark, unverified
from kerp_policy.views import View
from kerp_policy.wording import listed

_SIGNS = {
    "a test": r"tests?|testing|pytest|jest|vitest|mocha|junit|playwright|cypress|e2e|tox|nox",
    "a linter": r"lint(?:er|ing)?|vet|golangci(?:-lint)?|eslint|ruff|flake8|pylint|mypy|staticcheck"
    r"|checkstyle|hadolint|kube-linter|clippy|rubocop|biome|pre-commit|kerp-policy",
    "a security scan": r"scan(?:ner|ning)?|security|trivy(?:-action)?|grype|snyk|codeql(?:-action)?"
    r"|govulncheck|audit|semgrep|gosec|bandit|dependency-review(?:-action)?|checkov|kubesec|clair"
    r"|osv-scanner|vulncheck",
}
_PATTERNS = {
    name: re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", re.IGNORECASE)
    for name, words in _SIGNS.items()
}


def gates(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Each first deploying job waits for them, as far as names and commands tell."""
    workflow: Workflow = view.subject
    for job in workflow.jobs.values():
        before = workflow.before(job)
        if not job.changes or any(each.changes for each in before):
            continue
        text = "\n".join(_words(each) for each in (*before, job))
        missing = [name for name, pattern in _PATTERNS.items() if not pattern.search(text)]
        if missing:
            message = f"{job.id} deploys and waits for neither {' nor '.join(missing)}"
            if len(missing) == 1:
                message = f"{job.id} deploys and does not wait for {listed(missing)}"
            called = any(each.uses for each in before) or "workflow_run" in workflow.triggers
            place = at(job, "needs")
            elsewhere = f"{message} in this file; another workflow runs before"
            yield unverified(place, elsewhere) if called else Remark(place, message)


def _words(job: Job) -> str:
    """What a job says of itself: names, actions, commands (not what comments say)."""
    lines = [job.id, str(job.data.get("name", ""))]
    for step in job.steps:
        lines += [str(step.data.get("name", "")), step.action]
        commands = step.script.shell.commands if step.script else ()
        lines += [" ".join(word.raw for word in command.words) for command in commands]
    return "\n".join(lines)
