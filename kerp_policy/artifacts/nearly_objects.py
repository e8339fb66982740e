"""What is meant to be a Kubernetes object and is none, so that no policy would look at it.

`kubectl` refuses all of these: an object without `apiVersion` or `kind`, beside others in a file or
as an item of a `List` (Kubernetes documentation, "Objects In Kubernetes", required fields), and a
bare list of objects, which it cannot decode as one (k8s.io/apimachinery, UnstructuredJSONScheme).
"""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.kubernetes import is_manifest, text_of
from kerp_policy.artifacts.yaml_nodes import Document, Mapping, Node, Scalar, Sequence
from kerp_policy.artifacts.yaml_scalars import kubernetes as resolve
from kerp_policy.kubernetes.versions import served
from kerp_policy.paths import Path, format_path
from kerp_policy.regex import regex
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
    """What is wrong with a document that looks like an object, or like a list of them.

    Args:
        document: of a file without objects; one that is meant has metadata and a field.
        version: the Kubernetes version whose kinds are known; empty where none is.
    """
    if _lists_objects(document):
        yield Problem("unreadable", document.span(()), _A_LIST)
    elif not version or not isinstance(document.node(("metadata",)), Mapping):
        return
    elif not is_manifest(document) and _is_meant(document, version):
        yield from _incomplete(document, document.root, (), "the document")


def _lists_objects(document: Document) -> bool:
    """Whether it lists whole objects; other data may name kinds and versions, too."""
    if not isinstance(document.root, Sequence):
        return False
    paths: list[Path] = [(i,) for i in range(len(document.root.items))]
    return any(
        isinstance(document.node((*path, "metadata")), Mapping)
        and all(text_of(document.node((*path, key))) for key in _NEEDED)
        for path in paths
    )


def _is_meant(document: Document, version: str) -> bool:
    """Whether an object is meant: by both fields, by a kind of Kubernetes, or by an API group."""
    fields = [document.node((key,)) for key in _NEEDED]
    if all(fields) and any(map(text_of, fields)):
        return True
    version_text, kind = map(text_of, fields)
    kinds = served(version).kinds
    named = isinstance(document.node(("metadata", "name")), Scalar)
    return (
        version_text in kinds
        or any(kind in each for each in kinds.values())
        or (named and bool(_GROUP_VERSION.fullmatch(version_text)))
    )


_GROUP_VERSION = regex(r"[a-z0-9-]+(\.[a-z0-9-]+)+/v[0-9]+((alpha|beta)[0-9]+)?")


def _lost_items(document: Document) -> Iterator[Problem]:
    """The items of lists that are no objects; one that is a list in turn is looked into."""
    waiting: list[Path] = [()]
    while waiting:
        base = waiting.pop()
        kind, items = text_of(document.node((*base, "kind"))), document.node((*base, "items"))
        if not kind.endswith("List") or not isinstance(items, Sequence):
            continue
        for i, item in enumerate(items.items):
            path = (*base, "items", i)
            if kind == "List" or _is_half_typed(document, path):
                yield from _incomplete(document, item, path, format_path(path))
            waiting.append(path)


def _is_half_typed(document: Document, path: Path) -> bool:
    """Whether an item of a typed list names one of the fields; with neither it is of its kind."""
    is_object = isinstance(document.node((*path, "metadata")), Mapping)
    return is_object and any(text_of(document.node((*path, key))) for key in _NEEDED)


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


_A_LIST = (
    "the document is a list of objects, so kubectl refuses the file and no policy is asked about "
    "them; expected a document each, or kind: List with items"
)
_MESSAGES = {
    "none": "{what} has no {key}, so kubectl refuses the file and no policy is asked about it",
    "near": "{what} has {near} and no {key}, so kubectl refuses the file; did you mean {key}?",
    "no text": "{key} of {what} is no text, so kubectl refuses the file; expected a text",
}


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and resolve(node.text, not node.style, node.tag) is None
