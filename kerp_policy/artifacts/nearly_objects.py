"""What is meant to be a Kubernetes object and is none, so that no policy would look at it.

`kubectl` refuses all of these: an object without `apiVersion` or `kind`, beside others in a file or
as an item of a `List` (Kubernetes documentation, "Objects In Kubernetes", required fields).
"""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.kubernetes import is_manifest, text_of
from kerp_policy.artifacts.yaml_nodes import Document, Mapping, Node, Scalar, Sequence
from kerp_policy.artifacts.yaml_scalars import kubernetes as resolve
from kerp_policy.kubernetes.versions import served
from kerp_policy.paths import Path, format_path
from kerp_policy.sources.source import Problem
from kerp_policy.wording import nearest

_NEEDED = ("apiVersion", "kind")
_ALIKE = 0.8  # apiversion, api_version, Kind


def beside_objects(document: Document) -> Iterator[Problem]:
    """What is wrong with a document of a file that holds objects.

    Args:
        document: any of the file; `null` is skipped by `kubectl`, and a kubeconfig has both fields.
    """
    if is_manifest(document):
        yield from _lost_items(document)
    elif not _is_null(document.root):
        yield from _incomplete(document, document.root, (), "the document")


def by_itself(document: Document, version: str) -> Iterator[Problem]:
    """What is wrong with a document that looks like an object: it has metadata and one field.

    Args:
        document: of a file without objects.
        version: the Kubernetes version whose kinds are known.
    """
    if not isinstance(document.node(("metadata",)), Mapping):
        return
    version_text, kind = (text_of(document.node((key,))) for key in _NEEDED)
    kinds = served(version).kinds
    known = version_text in kinds or any(kind in each for each in kinds.values())
    if known and not (version_text and kind):
        yield from _incomplete(document, document.root, (), "the document")


def _lost_items(document: Document) -> Iterator[Problem]:
    """The items of a `List` that are no objects; one that is a list in turn is looked into."""
    waiting: list[Path] = [()]
    while waiting:
        base = waiting.pop()
        if text_of(document.node((*base, "kind"))) != "List":
            continue
        items = document.node((*base, "items"))
        for i, item in enumerate(items.items if isinstance(items, Sequence) else ()):
            path = (*base, "items", i)
            yield from _incomplete(document, item, path, format_path(path))
            waiting.append(path)


def _incomplete(document: Document, node: Node, path: Path, what: str) -> Iterator[Problem]:
    """That one of the needed fields is missing, at the key that may be meant by it."""
    if not isinstance(node, Mapping):
        message = f"{what} is no object, so kubectl refuses the file; expected apiVersion and kind"
        yield Problem("unreadable", document.span(path), message)
        return
    missing = [key for key in _NEEDED if not text_of(document.node((*path, key)))]
    if not missing:
        return
    key = missing[0]
    near = key if key in node.entries else nearest(key, node.entries, _ALIKE)
    yield Problem(
        "unreadable",
        document.span((*path, near) if near else path),
        _MESSAGES["none" if not near else "no text" if near == key else "near"].format(
            what=what, key=key, near=near
        ),
    )


_MESSAGES = {
    "none": "{what} has no {key}, so kubectl refuses the file and no policy is asked about it",
    "near": "{what} has {near} and no {key}, so kubectl refuses the file; did you mean {key}?",
    "no text": "{key} of {what} is no text, so kubectl refuses the file; expected a text",
}


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and resolve(node.text, not node.style, node.tag) is None
