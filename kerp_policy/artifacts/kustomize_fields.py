"""What replacements and transformers of a kustomization set: fields that they name one by one.

Source: the kustomization reference, `replacements` (`fieldPaths` of `targets`) and `transformers`
(builtin ones, with the `fieldSpecs` of LabelTransformer and its like).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.artifacts.kustomize_overrides import Override, as_written, below, patch
from kerp_policy.paths import EACH
from kerp_policy.regex import regex

_PART = regex(r"\[[^\]]*\]|(?:\\.|[^.\[\]\\])+")
_PAIRS = {"LabelTransformer": "labels", "AnnotationsTransformer": "annotations"}


def overrides_by_field(
    path: str, data: Mapping[str, Any], files: Mapping[str, str]
) -> Iterator[Override]:
    """What a kustomization sets by its replacements and builtin transformers.

    Args:
        path: the kustomization's file.
        data: what it says.
        files: from the path of every YAML file to its text.
    """
    for entry in _entries(path, data.get("replacements"), files):
        for target in map(as_dict, as_list(entry.get("targets"))):
            chosen = as_dict(target.get("select"))
            for field in as_list(target.get("fieldPaths")):
                steps = tuple(_steps(str(field)))
                yield Override(path, _text(chosen, "kind"), _text(chosen, "name"), steps)
    for entry in _entries(path, data.get("transformers"), files):
        yield from _transformer(path, entry)


def _entries(path: str, listed: Any, files: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What is listed, whether it stands there, as text, or in a file that is named."""
    from kerp_policy.artifacts.yaml import read

    for entry in as_list(listed):
        name = entry.get("path") if isinstance(entry, dict) else entry
        if not isinstance(name, str):
            yield as_dict(entry)
            continue
        text = name if "\n" in name else files.get(below(path, name), "")
        for document in read(text).documents:
            held = document.data()
            yield from map(as_dict, held if isinstance(held, list) else [held])


def _transformer(path: str, entry: Mapping[str, Any]) -> Iterator[Override]:
    kind = entry.get("kind")
    if kind == "PatchTransformer":
        yield from patch(path, as_dict(entry.get("target")), str(entry.get("patch") or ""))
    for spec in map(as_dict, as_list(entry.get("fieldSpecs"))):
        steps = tuple(as_written(part) for part in str(spec.get("path")).split("/"))
        for name in as_dict(entry.get(_PAIRS.get(str(kind), ""))):
            yield Override(path, _text(spec, "kind"), "", (*steps, as_written(name)))


def _steps(field: str) -> Iterator[str]:
    """The steps of a path as addresses write them: `spec.containers.[name=api].image`."""
    for part in _PART.findall(field):
        key, equals, name = part.strip("[]").partition("=")
        if equals:
            yield f"[{name}]" if key == "name" else EACH
        else:
            yield EACH if key.isdigit() or key in ("*", "-") else as_written(key.replace("\\", ""))


def _text(data: Mapping[str, Any], key: str) -> str:
    return str(data.get(key) or "")
