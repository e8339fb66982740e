"""Secrets where no policy of an artifact's own kind looks: in comments, names, labels, rules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from kerp_policy.findings import Place, Remark
from kerp_policy.regex import regex
from kerp_policy.scopes.file import FileSubject
from kerp_policy.secrets import Token, find_tokens
from kerp_policy.sources.source import Span
from kerp_policy.views import View

_GUESSED = frozenset(("url-password", "connection-password", "authorization-header"))
"""Forms that nothing but what stands around them tells; in a comment they are samples."""

_JUDGED = frozenset(("action", "alertmanager", "dockerfile", "script", "workflow"))
"""Kinds of which another policy judges every value."""

_COMMENT = regex(r"(?:^|\s)#")


def absent(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The file holds no token of a known form that no other policy tells."""
    subject: FileSubject = view.subject
    source = subject.source
    tokens = find_tokens(source.text)
    if not tokens:
        return
    told = (found.place.span.line for found in subject.findings if found.confidential)
    covered = _Covered(source.lines, told)
    starts = list(accumulate((len(line) + 1 for line in source.lines), initial=0))
    for token in tokens:
        row = bisect_right(starts, token.start) - 1
        line, column = source.lines[row], token.start - starts[row]
        is_comment = _COMMENT.search(line, 0, column) is not None
        guessed = token.kind in _GUESSED and (is_comment or subject.kind in _JUDGED)
        if not guessed and row + 1 not in covered:
            public = token.prefix if line.startswith(token.prefix, column) else ""
            span = Span(row + 1, column + 1, row + 1, column + 1 + len(public))
            place = Place(span, f"{source.path}#stray-secret")
            yield Remark(place, _message(token, public, is_comment))


def _message(token: Token, public: str, is_comment: bool) -> str:
    where = "a comment" if is_comment else "the file"
    return f"{where} holds {token.title}" + (f" ({public}…)" if public else "")


class _Covered:
    """The lines of values that are told as secrets: of each the first, and those further in."""

    def __init__(self, lines: Sequence[str], told: Iterable[int]) -> None:
        self._lines = lines
        self._told = sorted(set(told))
        self._ends = dict[int, int]()

    def __contains__(self, number: int) -> bool:
        before = bisect_right(self._told, number)
        return before > 0 and number <= self._end(self._told[before - 1])

    def _end(self, first: int) -> int:
        if first not in self._ends:
            depth, end = _depth(self._lines[first - 1]), first
            while end < len(self._lines) and _depth(self._lines[end]) > depth:
                end += 1
            self._ends[first] = end
        return self._ends[first]


def _depth(line: str) -> float:
    """How far in a line begins; a blank one is further in than all."""
    text = line.lstrip()
    return len(line) - len(text) if text else float("inf")
