"""From a source to an artifact: one reader a kind."""

from __future__ import annotations

from collections.abc import Callable

from kerp_policy.scopes.artifact import UNRENDERED, Artifact
from kerp_policy.scopes.context import Context
from kerp_policy.sources.classify import (
    kind_by_name,
    may_be_manifest,
    may_become_artifact,
    needs_first_line,
)
from kerp_policy.sources.read import encoding_problem
from kerp_policy.sources.source import Source


def read_artifact(source: Source, context: Context, kind: str | None = None) -> Artifact:
    """Read a source as what it is.

    Args:
        source: the file.
        context: what other files say about it.
        kind: what it is, where its name does not tell.
    """
    kind = kind or kind_by_name(source.path)
    if not kind or not may_be_manifest(kind, source.data):
        return Artifact("")
    return READERS[kind](source, context)


def _template(source: Source, context: Context) -> Artifact:
    name = source.path.rpartition("/")[2]
    is_yaml = ".yaml." in name or ".yml." in name
    if is_yaml and not may_become_artifact(source.data):
        return Artifact("")
    return Artifact("template", not_judged=UNRENDERED)


def _kustomization(source: Source, context: Context) -> Artifact:
    if _holds_objects(source):
        return _yaml(source, context)
    from kerp_policy.scopes.kustomize import kustomization_artifact

    return kustomization_artifact(source, context.profile, context.assumed)


def _yaml(source: Source, context: Context) -> Artifact:
    if reason := context.not_judged(source.path):
        if source.path not in context.kustomize.patches:
            return Artifact("template", not_judged=reason)
        from kerp_policy.scopes.patches import patch_artifact

        return patch_artifact(source, context, reason)
    if problem := encoding_problem(source):
        return Artifact("yaml", problems=[problem])
    from kerp_policy.scopes.manifests import manifest_artifact

    return manifest_artifact(source, context)


def _holds_objects(source: Source) -> bool:
    """Whether a kustomization.yaml is one of another program, as Flux's object of that name is."""
    if b"apiVersion" not in source.data or b"kustomize.config.k8s.io" in source.data:
        return False
    from kerp_policy.artifacts.kubernetes import is_manifest
    from kerp_policy.artifacts.yaml import read

    return any(map(is_manifest, read(source.text).documents))


def _dockerfile(source: Source, context: Context) -> Artifact:
    from kerp_policy.scopes.dockerfile import dockerfile_artifact

    return dockerfile_artifact(source, context.profile, context.assumed)


def _dockerignore(source: Source, context: Context) -> Artifact:
    from kerp_policy.scopes.dockerignore import dockerignore_artifact

    return dockerignore_artifact(source, context.profile, context.assumed)


def _workflow(source: Source, context: Context) -> Artifact:
    from kerp_policy.scopes.workflow import workflow_artifact

    return workflow_artifact(source, context.profile, context.assumed)


def _action(source: Source, context: Context) -> Artifact:
    from kerp_policy.scopes.workflow import action_artifact

    if b"runs" not in source.data:  # another file of the name
        return _yaml(source, context)
    return action_artifact(source, context.profile, context.assumed)


def _script(source: Source, context: Context) -> Artifact:
    from kerp_policy.scopes.script import script_artifact

    if needs_first_line(source.path) and not source.text.startswith("#!"):
        return Artifact("")
    return script_artifact(source, context.profile, context.assumed)


READERS: dict[str, Callable[[Source, Context], Artifact]] = {
    "template": _template,
    "kustomization": _kustomization,
    "yaml": _yaml,
    "json": _yaml,
    "dockerfile": _dockerfile,
    "dockerignore": _dockerignore,
    "script": _script,
    "workflow": _workflow,
    "action": _action,
}
