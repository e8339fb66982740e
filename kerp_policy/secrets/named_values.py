"""Values under a name that tells of a secret, in one line or two of whatever file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerp_policy.regex import regex
from kerp_policy.secrets.entries import in_line
from kerp_policy.secrets.names import secret_name

Found = Iterator[tuple[str, int]]
"""A value, with what it is quoted in, and where it begins."""

_MAPPING = r"""\[?\{[ \t]*+["']?[\w.-]++["']?[ \t]*+:"""
_QUOTED = r"""(?:"(?:[^"\\]|\\.)*+"|'[^']*+')"""
_BARE = r"""(?:[^\s"',;&|\\]|\\.)++"""
_ESCAPED = r"""\\"[^"\\]*+\\\""""
_VALUE = (
    rf"(?P<value>\$?\{{\{{[^{{}}]{{0,200}}\}}\}}|\$\([^()]*+\)|{_ESCAPED}"
    rf"|[\[$]?{_QUOTED}(?:{_QUOTED})*+|(?!{_MAPPING}){_BARE})"
)
_TAGS = r"(?:[&!][\w:!/.-]{0,64}+[ \t]+){0,2}"
_SETTING = regex(
    rf"""(?:\$env:)?(?P<name>[A-Za-z_][\w.-]*+)\\?["']?[ \t]*+(?:\+?=|:)[ \t]*+{_TAGS}{_VALUE}"""
)
_LEGACY_ENV = regex(
    r"^[ \t]*+(?:ENV|LABEL)[ \t]++(?P<name>[A-Za-z_]\w*+)[ \t]++(?P<value>.++)$", re.I
)
_SENTENCE = regex(
    r"""^[ \t]*+(?:-[ \t]+)?["']?(?P<name>[A-Za-z_][\w.-]*+)["']?:[ \t]+"""
    r"""(?P<value>[^\s"'{\[|>&*!#$][^#]*?),?(?:[ \t]+#.*)?$"""
)
_KEY = r"""["']?(?:name|key)["']?[ \t]*:[ \t]*["']?(?P<name>[\w.-]++)["']?"""
_ITS_VALUE = rf"""["']?value["']?[ \t]*:[ \t]*+{_TAGS}{_VALUE}"""
_PAIR = regex(rf"{_KEY}[ \t]*,[ \t]*{_ITS_VALUE}")
_TURNED_PAIR = regex(rf"{_ITS_VALUE}[ \t]*,[ \t]*{_KEY}")
_OPTION = r"""(?<![\w-])["']?--?(?P<name>[A-Za-z][\w-]*+)["']?"""
_LISTED = regex(rf"{_OPTION}[ \t]*,[ \t]*(?P<value>{_QUOTED}|[^\s\"',\]]++)")
_HEADER = regex(
    rf"(?P<name>authorization)\\?[\"']?[ \t]*[:=,][ \t]*[\"']?(?:basic|bearer|token)[ \t]+{_VALUE}",
    re.IGNORECASE,
)
_IDENTIFIED = regex(rf"\b(?:identified[ \t]+by|password)[ \t]+(?P<value>{_QUOTED})", re.IGNORECASE)
_INSIDE = (_SETTING, _LEGACY_ENV)
_OUTSIDE = (*_INSIDE, _SENTENCE, _PAIR, _TURNED_PAIR, _LISTED)

_NAME_ABOVE = regex(rf"^[\s-]*{_KEY}")
_NAME_BELOW = regex(rf"^\s*{_KEY}")
_VALUE_HERE = regex(rf"^[\s-]*{_ITS_VALUE}")
_OPTION_ABOVE = regex(rf"^[\s-]*{_OPTION},?\s*$")
_ITEM_HERE = regex(r"^\s*(?:-\s+)?(?P<value>\S.*?),?\s*$")


def named_values(line: str, start: int = 0, depth: int = 2) -> Found:
    """What stands under a telling name, also within what another is set to: `--env=TOKEN=…`."""
    for form in _OUTSIDE if depth > 1 else _INSIDE:
        for found in form.finditer(line):
            at = start + found.start("value")
            if secret_name(found["name"]):
                yield found["value"], at
            elif depth > 1:
                yield from named_values(found["value"], at, depth - 1)
    if depth == 1:
        return
    for form in (_HEADER, _IDENTIFIED):
        for found in form.finditer(line):
            yield found["value"], start + found.start("value")
    for entry in in_line(line):
        if secret_name(entry.name) and line.startswith(entry.value, entry.start):
            yield entry.value, start + entry.start


def named_beside(line: str, above: str, below: str) -> Found:
    """What stands under a name in the line before or after it, or after an option in a list."""
    if here := _VALUE_HERE.match(line):
        names = (_NAME_ABOVE.match(above), _NAME_BELOW.match(below))
        if any(name and secret_name(name["name"]) for name in names):
            yield here["value"], here.start("value")
    option = _OPTION_ABOVE.match(above)
    if option and secret_name(option["name"]) and (item := _ITEM_HERE.match(line)):
        yield item["value"], item.start("value")
