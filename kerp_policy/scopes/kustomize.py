"""What a kustomization sets, by itself and by patches in it, and what it makes for others."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_nodes import Document, Scalar
from kerp_policy.findings import Place
from kerp_policy.paths import Path, format_path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Profile
from kerp_policy.scopes.artifact import Artifact
from kerp_policy.scopes.kubernetes import part_views
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
        artifact.views.append(_view(source, document, profile, assumed))
        patches = [patch for text in _patches(source, document) for patch in read(text).documents]
        artifact.views += part_views(patches, source, profile, assumed)
    return artifact


def _patches(source: Source, document: Document) -> Iterator[str]:
    """The patches in literal blocks, each with as much before it as in the file.

    So every place in one is its place in the file.
    """
    data = as_dict(document.data())
    entries, merges = (as_list(data.get(key)) for key in ("patches", "patchesStrategicMerge"))
    paths: list[Path] = [("patches", i, "patch") for i in range(len(entries))]
    paths += [("patchesStrategicMerge", i) for i in range(len(merges))]
    for node in map(document.node, paths):
        if isinstance(node, Scalar) and node.style == "|":
            header, lines = node.span.line, node.text.rstrip("\n").count("\n") + 1
            yield "\n" * header + "\n".join(source.lines[header : header + lines])


def _view(source: Source, document: Document, profile: Profile, assumed: str | None) -> View:
    data = as_dict(document.data())
    namespace = str(data["namespace"]) if data.get("namespace") else None
    environment = environment_of(profile, assumed, path=source.path, namespace=namespace)

    def locate(path: Path) -> Place:
        return Place(document.span(path), f"{source.path}#{format_path(path)}")

    facts = {"file": source.path, "namespace": namespace, "environment": environment}
    return View("kustomization", data, facts, locate)
