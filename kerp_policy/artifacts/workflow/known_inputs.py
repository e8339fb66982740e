"""Inputs of the actions that most workflows use, and slips in their names.

GitHub warns of an input that an action does not have, and goes on without it. Releases add inputs,
so only what is surely meant as one of these is told.

Source: `action.yml` of each action, all releases together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from kerp_policy.paths import Path
from kerp_policy.wording import comparable, nearest
from kerp_policy.words import word_set

if TYPE_CHECKING:
    from kerp_policy.artifacts.workflow.steps import Step

_CACHE = (
    "enablecrossosarchive fail-on-cache-miss key lookup-only path restore-keys save-always"
    " upload-chunk-size"
)
_WRITTEN = {
    "actions/cache": _CACHE,
    "actions/cache/restore": _CACHE,
    "actions/cache/save": _CACHE,
    "actions/checkout": (
        "allow-unsafe-pr-checkout clean fetch-depth fetch-tags filter github-server-url lfs path"
        " persist-credentials ref repository set-safe-directory show-progress sparse-checkout"
        " sparse-checkout-cone-mode ssh-key ssh-known-hosts ssh-strict ssh-user submodules token"
    ),
    "actions/download-artifact": (
        "artifact-ids github-token merge-multiple name path pattern repository run-id"
    ),
    "actions/github-script": (
        "base-url debug github-token previews result-encoding retries retry-exempt-status-codes"
        " script user-agent"
    ),
    "actions/setup-go": (
        "architecture cache cache-dependency-path check-latest go-download-base-url go-version"
        " go-version-file stable token"
    ),
    "actions/setup-java": (
        "architecture cache cache-dependency-path cache-jdk cache-path cache-read-only check-latest"
        " distribution force-download gpg-passphrase gpg-passphrase-env-var gpg-private-key"
        " java-package java-version java-version-file jdk-file jdkfile job-status"
        " mvn-toolchain-id mvn-toolchain-vendor overwrite-settings problem-matcher server-id"
        " server-password server-password-env-var server-username server-username-env-var"
        " set-default settings-path show-download-progress token verify-signature"
        " verify-signature-public-key"
    ),
    "actions/setup-node": (
        "always-auth architecture cache cache-dependency-path check-latest mirror mirror-token"
        " node-version node-version-file package-manager-cache registry-url scope token version"
    ),
    "actions/setup-python": (
        "allow-prereleases architecture cache cache-dependency-path check-latest freethreaded"
        " mirror mirror-token pip-install pip-version python-version python-version-file token"
        " update-environment"
    ),
    "actions/upload-artifact": (
        "archive compression-level if-no-files-found include-hidden-files name overwrite path"
        " retention-days"
    ),
    "docker/build-push-action": (
        "add-hosts allow annotations attests build-args build-contexts builder cache-from cache-to"
        " call cgroup-parent context file github-token labels load network no-cache"
        " no-cache-filters outputs platforms provenance pull push sbom secret-envs secret-files"
        " secrets shm-size ssh tags target ulimit"
    ),
    "docker/login-action": "ecr logout password registry registry-auth scope username",
    "docker/metadata-action": (
        "annotations bake-target context flavor github-token images labels sep-annotations"
        " sep-labels sep-tags tags"
    ),
}
_INPUTS = {action: word_set(names) for action, names in _WRITTEN.items()}
"""By action, its inputs in lower case."""
_REQUIRED = {
    **dict.fromkeys(
        ("actions/cache", "actions/cache/restore", "actions/cache/save"), ("path", "key")
    ),
    "actions/github-script": ("script",),
    "actions/upload-artifact": ("path",),
}
"""By action, those without which it fails, in every release."""
_SHORTEST = 5
"""Letters of a name that may be meant with a letter more, fewer or another."""
_ONE_LETTER = 0.9


def input_problems(step: Step) -> Iterator[tuple[Path, str]]:
    """Inputs of a well-known action that it has by another spelling, and those that it lacks."""
    known = _INPUTS.get(step.action, frozenset())
    foreign = [name for name in step.inputs if name not in known] if known else []
    choices = comparable(foreign, known)
    slips = {name: meant for name in foreign if (meant := _meant(name[:60], choices))}
    for name, meant in slips.items():
        message = f'{step.action} has no input "{name[:60]}"; did you mean {meant}?'
        yield step.input_path(name), message
    for name in _REQUIRED.get(step.action, ()):
        if name not in step.inputs and name not in slips.values():
            yield (*step.path, "uses"), f"{step.action} fails without the input {name}"


def _meant(name: str, known: Collection[str]) -> str:
    spelled = name.replace("_", "-")
    for each in (spelled, f"{spelled}s", spelled.removesuffix("s")):
        if each in known:
            return each
    return nearest(name, sorted(known), _ONE_LETTER) if len(name) >= _SHORTEST else ""
