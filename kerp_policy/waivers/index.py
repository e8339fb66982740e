"""Finding the waivers that may cover a finding, without asking each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice

from kerp_policy.findings import Finding
from kerp_policy.waivers.model import Waiver

_MOST = 100
"""Waivers of one policy around one place that are looked at: nobody nests more."""


class Index:
    """Waivers by policy, file and lines."""

    def __init__(self, waivers: Iterable[Waiver]) -> None:
        """Sort the waivers."""
        elsewhere: dict[str, list[Waiver]] = {}
        comments: dict[tuple[str, str], list[Waiver]] = {}
        for waiver in waivers:
            policy = waiver.allowed.policy
            if waiver.origin == "comment":
                comments.setdefault((policy, waiver.file), []).append(waiver)
            else:
                elsewhere.setdefault(policy, []).append(waiver)
        self._elsewhere = elsewhere
        self._comments = {key: _Lines(found) for key, found in comments.items()}

    def about(self, finding: Finding) -> Iterator[Waiver]:
        """Those that may cover a finding, the nearest comment first."""
        lines = self._comments.get((finding.policy, finding.file))
        if lines:
            yield from islice(lines.around(finding.place.span.line), _MOST)
        yield from self._elsewhere.get(finding.policy, ())


class _Lines:
    """Waivers by the lines that they cover; what they cover nests, as things in a file do."""

    def __init__(self, waivers: Iterable[Waiver]) -> None:
        self._waivers = sorted(waivers, key=lambda w: (w.lines[0], -w.lines[1]))
        self._firsts = [waiver.lines[0] for waiver in self._waivers]
        self._outer: list[int] = []
        around: list[int] = []
        for i, waiver in enumerate(self._waivers):
            while around and self._waivers[around[-1]].lines[1] < waiver.lines[0]:
                around.pop()
            self._outer.append(around[-1] if around else -1)
            around.append(i)

    def around(self, line: int) -> Iterator[Waiver]:
        at = bisect_right(self._firsts, line) - 1
        while at >= 0:
            if self._waivers[at].lines[1] >= line:
                yield self._waivers[at]
            at = self._outer[at]
