"""Following files that were renamed, where the debt is told by the path of the file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from msgspec.structs import replace

from kerp_policy.baseline.model import Baseline
from kerp_policy.secrets import on_lines, redact
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.moves import LEAST, MAX_PAIRS
from kerp_policy.sources.source import Source

_KEPT = 16
_DIGITS = 8


def outline(source: Source) -> str:
    """A few digits for the content of a file, much the same for one that was edited a little.

    Of the hashes of its lines the smallest stand for all, as two files then share about as many of
    these as they share lines (Broder, "On the resemblance and containment of documents", 1997).
    Indentation, line ends and order do not count, and what looks like a secret is blotted first.
    """
    above, hashes, secret = "", set[str](), on_lines(source.text)
    for number, line in enumerate(source.lines, 1):
        text = redact(line, above, secret.get(number, ())).strip()
        above = line
        if text:
            digest = hashlib.sha256(text.encode("utf-8", "surrogateescape"))
            hashes.add(digest.hexdigest()[:_DIGITS])
    return "".join(sorted(hashes)[:_KEPT])


def likeness(one: str, other: str) -> float:
    """The share of lines that two files have in common, by their outlines; from 0 to 1."""
    first, second = _hashes(one), _hashes(other)
    smallest = sorted(first | second)[:_KEPT]
    return sum(digit in first and digit in second for digit in smallest) / max(1, len(smallest))


def _hashes(outline: str) -> set[str]:
    return {outline[i : i + _DIGITS] for i in range(0, len(outline), _DIGITS)}


def renames(baseline: Baseline, sources: Mapping[str, Source]) -> dict[str, str]:
    """From the old to the new path of each file that was renamed, as far as there is debt in it.

    A file is an old one if that is gone, is of the same kind and has at least half of the lines;
    the likest come first, and none is taken twice.

    Args:
        baseline: the debt, with the outlines of the files.
        sources: the files that are there now.
    """
    gone = {path: text for path, text in baseline.outlines.items() if path not in sources}
    new = [path for path in sources if path not in baseline.outlines]
    if len(gone) * len(new) > MAX_PAIRS:
        return {}
    known = {path: outline(sources[path]) for path in new} if gone else {}
    pairs = [
        (likeness(text, known[path]), old, path)
        for old, text in gone.items()
        for path in new
        if kind_by_name(old) == kind_by_name(path)
    ]
    moved: dict[str, str] = {}
    for share, old, path in sorted(pairs, key=lambda pair: (-pair[0], *pair[1:])):
        if share >= LEAST and old not in moved and path not in moved.values():
            moved[old] = path
    return moved


def renamed(baseline: Baseline, moved: Mapping[str, str]) -> Baseline:
    """The baseline with its entries under the new paths of files.

    Args:
        baseline: the debt.
        moved: from old to new paths.
    """
    entries = [
        replace(
            entry,
            file=moved[entry.file],
            address=moved[entry.file] + entry.address.removeprefix(entry.file),
        )
        if entry.file in moved and entry.is_named_by_path
        else entry
        for entry in baseline.entries
    ]
    return replace(baseline, entries=tuple(entries))
