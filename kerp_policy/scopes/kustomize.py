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
from kerp_policy.sources.source import START, Source, Span
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
        for node in _patches(document):
            patches, lines = _read(node, source.lines)
            artifact.views += part_views(patches, source.path, lines, profile, view.environment)
    return artifact


class _Quoted(Document):
    """A patch that does not stand in the file as it reads: all of it is where the text is."""

    whole: Span = START

    def span(self, path: Path) -> Span:
        """Where the text is written."""
        return self.whole

    def beginning(self, path: Path) -> Span:
        """Where the text begins."""
        return Span(*self.whole.start, *self.whole.start)


def _patches(document: Document) -> Iterator[Scalar]:
    """The texts of the patches in a kustomization."""
    data = as_dict(document.data())
    entries, merges = (as_list(data.get(key)) for key in ("patches", "patchesStrategicMerge"))
    paths: list[Path] = [("patches", i, "patch") for i in range(len(entries))]
    paths += [("patchesStrategicMerge", i) for i in range(len(merges))]
    return (node for node in map(document.node, paths) if isinstance(node, Scalar))


def _read(node: Scalar, lines: list[str]) -> tuple[list[Document], list[str]]:
    """What a text says, and the lines in which it stands as it reads.

    That of a literal block is read with as much before it as in the file, so that every place in
    it is its place in the file.
    """
    if node.style == "|":
        first = node.span.line
        last = first + node.text.rstrip("\n").count("\n")
        return read("\n" * first + "\n".join(lines[first : last + 1])).documents, lines
    found = read(node.text).documents
    return [_Quoted(each.root, each.problems, each.merges, node.span) for each in found], []


def _view(source: Source, document: Document, profile: Profile, assumed: str | None) -> View:
    data = as_dict(document.data())
    namespace = str(data["namespace"]) if data.get("namespace") else None
    environment = environment_of(profile, assumed, path=source.path, namespace=namespace)

    def locate(path: Path) -> Place:
        return Place(document.span(path), f"{source.path}#{format_path(path)}")

    facts = {"file": source.path, "namespace": namespace, "environment": environment}
    return View("kustomization", data, facts, locate)
