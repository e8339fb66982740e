"""Data held to a JSON Schema: every violation at its place, in plain words.

One mechanism for Kubernetes objects and for our own policies, profiles and configuration.
jsonschema-rs finds the violations; what was meant instead is looked up in the schema here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from kerp_policy.paths import Path, format_path
from kerp_policy.regex import regex
from kerp_policy.schema_engine import compiled
from kerp_policy.schema_hints import Document, suggestion
from kerp_policy.wording import TYPES, nearest, shown

_MOST = 100
"""Violations reported of one document: nobody reads more, and hostile input has millions."""

_WORDS = {
    "const": "{expected_value}",
    "enum": "one of {options}",
    "pattern": "a string that matches {pattern}",
    "minimum": "at least {limit}",
    "maximum": "at most {limit}",
    "exclusiveMinimum": "more than {limit}",
    "exclusiveMaximum": "less than {limit}",
    "multipleOf": "a multiple of {multiple_of}",
    "minLength": "at least {limit} characters",
    "maxLength": "at most {limit} characters",
    "minItems": "at least {limit} items",
    "maxItems": "at most {limit} items",
    "minProperties": "at least {limit} fields",
    "maxProperties": "at most {limit} fields",
    "uniqueItems": "no item twice",
}
_NOT_EMPTY = {"minItems": "item", "minProperties": "field"}
# A step of a path with one of these words may lead to a secret, so its value is not shown.
_PRIVATE = regex(
    r"pass|pwd|secret|token|key|cred|auth|private|cert|(?<!meta)data|value|args|command|url|dsn"
    r"|annotation",
    re.IGNORECASE,
)
_LONGEST = 40
_FEW = 6  # options that are worth reading where one of them was probably meant


class Violation(NamedTuple):
    """One way in which data breaks its schema.

    Attributes:
        path: the offending field; of a missing field, where it should stand.
        kind: `unknown`, `required`, or JSON Schema's own word (`type`, `enum`, `pattern`, …).
        message: for the user; shows no long value and none that may be secret.
    """

    path: Path
    kind: str
    message: str


class Format(NamedTuple):
    """What a schema means by a `format`: in words, and which texts have it."""

    words: str
    holds: Callable[[str], bool]


class Validator:
    """A schema, compiled when it is first used.

    Patterns run on a linear-time engine, so no pattern of a user's schema can hang the run.
    """

    def __init__(self, document: Document, formats: Mapping[str, Format] | None = None) -> None:
        """Keep it.

        Args:
            document: the schema.
            formats: what its formats mean, by their names; without them none decides anything.
        """
        self.document, self.formats = document, formats or {}

    @cached_property
    def compiled(self) -> Any:
        """The library's own validator."""
        holds = {name: each.holds for name, each in self.formats.items()}
        return compiled(self.document, holds)


def violations(validator: Validator, data: Any) -> Iterator[Violation]:
    """What is wrong with data, at most a hundred violations, one a place and kind.

    Args:
        validator: the schema.
        data: plain dicts with string keys, lists, strings, numbers, booleans and None.
    """
    try:
        found = list(islice(_distinct(validator, data), _MOST))
        typed = {each.path for each in found if each.kind == "type"}  # so it is no option, either
        yield from (each for each in found if each.kind != "enum" or each.path not in typed)
    except ValueError:  # nested beyond the library's bound, or text that has no UTF-8 form
        yield Violation((), "data", "nested too deeply, or it holds half a surrogate pair")


def _distinct(validator: Validator, data: Any) -> Iterator[Violation]:
    seen = set()
    for error in validator.compiled.iter_errors(data):
        for violation in _violations_of(error, validator):
            if violation[:2] not in seen:
                seen.add(violation[:2])
                yield violation


