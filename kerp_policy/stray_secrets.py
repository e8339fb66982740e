"""Secrets where no policy of an artifact's own kind looks: in comments, names, labels, rules."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from kerp_policy.findings import Finding
from kerp_policy.regex import regex
from kerp_policy.secrets import Token, find_tokens
from kerp_policy.sources.source import Problem, Source, Span

POLICY = "stray-secret"
"""The policy that owns these problems."""

_GUESSED = frozenset(("url-password", "connection-password", "authorization-header"))
"""Forms that nothing but what stands around them tells; in a comment they are samples."""

_JUDGED = frozenset(("alertmanager", "dockerfile", "script", "workflow"))
"""Kinds of which another policy judges every value."""

_COMMENT = regex(r"(?:^|\s)#")


def stray_secrets(source: Source, kind: str, findings: Iterable[Finding]) -> Iterator[Problem]:
    """The tokens of known forms that nobody has told yet.

    Args:
        source: the file.
        kind: the artifact's kind.
        findings: what else was found in the file.
    """
    tokens = find_tokens(source.text)
    if not tokens:
        return
    covered = _Covered(source.lines, (f.place.span.line for f in findings if f.confidential))
    starts = list(accumulate((len(line) + 1 for line in source.lines), initial=0))
    for token in tokens:
        row = bisect_right(starts, token.start) - 1
        line, column = source.lines[row], token.start - starts[row]
        is_comment = _COMMENT.search(line, 0, column) is not None
        guessed = token.kind in _GUESSED and (is_comment or kind in _JUDGED)
        if not guessed and row + 1 not in covered:
            yield _problem(token, line, Span(row + 1, column + 1, row + 1, column + 1), is_comment)


def _problem(token: Token, line: str, at: Span, is_comment: bool) -> Problem:
    public = token.prefix if line.startswith(token.prefix, at.column - 1) else ""
    span = Span(at.line, at.column, at.line, at.column + len(public))
    shown = f" ({public}…)" if public else ""
    where = "a comment" if is_comment else "the file"
    return Problem(POLICY, span, f"{where} holds {token.title}{shown}")


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
