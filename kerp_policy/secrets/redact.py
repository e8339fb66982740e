"""Blotting secrets out of a line that is about to be shown."""

from __future__ import annotations

import re

from kerp_policy.secrets.find import Token, find_tokens
from kerp_policy.secrets.names import secret_name
from kerp_policy.secrets.references import is_reference

BLOT = "***"
_VALUE = r"""(?P<value>"(?:[^"\\]|\\.)*+"|'[^']*+'|[^\s"',;&|]++)"""
_NAME = r"""(?P<name>[A-Za-z_][\w.-]*+)["']?"""
_SETTINGS = (
    re.compile(rf"{_NAME}[ \t]*+[:=][ \t]*+{_VALUE}"),
    re.compile(rf"(?:^|[ \t])--?{_NAME}[ \t]++{_VALUE}"),
    re.compile(rf"^[ \t]*(?:ENV|env)[ \t]++{_NAME}[ \t]++(?P<value>.++)$"),
)
_NAME_ABOVE = re.compile(r"""^[\s-]*["']?name["']?\s*:\s*["']?(?P<name>[\w.-]+)""")
_VALUE_HERE = re.compile(rf"""^[\s-]*["']?value["']?\s*:\s*{_VALUE}""")


def redact(line: str, above: str = "") -> str:
    """The line with what looks like a secret replaced by `***`.

    Args:
        line: one line of any artifact.
        above: the line before it, where `name:` tells what this line's `value:` is.
    """
    stretches = [*_tokens(line), *_named(line), *_named_above(line, above)]
    end = len(line)
    for start, stop, shown in sorted(set(stretches), reverse=True):
        if stop <= end:
            line = line[:start] + shown + line[stop:]
            end = start
    return line


def _tokens(line: str) -> list[tuple[int, int, str]]:
    return [(token.start, token.end, _prefix(line, token) + BLOT) for token in find_tokens(line)]


def _prefix(line: str, token: Token) -> str:
    return token.prefix if line.startswith(token.prefix, token.start) else ""


def _named(line: str) -> list[tuple[int, int, str]]:
    return [
        (*_within_quotes(found), BLOT)
        for setting in _SETTINGS
        for found in setting.finditer(line)
        if secret_name(found["name"].lstrip("-")) and _is_literal(found["value"])
    ]


def _named_above(line: str, above: str) -> list[tuple[int, int, str]]:
    name, here = _NAME_ABOVE.match(above), _VALUE_HERE.match(line)
    if not name or not here or not secret_name(name["name"]) or not _is_literal(here["value"]):
        return []
    return [(*_within_quotes(here), BLOT)]


def _within_quotes(found: re.Match[str]) -> tuple[int, int]:
    quoted = found["value"][:1] in "\"'" and len(found["value"]) > 1
    return found.start("value") + quoted, found.end("value") - quoted


def _is_literal(value: str) -> bool:
    return not is_reference(value.strip("\"'"))
