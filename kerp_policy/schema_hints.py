"""What a field that a schema does not know was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.paths import Path, format_path
from kerp_policy.wording import nearest

Document = dict[str, Any]
"""A JSON Schema whose references all lead to its own `$defs`."""

_LONGEST = 64  # of a key worth comparing: no field of any schema is longer
_DEEPEST = 4  # spec.jobTemplate.spec.template.spec: the farthest that fields are misplaced upwards


def suggestion(document: Document, path: Path, key: str) -> str:
    """Words that continue "unknown field …": another spelling, or where the field belongs.

    Args:
        document: the schema.
        path: the mapping that holds the unknown field.
        key: the field.

    Returns:
        Nothing where there is no likely meaning.
    """
    if len(key) > _LONGEST:
        return ""
    trail = _trail(document, path)
    known = _properties(trail[-1])
    same = [name for name in known if name.lower() == key.lower()]
    place = None if same else _elsewhere(document, trail, path, key)
    if place is not None:
        return f"; it belongs in {format_path(place) or 'the top level'}"
    near = same[0] if same else nearest(key, known)
    return f"; did you mean {near}?" if near else ""


def _trail(document: Document, path: Path) -> list[Document]:
    """The schema of the root, then of each step of a path; empty where the schema is silent."""
    trail = [_resolved(document, document)]
    for step in path:
        trail.append(_child(document, trail[-1], step))
    return trail


def _child(document: Document, schema: Document, step: str | int) -> Document:
    if isinstance(step, int):
        return _resolved(document, schema.get("items"))
    properties = _properties(schema)
    return _resolved(document, properties.get(step, schema.get("additionalProperties")))


def _resolved(document: Document, schema: Any) -> Document:
    """A schema behind its references; more than a few in a row are a loop."""
    for _ in range(8):
        if not isinstance(schema, dict):
            return {}
        if "$ref" not in schema:
            return schema
        schema = document.get("$defs", {}).get(str(schema["$ref"]).removeprefix("#/$defs/"))
    return {}


def _properties(schema: Document) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _elsewhere(document: Document, trail: list[Document], path: Path, key: str) -> Path | None:
    above = _above(document, trail, path, key)
    if above is not None:
        return above
    below = _below(document, trail[-1], key)
    return None if below is None else (*path, *below)


def _above(document: Document, trail: list[Document], path: Path, key: str) -> Path | None:
    """The nearest mapping around, or its field of the same name as ours, that knows the key.

    `securityContext.fsGroup` of a container belongs to the pod's `securityContext`.
    """
    for depth in range(len(path) - 1, -1, -1):
        if key in _properties(trail[depth]):
            return path[:depth]
        namesake = _child(document, trail[depth], path[-1]) if isinstance(path[-1], str) else {}
        if depth < len(path) - 1 and key in _properties(namesake):
            return (*path[:depth], path[-1])
    return None


def _below(document: Document, schema: Document, key: str) -> Path | None:
    """The only mapping at the least depth below that knows the key; none where two do."""
    level: list[tuple[Path, Document]] = [((), schema)]
    for _ in range(_DEEPEST):
        level = [child for path, parent in level for child in _mappings(document, path, parent)]
        found = [path for path, child in level if key in _properties(child)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _mappings(document: Document, path: Path, schema: Document) -> Iterator[tuple[Path, Document]]:
    for name, part in _properties(schema).items():
        child = _resolved(document, part)
        if _properties(child):
            yield (*path, name), child
