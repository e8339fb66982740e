"""What can be wrong in a policy or profile although it fits its schema."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from typing import Any

from kerp_policy.errors import FieldError, UsageError, mistakes
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.paths import Path, parse_path
from kerp_policy.policy.parameters import review_parameters, taken
from kerp_policy.policy.require import OWN_WORDS, fill_in
from kerp_policy.regex import regex
from kerp_policy.schema_engine import compiled
from kerp_policy.scopes.facts import FACTS, JOINED, WITH_PARTS
from kerp_policy.wording import suggested

# fmt: off
_KEYWORDS = frozenset({
    "type", "const", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "properties", "patternProperties",
    "additionalProperties", "propertyNames", "minProperties", "maxProperties", "required",
    "dependentRequired", "items", "prefixItems", "contains", "minContains", "maxContains",
    "minItems", "maxItems", "uniqueItems", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
    "title", "description",
})
# fmt: on
"""Those of JSON Schema 2020-12 that decide something here; `format`, which decides nothing, and
references are left out."""

_SUBSCHEMAS = frozenset({"items", "contains", "not", "if", "then", "else", "propertyNames"})
_LISTS_OF_SUBSCHEMAS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_NAMED_SUBSCHEMAS = frozenset({"properties", "patternProperties"})
_REFERENCE = regex(r"\$[a-z][a-z_]*")
_PLACEHOLDER = regex(r"\{([a-z][a-z_]*)\}")


def review_policy(data: Mapping[str, Any]) -> Iterator[FieldError]:
    """Look for what the schema `policy` cannot say.

    Yields:
        What is wrong with a path, a schema fragment, a parameter or the name of a check.
    """
    yield from mistakes(_looks(data))
    params, check = data.get("params", {}), data.get("check", "")
    is_whole = bool(check) and "params_of" not in data
    known = taken(check, data.get("takes", {}))
    yield from review_parameters(check, known, params, ("params",), is_whole=is_whole)


def _looks(data: Mapping[str, Any]) -> Iterator[Callable[[], None]]:
    """All that is looked at, each of which may raise FieldError."""
    params = data.get("params", {})
    if "params_of" not in data:  # else it is looked at once the other policy is known
        yield from _looks_by_parameters(data, params)
    for key, text in data.get("ko", {}).items():
        yield partial(_review_korean, key, text, data[key])
    for name, wanted in data.get("when", {}).items():
        yield partial(_review_fact, name, wanted, data["each"])
    kinds = JOINED if data["each"] == "estate" else ()
    for index, kind in enumerate(data.get("of", ())):
        yield partial(_known, kind, kinds, ("of", index), noted("kind of fact"))
    for name, schema in data.get("takes", {}).items():
        yield partial(_known, name, params, ("takes", name), noted("parameter"))
        yield partial(_review_words, schema, ("takes", name))
        yield partial(_review_fragment, schema, ("takes", name))
    if "check" in data:
        yield partial(_review_check, data["check"])


def review_shared(data: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[FieldError]:
    """Look for what is wrong in a policy with the parameters that another one gives it.

    Args:
        data: its words and requirements.
        params: its own parameters and those of the other.
    """
    yield from mistakes(_looks_by_parameters(data, params))


def _looks_by_parameters(
    data: Mapping[str, Any], params: Mapping[str, Any]
) -> Iterator[Callable[[], None]]:
    for key in ("title", "why", "how"):
        for name in _PLACEHOLDER.findall(data[key]):
            yield partial(_known, name, params, (key,), noted("parameter"))
    for path, spec in data.get("require", {}).items():
        yield partial(_review_requirement, path, spec, params)


def _review_check(name: str) -> None:
    from kerp_policy.checks import find_check

    try:
        find_check(name)
    except UsageError as error:
        raise FieldError(("check",), str(error)) from None


def _review_korean(key: str, text: str, english: str) -> None:
    """The Korean words name the parameters that the English ones name."""
    ours, theirs = (set(_PLACEHOLDER.findall(words)) for words in (text, english))
    if ours != theirs:
        named = ", ".join(f"{{{name}}}" for name in sorted(ours ^ theirs))
        message = _("{key} has {names} in one language only")
        raise FieldError(("ko", key), message.format(key=key, names=named))


def _review_fact(text: str, wanted: Any, each: str) -> None:
    """A fact that no thing of the scope has would keep the policy silent for ever."""
    at: Path = ("when", text)
    name, *parts = _steps(text, at)
    _known(str(name), FACTS[each], at, noted("fact of {scope}"), each)
    if parts and name not in WITH_PARTS:
        raise FieldError(at, _("the fact {name!r} has no parts").format(name=name))
    if isinstance(wanted, dict):
        _review_words(wanted, at)
        _review_fragment(wanted, at)


def _steps(text: str, at: Path) -> Path:
    try:
        return parse_path(text) or ("",)
    except ValueError as error:
        raise FieldError(at, str(error)) from None


def _review_requirement(text: str, spec: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    at: Path = ("require", text)
    _steps(text, at)
    for name, path in _references(spec, at):
        _known(name, params, path, noted("parameter"))
    own = {key: part for key, part in spec.items() if key not in OWN_WORDS}
    _review_words(own, at)
    _review_fragment(fill_in(own, params), at)


def review_params(
    requirements: Mapping[str, Any], params: Mapping[str, Any], own: Mapping[str, Any], at: Path
) -> None:
    """Look whether a policy's schemas are still schemas with the parameters that a profile sets.

    Args:
        requirements: `require` of the policy.
        params: its defaults.
        own: what the profile sets.
        at: where the profile does.

    Raises:
        FieldError: a parameter makes no schema, such as a pattern that is no regular expression.
    """
    for spec in requirements.values():
        schema = {key: part for key, part in spec.items() if key not in OWN_WORDS}
        named = [name for name, _path in _references(schema, ()) if name in own]
        if not named or schema.keys() <= {"const", "enum"}:  # which take any value
            continue
        try:
            _review_fragment(fill_in(schema, {**params, **own}), ())
        except FieldError as error:
            message = _("{name}: with it the policy {why}").format(name=named[0], why=error)
            raise FieldError((*at, named[0]), message) from None


def _review_words(schema: Mapping[str, Any], at: Path) -> None:
    for key, path in _keywords(schema, at):
        _known(key, _KEYWORDS, path, noted("word of a schema"))


def _references(spec: Any, at: Path) -> Iterator[tuple[str, Path]]:
    """Every `$name` in a requirement, with its place."""
    if isinstance(spec, str) and _REFERENCE.fullmatch(spec):
        yield spec[1:], at
    elif isinstance(spec, dict):
        for key, part in spec.items():
            yield from _references(part, (*at, key))
    elif isinstance(spec, list):
        for index, part in enumerate(spec):
            yield from _references(part, (*at, index))


def _keywords(schema: Any, at: Path) -> Iterator[tuple[str, Path]]:
    """Every keyword of a schema and of those in it, with its place."""
    if not isinstance(schema, dict):
        return
    for key, part in schema.items():
        yield key, (*at, key)
        if key in _SUBSCHEMAS or key == "additionalProperties":
            yield from _keywords(part, (*at, key))
        elif key in _LISTS_OF_SUBSCHEMAS and isinstance(part, list):
            for index, item in enumerate(part):
                yield from _keywords(item, (*at, key, index))
        elif key in _NAMED_SUBSCHEMAS and isinstance(part, dict):
            for name, item in part.items():
                yield from _keywords(item, (*at, key, name))


def _review_fragment(fragment: dict[str, Any], at: Path) -> None:
    """Hold a fragment to JSON Schema's own schema, and have its patterns compiled."""
    import jsonschema_rs

    if not jsonschema_rs.meta.is_valid({**fragment, "$schema": _DRAFT}):
        raise FieldError(*_explained(fragment, at))
    try:
        compiled(fragment)
    except ValueError as error:
        why = str(error).partition("\n")[0]
        raise FieldError(at, _("is no usable schema: {why}").format(why=why)) from None


_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def _explained(fragment: dict[str, Any], at: Path) -> tuple[Path, str]:
    """What is wrong with a fragment, in the words of jsonschema's best match."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(fragment))
    if error is None:
        return at, _("is no JSON Schema")
    message = _("is no JSON Schema: {why}").format(why=error.message)
    return (*at, *error.absolute_path), message


def _known(name: str, choices: Collection[str], path: Path, what: str, scope: str = "") -> None:
    if name in choices:
        return
    message, kind = _("there is no {what} {name!r}{hint}"), _(what).format(scope=scope)
    told = message.format(what=kind, name=name, hint=suggested(name, choices))
    raise FieldError(path, told)
