"""What a kustomization sets, and what others refer to: the ConfigMaps and Secrets it makes."""

from __future__ import annotations

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_nodes import Document
from kerp_policy.findings import Place
from kerp_policy.paths import Path, format_path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Profile
from kerp_policy.scopes.artifact import Artifact
from kerp_policy.sources.read import encoding_problem
from kerp_policy.sources.source import Source
from kerp_policy.views import View


def kustomization_artifact(source: Source, profile: Profile, assumed: str | None) -> Artifact:
    """Read a kustomization; it has one view, for its policies and for the estate.

    Args:
        source: the file.
        profile: the standard, for its environments.
        assumed: the environment of what shows none.
    """
    if problem := encoding_problem(source):
        return Artifact("kustomization", problems=[problem])
    stream = read(source.text)
    problems = [*stream.problems, *(one for each in stream.documents for one in each.problems)]
    artifact = Artifact("kustomization", problems=problems)
    artifact.views += [_view(source, each, profile, assumed) for each in stream.documents[:1]]
    return artifact


def _view(source: Source, document: Document, profile: Profile, assumed: str | None) -> View:
    data = as_dict(document.data())
    namespace = str(data["namespace"]) if data.get("namespace") else None
    environment = environment_of(profile, assumed, path=source.path, namespace=namespace)

    def locate(path: Path) -> Place:
        return Place(document.span(path), f"{source.path}#{format_path(path)}")

    facts = {"file": source.path, "namespace": namespace, "environment": environment}
    return View("kustomization", data, facts, locate)
