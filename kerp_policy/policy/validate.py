"""Holding policies, profiles and configuration to their own schemas, and saying where they fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_nodes import Document
from kerp_policy.errors import FieldError, UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.paths import Path as Steps
from kerp_policy.policy.text import text_of
from kerp_policy.schema import Validator, violations
from kerp_policy.shipped import DATA
from kerp_policy.views import lookup

Review = Callable[[dict[str, Any]], Iterator[FieldError]]
"""Every mistake that a schema cannot tell."""


def schema(name: str) -> dict[str, Any]:
    """A schema that ships, by its file's name: `policy`, `profile`, `config`, `expected`, …."""
    data: dict[str, Any] = json.loads((DATA / "schemas" / f"{name}.json").read_text("utf-8"))
    return data


def validated(
    text: str, schema_name: str, file: str, review: Review | None = None
) -> dict[str, Any]:
    """Read one YAML document, hold it to a schema, and to what its schema cannot say.

    Raises:
        UsageError: it is no YAML or does not fit; the message names file, line and column of each
            mistake, one a line.
    """
    document = _document(text, file)
    data = document.data()
    mistakes = _mistakes(schema_name, data) or list(review(data) if review else ())
    if mistakes:
        mistakes.sort(key=lambda mistake: document.span(mistake.path).start)
        raise UsageError("\n".join(_at(file, document, mistake) for mistake in mistakes))
    return dict(data)


def located(text: str, file: str, error: FieldError) -> UsageError:
    """The mistake with the place that it has in a file's text."""
    return UsageError(_at(file, _document(text, file), error))


def located_among(files: Sequence[tuple[Path, Any]], error: FieldError) -> UsageError:
    """The mistake at its place in the last of the files that has this place.

    Args:
        files: each with its data, the one that counts most last.
        error: the mistake.
    """
    having = [file for file, data in files if _has(data, error.path)]
    file = having[-1] if having else files[-1][0]
    return located(text_of(file), str(file), error)


def _has(data: Any, path: Steps) -> bool:
    parent = lookup(data, path[:-1])
    if isinstance(parent, list):
        return isinstance(path[-1], int) and path[-1] < len(parent)
    return isinstance(parent, dict) and path[-1] in parent


def _mistakes(schema_name: str, data: Any) -> list[FieldError]:
    """How data breaks its schema, without what only follows from another violation.

    A misspelt field is the cause of a missing one beside it, and any violation that of a form that
    does not fit.
    """
    found = list(violations(Validator(schema(schema_name)), data))
    misspelt = {violation.path[:-1] for violation in found if violation.kind == "unknown"}
    causes = [
        violation
        for violation in found
        if violation.kind not in ("oneOf", "anyOf")
        and not (violation.kind == "required" and violation.path[:-1] in misspelt)
    ]
    return [FieldError(violation.path, violation.message) for violation in causes or found]


def _document(text: str, file: str) -> Document:
    stream = read(text)
    problems = [*stream.problems, *(p for d in stream.documents for p in d.problems)]
    if problems:
        line, column = problems[0].span.start
        raise UsageError(f"{file}:{line}:{column}: {problems[0].message}")
    if not stream.documents:
        raise UsageError(f"{file}:1:1: {_('is empty; expected one YAML document')}")
    if stream.documents[1:]:
        line, column = stream.documents[1].span(()).start
        message = _("expected one YAML document, not {count}").format(count=len(stream.documents))
        raise UsageError(f"{file}:{line}:{column}: {message}")
    return stream.documents[0]


def _at(file: str, document: Document, error: FieldError) -> str:
    line, column = document.span(error.path).start
    return f"{file}:{line}:{column}: {error}"
