"""Text of others that is about to be shown: nothing in it steers a terminal, a log or the eye."""

from __future__ import annotations

import json
import re
from typing import Any

from kerp_policy.regex import regex

# C0 and C1 controls, and what Unicode calls Bidi_Control (Unicode Standard Annex 9, section 2).
_STEERS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff"
_STEERING = regex(f"[{_STEERS}]")
_SIGN = regex(r"#(?=#\w*\[)")
"""What begins `##[group]` and `##vso[task.complete]`, which count anywhere in a line of a log."""
_COMMAND = regex(r"^[^\S\n]*:(?=:)", re.MULTILINE)
_TAB = "    "


def printable(text: str) -> str:
    """The text with every character made visible that could steer a terminal or hide others."""
    if text.isprintable():  # as nearly all are, and that is seen at once
        return text
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text.replace("\t", _TAB))


def one_line(text: str) -> str:
    """The text on one line, with nothing that steers; a name of a file may hold a line break."""
    return text if text.isprintable() else printable(text).replace("\n", " ")


def inert(report: str) -> str:
    """The report with nothing that a CI system would take from its log as a command.

    GitHub's runner obeys a line that begins with `::`; it and Azure Pipelines obey `##[…]` and
    `##vso[…]` wherever they stand. A space in between makes them text.
    """
    return _SIGN.sub("# ", _COMMAND.sub(r"\g<0> ", report))


def complaint(message: object) -> str:
    """What the program says on standard error, after its own name."""
    return inert(f"kerp-policy: {printable(str(message))}")


def inert_markup(report: str) -> str:
    """The same for HTML and XML, whose readers still see what stands there."""
    return _SIGN.sub("&#35;", report)


def dumped(value: Any, indent: int | None = None) -> str:
    """A value as JSON in which what steers, or is a command in a log, is written as an escape.

    Whoever reads the JSON sees what stands there; half a character stays as it is.
    """
    return _SIGN.sub(_escaped, _STEERING.sub(_escaped, _encoded(value, indent)))


def _encoded(value: Any, indent: int | None) -> str:
    import msgspec

    try:
        return msgspec.json.format(msgspec.json.encode(value), indent=indent or 0).decode()
    except UnicodeEncodeError:  # half a character, which is no UTF-8; much slower
        return json.dumps(value, ensure_ascii=False, indent=indent)


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
