"""Sentences and words that messages share. How a message is worded: docs/architecture.md."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from kerp_policy.i18n import gettext as _
from kerp_policy.regex import regex
from kerp_policy.secrets import without_tokens

TYPES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "nothing",
}
"""The types of JSON Schema in words."""
_LONGEST = 60
_EXACT = 2**53  # beyond, a float is no exact whole number
# What YAML would take for something else than a text, or what nobody could see the ends of.
_NEEDS_QUOTES = regex(
    r"|.*\s.*|[\[{](?!\{).*|~|null|true|false|yes|no|on|off"
    r"|[-+]?(?:[0-9][0-9_]*)?\.?[0-9]+\.?(?:e[-+]?[0-9]+)?",
    re.IGNORECASE | re.DOTALL,
)


_FEW = 5
"""Names that a sentence lists at most, where nobody needs all."""
_MOST_COMPARED = 1000
"""Names with names: each takes some microseconds."""


def listed(names: Sequence[str], last: str = "and") -> str:
    """Names as a sentence lists them: `a, b and c`."""
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def counted(kind: str, names: Sequence[str]) -> str:
    """Names with what they are names of: `job a`, `jobs a and b`."""
    return f"{kind}{'s' if names[1:] else ''} {listed(names)}"


def counted_few(kind: str, names: Sequence[str]) -> str:
    """Likewise, of many the first: `jobs a, b, c, d, e and others`."""
    return counted(kind, [*names[:_FEW], *(["others"] if names[_FEW:] else [])])


def clipped(text: str, most: int = _LONGEST) -> str:
    """A text of at most so many characters; a secret in it is blotted out while it is whole."""
    if len(text) <= most:
        return text
    public = without_tokens(text)
    return public if len(public) <= most else f"{public[: most - 1]}…"


def shown(value: Any) -> str:
    """A value as YAML writes it: a text bare, and in quotes only where it needs them.

    Args:
        value: from a file, and known to be no secret; a mapping is told by its keys.

    Returns:
        At most some sixty characters, of several lines the first.
    """
    if isinstance(value, (dict, list)):
        return _of_many(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))  # 1e3 is read as 1000.0
    if not isinstance(value, str):
        return str(value)
    line, more, _rest = value.strip().partition("\n")
    text = clipped(f"{line}…" if more else value.rstrip("\n"))
    if not _NEEDS_QUOTES.fullmatch(text):
        return text
    return f"'{text}'" if '"' in text else f'"{text}"'


def _of_many(value: dict[Any, Any] | list[Any]) -> str:
    if not value:
        return "empty"
    if isinstance(value, list):
        return "a list"
    names = [clipped(str(key)) for key in value]
    return f"a mapping with {listed(names if len(names) < 4 else [*names[:3], 'others'])}"


def differs(what: str, value: Any, wanted: Any) -> str:
    """The most common message: what is, and what is expected."""
    return f"{what} is {shown(value)}; expected {wanted}"


def filled_in(what: str, value: Any, wanted: Any = "") -> str:
    """The message about a placeholder, whose value no file shows."""
    expected = f"; expected {wanted}" if wanted != "" else ""
    return f"{what} is {shown(value)}, filled in elsewhere{expected}"


def missing(kind: str, names: Sequence[str], where: str) -> str:
    """The message about names that are absent from a place."""
    return f"the {counted(kind, names)} {'are' if names[1:] else 'is'} missing in {where}"


def undeclared(thing: str, relation: str) -> str:
    """The message about a thing (`Service api`) that something relies on and no file declares."""
    return f"no file of the project declares {thing}, {relation}"


def nearest(name: str, choices: Iterable[str], likeness: float = 0.6) -> str:
    """The choice that a misspelt name comes nearest to; empty where none is near.

    Args:
        name: as somebody wrote it, not long: the time grows with its square.
        choices: what there is; of two that are as near the later in the alphabet.
        likeness: what it has at least, from 0 to 1, which is the same name.
    """
    from difflib import get_close_matches  # for which most runs have no use

    return next(iter(get_close_matches(name, choices, 1, likeness)), "")


def comparable(names: Sequence[str], choices: Collection[str]) -> Collection[str]:
    """The choices, or none where so many names are unknown that to compare all takes too long."""
    return choices if len(names) * len(choices) <= _MOST_COMPARED else ()


def meant(name: str, choices: Collection[str]) -> str:
    """Words that continue a message about a name that is unknown: the nearest there is."""
    near = nearest(name, choices)
    return f"; did you mean {near}?" if near else ""


def suggested(name: str, choices: Collection[str]) -> str:
    """Likewise in the reader's language, for a message that is no finding's."""
    near = nearest(name, choices)
    return _("; did you mean {name}?").format(name=near) if near else ""
