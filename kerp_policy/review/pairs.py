"""What is one thing at both ends of a change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import zip_longest
from typing import Protocol, TypeVar


class InFile(Protocol):
    """Something with the file that it lies in."""

    @property
    def file(self) -> str:
        """The file."""
        ...


T = TypeVar("T", bound=InFile)


def paired(
    old: Iterable[T], new: Iterable[T], identity: Callable[[T], Hashable]
) -> Iterator[tuple[T | None, T | None]]:
    """Things of one identity side by side: those of one file first, then those that moved.

    Several files may declare things of one name, for environments of their own.

    Yields:
        The old and the new thing, in the order of the new ones; None where there is none.
    """
    before, after = _grouped(old, identity), _grouped(new, identity)
    for key in dict.fromkeys([*after, *before]):
        olds, news = before.get(key, []), after.get(key, [])
        here = {thing.file for thing in olds} & {thing.file for thing in news}
        for file in sorted(here):
            yield from zip_longest(_in(olds, file), _in(news, file))
        yield from zip_longest(
            [thing for thing in olds if thing.file not in here],
            [thing for thing in news if thing.file not in here],
        )


def _grouped(things: Iterable[T], identity: Callable[[T], Hashable]) -> dict[Hashable, list[T]]:
    found: dict[Hashable, list[T]] = {}
    for thing in things:
        found.setdefault(identity(thing), []).append(thing)
    return found


def _in(things: list[T], file: str) -> list[T]:
    return [thing for thing in things if thing.file == file]
