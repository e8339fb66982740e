"""Rewriting artifacts so that they say the same: line ends, a byte order mark, another style."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable

from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_nodes import Document, Mapping, Node, Scalar
from kerp_policy.artifacts.yaml_scalars import Resolver, core, kubernetes
from kerp_policy.sources.classify import kind_by_name

YAML = ("yaml", "workflow", "action", "kustomization")
_BINDING = re.compile(rb"#!|#\s*(syntax|escape|check)\s*=", re.IGNORECASE)
"""What a first line begins with that means nothing on a second one."""
_SAFE = re.compile(r"[\w./$@%+=~^-][\w ./$@%+=~^-]*(?<! )")
"""A plain scalar that is one in flow style, too."""


def with_crlf(_path: str, data: bytes) -> bytes:
    """The lines end as on Windows."""
    return re.sub(rb"\r?\n", b"\r\n", data)


def with_bom(_path: str, data: bytes) -> bytes:
    """The file begins with a byte order mark, as Windows' editors write it."""
    return BOM_UTF8 + data.removeprefix(BOM_UTF8)


def shifted(path: str, data: bytes) -> bytes:
    """An empty line comes first, or second where the first has to be the first."""
    mark = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
    data = data.removeprefix(mark)
    first, end, rest = data.partition(b"\n")
    return mark + (first + end + b"\n" + rest if is_bound(path, data) else b"\n" + data)


def is_bound(path: str, data: bytes) -> bool:
    """Whether the first line of a file has to be the first."""
    return kind_by_name(path) in ("dockerfile", "script") and bool(_BINDING.match(data))


def in_flow_style(path: str, data: bytes) -> bytes:
    """Every document in braces and brackets on one line; its scalars stay what they were."""
    return _by_document(path, data, lambda document: _flow(document.root))


def as_json(path: str, data: bytes) -> bytes:
    """Every document as JSON, as whoever reads the file understands it."""
    return _by_document(path, data, lambda document: json.dumps(document.data(_resolver(document))))


def _resolver(document: Document) -> Resolver:
    """Kubernetes and Alertmanager take the words of YAML 1.1 for what they meant there."""
    told = document.root.entries if isinstance(document.root, Mapping) else {}
    return core if {"jobs", "runs", "groups"} & told.keys() else kubernetes


def _by_document(path: str, data: bytes, written: Callable[[Document], str]) -> bytes:
    if kind_by_name(path) not in YAML:
        return data
    stream = read(data.decode())
    problems = [*stream.problems, *(p for document in stream.documents for p in document.problems)]
    if problems or b"kerp-policy:" in data:  # what is broken, or said in a comment, would be gone
        return data
    return "".join(f"---\n{written(document)}\n" for document in stream.documents).encode()


def _flow(node: Node) -> str:
    if isinstance(node, Scalar):
        return _scalar(node)
    if isinstance(node, Mapping):
        pairs = (f"{json.dumps(key)}: {_flow(e.node)}" for key, e in node.entries.items())
        return f"{{{', '.join(pairs)}}}"
    return f"[{', '.join(map(_flow, node.items))}]"


def _scalar(node: Scalar) -> str:
    if node.style:
        return json.dumps(node.text)
    if not node.text:
        return "null"
    return node.text if _SAFE.fullmatch(node.text) else json.dumps(node.text)
