"""The tools that judge what this one judges: what each reads, and how to run it without network."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILES = "{files}"
"""Stands for the files of the share, each a word."""
SCHEMAS = "{schemas}"
"""Stands for a folder with Kubernetes' schemas."""
_FAILED_TOO = frozenset({0, 1})


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool to be measured against.

    Attributes:
        name: its program's name.
        kinds: the kinds of files that both judge.
        arguments: what it is started with, in the folder of its share.
        version: what it is started with to say its version.
        accepted: the exit codes that say it did its work, whether or not it found something.
    """

    name: str
    kinds: frozenset[str]
    arguments: tuple[str, ...]
    version: tuple[str, ...] = ("--version",)
    accepted: frozenset[int] = _FAILED_TOO


def _peer(name: str, kinds: str, arguments: str, version: str = "--version") -> Peer:
    return Peer(name, frozenset(kinds.split()), tuple(arguments.split()), (version,))


PEERS = (
    _peer("hadolint", "dockerfile", "{files}"),
    _peer("tally", "dockerfile", "lint --no-config --slow-checks off {files}", "version"),
    Peer(
        "zizmor",
        frozenset({"workflow"}),
        ("--offline", "--no-progress", FILES),
        accepted=frozenset({0, 10, 11, 12, 13, 14}),  # by the severity of the worst finding
    ),
    _peer("actionlint", "workflow", "-shellcheck= -pyflakes= {files}", "-version"),
    _peer("jactionlint", "workflow", "--no-online --shellcheck= --pyflakes= {files}"),
    _peer("kube-linter", "kubernetes", "lint {files}", "version"),
    _peer(
        "kubeconform",
        "kubernetes",
        "-strict -ignore-missing-schemas -schema-location {schemas} {files}",
        "-v",
    ),
    _peer("kube-score", "kubernetes", "score {files}", "version"),
    _peer("amtool", "alertmanager", "check-config {files}"),
    _peer("amlint", "alertmanager", "check {files}"),
    Peer(
        "promtool",
        frozenset({"prometheus"}),
        ("check", "rules", FILES),
        accepted=frozenset({0, 1, 3}),  # 3: found by its lints
    ),
    _peer("pint", "prometheus", "--offline --no-color lint {files}", "version"),
    _peer(
        "checkov",
        "dockerfile kubernetes workflow",
        "--directory . --framework dockerfile kubernetes github_actions"
        " --quiet --compact --skip-download",
    ),
)


def found(named: Mapping[str, str]) -> dict[str, str]:
    """Where each tool lies that is there: as named on the command line, else on PATH."""
    paths = {peer.name: named.get(peer.name) or shutil.which(peer.name) for peer in PEERS}
    return {name: str(Path(path).absolute()) for name, path in paths.items() if path}


def words(peer: Peer, program: str, files: list[str], schemas: Path) -> tuple[str, ...]:
    """What to start it with for some files."""
    filled = {FILES: files, SCHEMAS: [f"{schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"]}
    words = [word for part in peer.arguments for word in filled.get(part, [part])]
    return (program, *words)


def version(peer: Peer, program: str) -> str:
    """The version that it says it has; builds that do not know theirs have none."""
    done = subprocess.run(
        [program, *peer.version], capture_output=True, text=True, check=False, timeout=60
    )
    number = re.search(r"\d+\.\d+[\w.+-]*", done.stdout + done.stderr)
    return number[0] if number else "built from source"
