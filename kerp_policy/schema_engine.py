"""JSON Schemas and patterns on an engine that takes linear time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def compiled(
    document: dict[str, Any], formats: Mapping[str, Callable[[str], bool]] | None = None
) -> Any:
    """A schema as the library compiles it.

    Args:
        document: the schema.
        formats: by the names of its formats, which texts have them; without, none decides anything.

    Raises:
        ValueError: it is no schema, or a pattern in it is no regular expression.
    """
    import jsonschema_rs  # for which most runs have no use

    return jsonschema_rs.Draft202012Validator(
        document,
        pattern_options=jsonschema_rs.RegexOptions(),
        formats=dict(formats or {}),
        validate_formats=bool(formats),
    )
