"""Which files of a change are old ones under another name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.source import Source

LEAST = 0.5
"""The share of lines that two files have in common at least, as for git's own renames."""
MAX_PAIRS = 10_000
"""More pairs are not compared; files are then the same only if nothing in them changed."""


def moves(before: Mapping[str, Source], after: Mapping[str, Source]) -> dict[str, str]:
    """From the new path of each file that moved to its old path.

    Args:
        before: the older files, by path.
        after: the newer files.

    Returns:
        The moves. A file is an old one if that is gone, is of the same kind, and has the same
        content or else most lines in common; no old file is taken twice.
    """
    gone = {path: before[path] for path in before if path not in after}  # others stay unread
    new = {path: source for path, source in after.items() if path not in before}
    moved: dict[str, str] = {}
    for path, old in (*_same(new, gone), *_similar(new, gone)):
        if path not in moved and old in gone:
            moved[path] = old
            del gone[old]
    return moved


def name_before(address: str, file: str, moved: Mapping[str, str]) -> str:
    """The address that something in a file had before; of a file that did not move, its own."""
    start = f"{file}#"
    if file not in moved or not address.startswith(start):
        return address
    return f"{moved[file]}#{address.removeprefix(start)}"


_Pairs = Iterable[tuple[str, str]]


def _same(new: Mapping[str, Source], gone: Mapping[str, Source]) -> _Pairs:
    """Pairs of one content."""
    by_content: dict[bytes, list[str]] = {}
    for path, source in gone.items():
        by_content.setdefault(source.data, []).append(path)
    for path, source in new.items():
        if by_content.get(source.data):
            yield path, by_content[source.data].pop()


def _similar(new: Mapping[str, Source], gone: Mapping[str, Source]) -> _Pairs:
    """Pairs with enough lines in common, those with the most first."""
    if len(new) * len(gone) > MAX_PAIRS:
        return ()
    lines = {source: Counter(source.lines) for source in (*new.values(), *gone.values())}
    pairs = [
        (_share(lines[source], lines[other]), path, old)
        for path, source in new.items()
        for old, other in gone.items()
        if kind_by_name(path) == kind_by_name(old)
    ]
    return [(path, old) for share, path, old in sorted(pairs, reverse=True) if share >= LEAST]


def _share(one: Counter[str], other: Counter[str]) -> float:
    return (one & other).total() / max(one.total(), other.total())
