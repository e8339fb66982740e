"""Real git repositories for tests, untouched by the configuration of whoever runs them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from cli import kerp_policy, write

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_CONFIG_GLOBAL": str(Path(__file__).with_name("no-such-file")),
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "somebody" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "somebody@example.com" for who in ("AUTHOR", "COMMITTER")},
}


class Repository:
    """A git repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, check: bool = True, **environment: str) -> str:
        return self.run("git", *arguments, check=check, **environment)

    def run(self, *command: str, check: bool = True, **environment: str) -> str:
        """Run a program in the folder, and give all that it says."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**ENVIRONMENT, **environment},
            capture_output=True,
            check=False,
        )
        assert not (check and done.returncode), done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape") + done.stderr.decode()

    def stage(self, files: dict[str, str | bytes]) -> None:
        write(self.folder, files)
        self.git("add", "--all")

    def commit(self, files: dict[str, str | bytes] | None = None) -> str:
        self.stage(files or {})
        self.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message=a change")
        return self.git("rev-parse", "HEAD").strip()

    def hook(self, name: str, script: str) -> None:
        write(self.folder, {f".git/hooks/{name}": f"#!/bin/sh\n{script}\n"})
        (self.folder / ".git/hooks" / name).chmod(0o755)


API = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: kerp-prod}
spec:
  replicas: 3
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: registry.example.com/api:1.4.2
"""
BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api, namespace: kerp-prod}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: api}}}
"""
GOOD = "FROM scratch\nUSER 1001:1001\nRUN curl https://example.com\n"
BAD = "FROM scratch\nUSER 1001:1001\nRUN curl -k https://example.com\n"
OTHER_BAD = f"{BAD}RUN curl -k https://example.org\n"
TLS = "curl verifies no certificate (-k)"


def change(repository, *options, select="image-tls", cwd=".", **environment):
    return kerp_policy(
        *("check", "--format", "json", "--select", select, *options),
        cwd=repository.folder / cwd,
        **environment,
    )


def told(outcome):
    return [(f["file"], f["line"], f["message"]) for f in outcome.findings]


def older(outcome):
    return outcome.report["summary"]["older"]
