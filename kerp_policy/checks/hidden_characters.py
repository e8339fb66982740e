"""Characters that turn the text of a file around or are not shown: what is read is not seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from unicodedata import name

from kerp_policy.findings import Place, Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.file import FileSubject
from kerp_policy.sources.source import Span
from kerp_policy.views import View

_TURNS = "\u202a-\u202e\u2066-\u2069"
"""Embeddings, overrides and isolates (Unicode Standard Annex 9, sections 2.1 to 2.4)."""
_TAGS = "\U000e0001-\U000e007f"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"

_MISLEADING = regex(f"\U0001f3f4[{_TAGS}]+|([{_TURNS}{_TAGS}]|[{_SELECTORS}](?=[{_SELECTORS}]))")
"""A flag is written with tags, and one selector chooses the form of one character. More of either
are an alphabet of their own, in which text is hidden."""
_BLANK = regex("([\u00ad\u180e\u200b\u2060-\u2064\u3164\uffa0]|(?<=[^\n])\ufeff)")


def misleading(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Nothing shows the text in another order than it is read in, or hides text in what is shown.

    Source: CVE-2021-42574 ("Trojan Source") and Unicode Technical Standard 55, section 3.
    """
    what = "so what is read differs from what editors show"
    yield from _found(view, _MISLEADING, "misleading", what)


def blank(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No character is without a width: with one in it a name is another name.

    Those that join letters of a script, or emoji, are part of the writing and left alone.
    """
    yield from _found(view, _BLANK, "blank", "which editors do not show")


def _found(view: View, characters: re.Pattern[str], kind: str, what: str) -> Iterator[Remark]:
    """One remark for each line that holds any, at the first."""
    subject: FileSubject = view.subject
    source = subject.source
    if source.text.isascii() or not characters.search(source.text):
        return
    for row, line in enumerate(source.lines, 1):
        places = [found.start(1) + 1 for found in characters.finditer(line) if found[1]]
        if places:
            character = line[places[0] - 1]
            span = Span(row, places[0], row, places[0] + 1)
            message = f"the line holds {_called(character)}, {what}"
            yield Remark(Place(span, f"{source.path}#{kind}-characters"), message)


def _called(character: str) -> str:
    return f"U+{ord(character):04X} ({name(character, 'unnamed').lower()})"
