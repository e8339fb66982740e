"""What a kustomization sets, by itself and by patches in it, and what it makes for others."""

from __future__ import annotations

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.artifacts.kustomize import namespace_of
from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_nodes import Document
from kerp_policy.findings import Place
from kerp_policy.paths import Path, format_path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Profile
from kerp_policy.scopes.artifact import Artifact
from kerp_policy.scopes.patches import inner_views
from kerp_policy.sources.read import encoding_problem
from kerp_policy.sources.source import Source
from kerp_policy.views import View


def kustomization_artifact(source: Source, profile: Profile, assumed: str | None) -> Artifact:
    """Read a kustomization; beside the view of itself it has those of the patches in it.

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
    for document in stream.documents[:1]:
        view = _view(source, document, profile, assumed)
        artifact.views.append(view)
        artifact.views += inner_views(document, source, profile, view.environment)
    return artifact


def _view(source: Source, document: Document, profile: Profile, assumed: str | None) -> View:
    data = as_dict(document.data())
    namespace = namespace_of(data)
    environment = environment_of(profile, assumed, path=source.path, namespace=namespace)

    def locate(path: Path) -> Place:
        return Place(document.span(path), f"{source.path}#{format_path(path)}")

    facts = {"file": source.path, "namespace": namespace, "environment": environment}
    return View("kustomization", data, facts, locate)
