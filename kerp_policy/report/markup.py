"""Text as GitHub's Markdown, in which nothing of it is markup, a link, a mention or a formula."""

from __future__ import annotations

import re

from kerp_policy.regex import regex
from kerp_policy.visible import one_line, printable

_BLANKS = regex(r" {2,}")
_SPECIAL = regex(r"[\\`*_\[\]<>&~|$]|[@#](?=\w)|:(?=//)|(?<=www)\.", re.IGNORECASE)
_QUOTED = regex(r"`([^`]+)`")
_BACKTICKS = regex("`+")
# GitHub looks for mentions, references and bare links after Markdown was read, so that a
# backslash does not keep it from finding them; a space of no width does.
_ENTITIES = {
    "@": "&#64;&#8203;",
    "#": "&#35;&#8203;",
    "$": "&#36;",
    ":": "&#58;",
    ".": "&#46;",
}


def escape(text: str) -> str:
    """The text on one line, every character standing for itself.

    It is to follow other words: at the beginning of a line a dash would still make a list.

    See https://spec.commonmark.org/0.31.2/#backslash-escapes and the autolinks of
    https://github.github.com/gfm/#autolinks-extension-.
    """
    line = _BLANKS.sub(" ", one_line(text))  # four of them would begin a block of code
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), line)


def code(text: str) -> str:
    """The text as a code span, between more backticks than it has in a row."""
    text = one_line(text)
    fence = _fence(text, 1)
    pad = " " if not text or text != text.strip("` ") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def prose(text: str) -> str:
    """Words of ours: what they put between backticks becomes code, and the rest is escaped."""
    parts = _QUOTED.split(text)
    return "".join(code(part) if i % 2 else escape(part) for i, part in enumerate(parts))


def block(text: str) -> str:
    """A fenced block of code, its lines as they are."""
    fence = _fence(text, 3)
    return f"{fence}\n{printable(text).rstrip()}\n{fence}"


def _fence(text: str, least: int) -> str:
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    return "`" * max(least, longest + 1)
