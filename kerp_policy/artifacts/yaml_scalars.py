"""What a scalar means: the YAML 1.2 core schema, and YAML 1.1 as Kubernetes reads it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from kerp_policy.regex import regex

Resolver = Callable[[str, bool, str | None], Any]
"""From text, whether it is plain (unquoted), and an explicit tag, to the value."""

_TAG = "tag:yaml.org,2002:"
_TAGGED: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_TRUE_1_1 = _TRUE | {"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"}
_FALSE_1_1 = _FALSE | {"n", "N", "no", "No", "NO", "off", "Off", "OFF"}
_BEGINS_A_NUMBER = "+-.0123456789"
_DECIMAL = regex(r"[-+]?[0-9]{1,300}")
_BASED = regex(r"0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_FLOAT = regex(r"[-+]?(\.[0-9]{1,300}|[0-9]{1,300}(\.[0-9]{0,300})?)([eE][-+]?[0-9]{1,4})?")
_SPECIAL = regex(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_OCTAL_1_1 = regex(r"[-+]?0[0-7]{1,300}")
_BINARY_1_1 = regex(r"[-+]?0b[01]{1,300}")


def core(text: str, plain: bool, tag: str | None) -> Any:
    """A scalar by the YAML 1.2 core schema (YAML 1.2.2, section 10.3.2)."""
    return _by_tag(text, tag, _core_plain) if tag not in (None, "!") else _plain(text, plain, tag)


def _plain(text: str, plain: bool, tag: str | None) -> Any:
    return _core_plain(text) if plain and tag is None else text


def kubernetes(text: str, plain: bool, tag: str | None) -> Any:
    """A scalar as Kubernetes' reader takes it: YAML 1.1 words and octal numbers as well."""
    if tag not in (None, "!"):
        return _by_tag(text, tag, _kubernetes_plain)
    return _kubernetes_plain(text) if plain and tag is None else text


def _core_plain(text: str) -> Any:
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text[0] not in _BEGINS_A_NUMBER:
        return text
    return _number(text)


def _number(text: str) -> Any:
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    special = _SPECIAL.fullmatch(text)
    return float(text.replace(".", "").lower()) if special else text


@lru_cache(maxsize=4096)  # manifests say the same again and again
def _kubernetes_plain(text: str) -> Any:
    if text in _TRUE_1_1 or text in _FALSE_1_1:
        return text in _TRUE_1_1
    if text[:1] not in _BEGINS_A_NUMBER:
        return _core_plain(text)
    bare = text.replace("_", "") if text[:1] != "." else text
    if _OCTAL_1_1.fullmatch(bare):
        return int(bare, 8)
    if _BINARY_1_1.fullmatch(bare):
        return int(bare.replace("0b", ""), 2)
    return _core_plain(bare) if _DECIMAL.fullmatch(bare) else _core_plain(text)


def _by_tag(text: str, tag: str | None, resolve: Callable[[str], Any]) -> Any:
    """An explicit tag decides; a text that does not fit it stays text."""
    kinds = _TAGGED.get((tag or "").removeprefix(_TAG), ())
    value = resolve(text) if kinds else text
    return value if isinstance(value, kinds) else text
