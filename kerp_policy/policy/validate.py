"""Holding policies, profiles and configuration to their own schemas."""

from __future__ import annotations

import importlib.resources
import json
from typing import Any

from kerp_policy.artifacts.yaml import read
from kerp_policy.errors import UsageError
from kerp_policy.paths import parse_path
from kerp_policy.schema import Validator, violations


def schema(name: str) -> dict[str, Any]:
    """A schema that ships: `policy`, `profile`, `config` or `output`."""
    file = importlib.resources.files("kerp_policy") / "data" / "schemas" / f"{name}.json"
    data: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return data


def validated(text: str, schema_name: str, file: str) -> dict[str, Any]:
    """Read one YAML document and hold it to a schema.

    Raises:
        UsageError: it is no YAML or does not fit; the message names file, line and column.
    """
    stream = read(text)
    problems = [*stream.problems, *(p for d in stream.documents for p in d.problems)]
    if problems:
        raise UsageError(_at(file, problems[0].span, problems[0].message))
    if len(stream.documents) != 1:
        raise UsageError(
            f"{file}: one YAML document is expected, there are {len(stream.documents)}"
        )
    document = stream.documents[0]
    data = document.data()
    found = list(violations(Validator(schema(schema_name)), data))
    if found:  # a misspelt field is the cause of a missing one
        worst = min(found, key=lambda violation: violation.kind != "unknown")
        raise UsageError(_at(file, document.span(worst.path), worst.message))
    for path in data.get("require", ()):
        try:
            parse_path(path)
        except ValueError as error:
            raise UsageError(_at(file, document.span(("require", path)), str(error))) from None
    return dict(data)


def _at(file: str, span: tuple[int, ...], message: str) -> str:
    return f"{file}:{span[0]}:{span[1]}: {message}"