def _violations_of(error: Any, validator: Validator) -> Iterator[Violation]:
    path, kind, facts = tuple(error.instance_path), error.kind.name, error.kind.as_dict()
    if "unexpected" in facts:
        for key in facts["unexpected"]:
            message = f"unknown field {_quoted(key)}{_within(path)}"
            hint = suggestion(validator.document, path, key)
            yield Violation((*path, key), "unknown", message + hint)
    elif kind == "required":
        missing = facts["property"]
        message = f"required field {_quoted(missing)} is missing{_within(path)}"
        yield Violation((*path, missing), kind, message)
    elif kind == "propertyNames":
        yield Violation(path, kind, f"a key{_within(path)} does not fit: {facts['error'].message}")
    else:
        if kind == "format":
            expected = f"expected {validator.formats[facts['format']].words}"
        else:
            expected = _expected(error, facts)
        message = f"{_name(path)} {_shown(path, error.instance, kind)}; {expected}"
        yield Violation(path, kind, message)


def _expected(error: Any, facts: dict[str, Any]) -> str:
    kind = error.kind.name
    if types := _types(error, facts):
        return "expected " + " or ".join(TYPES[name] for name in types)
    if kind not in _WORDS:
        return "expected one of the forms that it may have"
    options = facts.get("options", ())
    meant = _meant(error.instance, options)
    if meant and len(options) > _FEW:
        return meant
    if kind in _NOT_EMPTY and facts["limit"] == 1:
        return f"expected at least one {_NOT_EMPTY[kind]}"
    words = {key: _listed(value) for key, value in facts.items()}
    return f"expected {_WORDS[kind].format(**words)}" + (f"; {meant}" if meant else "")


def _meant(value: Any, options: Iterable[Any]) -> str:
    """The option that a misspelt word comes nearest to."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return ""
    words = [option for option in options if isinstance(option, str)]
    same = [word for word in words if word.lower() == value.lower()]
    near = same[0] if same else nearest(value, words)
    return f"did you mean {near}?" if near else ""


def _types(error: Any, facts: dict[str, Any]) -> list[str]:
    """The types that would do, for a wrong type and where every alternative is a wrong type."""
    if error.kind.name == "type":
        return _expected_types(facts["types"])
    branches = [branch[0] for branch in facts.get("context", ()) if branch]
    if any((b.kind.name, b.instance_path) != ("type", error.instance_path) for b in branches):
        return []
    return [name for name in TYPES if any(name in b.kind.as_dict()["types"] for b in branches)]


def _expected_types(types: Iterable[str]) -> list[str]:
    """The types in the order of `TYPES`; where any scalar will do, a string stands for them."""
    others = {"null", "number", "boolean"} if {"string", "boolean"} <= set(types) else {"null"}
    return [name for name in TYPES if name in types and name not in others]


def _listed(value: Any) -> str:
    if isinstance(value, list):
        words = [str(one) for one in value if one is not None]
        return ", ".join(words[:20]) + (", …" if len(words) > 20 else "")
    return str(value)


def _name(path: Path) -> str:
    """The field in short: its last key, with the position where it is a list's item."""
    plain = path and isinstance(path[-1], str) and path[-1].replace("-", "").isidentifier()
    short = path[-1:] if plain else path[-2:]
    return _clipped(format_path(short)) or "the document"


def _within(path: Path) -> str:
    return f" in {_name(path)}" if path else ""


def _shown(path: Path, value: Any, kind: str) -> str:
    is_private = any(isinstance(step, str) and _PRIVATE.search(step) for step in path)
    is_shown = (
        not is_private and isinstance(value, str | int | float) and len(str(value)) <= _LONGEST
    )
    if value is None or (kind in _NOT_EMPTY and not value):
        return "is empty"
    if kind == "type":
        return f"is {_type_of(value)}" + (f" ({shown(value)})" if is_shown else "")
    return f"is {shown(value)}" if is_shown else "does not fit"


def _type_of(value: Any) -> str:
    names = {bool: "a boolean", dict: "a mapping", list: "a list", str: "a string"}
    return names.get(type(value), "a number")


def _quoted(key: str) -> str:
    return f'"{_clipped(key)}"'


def _clipped(text: str) -> str:
    return text if len(text) <= 2 * _LONGEST else "…" + text[1 - 2 * _LONGEST :]
