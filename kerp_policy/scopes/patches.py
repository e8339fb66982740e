"""What patches of kustomizations set: files of their own, and texts in a kustomization.

A patch is part of an object. Its views are marked so, and nothing is said of what it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from kerp_policy.artifacts.json_patch import patched
from kerp_policy.artifacts.kubernetes import (
    KubernetesObject,
    as_dict,
    as_list,
    is_manifest,
    objects,
)
from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_nodes import Document, Scalar, Sequence
from kerp_policy.i18n import Told
from kerp_policy.paths import Path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Profile
from kerp_policy.scopes.artifact import Artifact
from kerp_policy.scopes.context import Context
from kerp_policy.scopes.kubernetes import kubernetes_views
from kerp_policy.sources.read import encoding_problem
from kerp_policy.sources.source import START, Source, Span
from kerp_policy.views import View, lookup


def patch_artifact(source: Source, context: Context, reason: Told) -> Artifact:
    """Read a file that a kustomization applies to objects.

    Args:
        source: the file.
        context: what other files say about it.
        reason: why it is not judged as a whole.
    """
    if problem := encoding_problem(source):
        return Artifact("patch", problems=[problem])
    stream = read(source.text)
    applied, profile = context.kustomize.patches[source.path], context.profile
    file, namespace = applied.kustomization, applied.namespace
    environment = environment_of(profile, context.assumed, path=file, namespace=namespace)
    things = _things(stream.documents, applied.target, source.lines)
    views = list(_views(things, source.path, profile, environment))
    problems = [*stream.problems, *(one for each in stream.documents for one in each.problems)]
    return Artifact("patch", views=views, problems=problems, not_judged=reason)


def inner_views(
    document: Document, source: Source, profile: Profile, environment: str | None
) -> Iterator[View]:
    """The views of the patches whose texts are in a kustomization.

    Args:
        document: the kustomization.
        source: its file.
        profile: the standard, for its environments and versions.
        environment: that of the kustomization, which what it applies has, too.
    """
    for text, target in _texts(document):
        documents, lines = _read(text, source.lines)
        things = _things(documents, target, lines)
        yield from _views(things, source.path, profile, environment)


def _things(
    documents: Iterable[Document], target: Mapping[str, Any], lines: list[str]
) -> Iterator[KubernetesObject]:
    """The parts of objects: of one that a patch names, or of the target of a JSON patch."""
    for document in documents:
        if is_manifest(document):
            yield from objects([document], lines)
        elif isinstance(document.root, Sequence) and (thing := patched(document, target, lines)):
            yield thing


def _views(
    things: Iterable[KubernetesObject], file: str, profile: Profile, assumed: str | None
) -> Iterator[View]:
    for thing in things:
        for view in kubernetes_views(thing, file, profile, assumed):
            yield replace(view, is_part=True, facts={**view.facts, "patch": True})


def _texts(document: Document) -> Iterator[tuple[Scalar, dict[str, Any]]]:
    """The texts of the patches in a kustomization, each with its target."""
    data = as_dict(document.data())
    places: dict[str, Path] = {
        "patches": ("patch",),
        "patchesJson6902": ("patch",),
        "patchesStrategicMerge": (),
    }
    for key, below in places.items():
        for i, entry in enumerate(as_list(data.get(key))):
            node = document.node((key, i, *below))
            if isinstance(node, Scalar):
                yield node, as_dict(lookup(entry, ("target",)))


class _Quoted(Document):
    """A patch that does not stand in the file as it reads: all of it is where the text is."""

    whole: Span = START

    def span(self, path: Path) -> Span:
        """Where the text is written."""
        return self.whole

    def beginning(self, path: Path) -> Span:
        """Where the text begins."""
        return Span(*self.whole.start, *self.whole.start)


def _read(text: Scalar, lines: list[str]) -> tuple[list[Document], list[str]]:
    """What a text says, and the lines in which it stands as it reads.

    That of a literal block is read with as much before it as in the file, so that every place in
    it is its place in the file.
    """
    if text.style == "|":
        first = text.span.line
        last = first + text.text.rstrip("\n").count("\n")
        block = "\n" * first + "\n".join(lines[first : last + 1])
        return read(block).documents, lines
    found = read(text.text).documents
    quoted = [_Quoted(each.root, each.problems, each.merges, text.span) for each in found]
    return [*quoted], []
