"""Work that several processes share, each a copy of this one made by fork.

A copy has all that was read before, the standard and the modules, without being sent it, so that
even a run of a fifth of a second gains. What a copy brings comes back through a pipe; what it does
not bring, because it died, is done here: the result is the same whatever happens to it.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, TypeVar

from msgspec import Struct

T = TypeVar("T")
R = TypeVar("R")

_TICKET = 4
"""Bytes of a number in the pipe that all processes take their work from."""
MOST = 4096 // _TICKET
"""Items that can be shared: as many numbers as a pipe of one page holds before anybody reads, which
is what a user gets who has many pipes (pipe(7), pipe-user-pages-soft)."""


class _State:
    processes = 1


class _Copy(Struct, frozen=True):
    """A process, and the end of the pipe that what it does comes from."""

    pid: int
    results: int


def cores() -> int:
    """How many processes can run at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def sharing(processes: int) -> Iterator[None]:
    """Let so many processes share what work there is until the end of the block."""
    before, _State.processes = _State.processes, processes
    try:
        yield
    finally:
        _State.processes = before


def _unseen(_number: int) -> None:
    """Nobody wants to know."""


@contextmanager
def _settled() -> Iterator[None]:
    """What there is by now stays, so no collection of garbage is to look through it.

    One in a copy would touch, and so copy, every page.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@_settled()
def shared(
    work: Sequence[T], do: Callable[[T], R], see: Callable[[int], None] = _unseen
) -> list[R]:
    """Do something with each item, in as many processes as `sharing` says: one unless it does.

    Args:
        work: the items, at most `MOST`. They are taken in this order.
        do: a function without effects on this process.
        see: is told the number of each item that this process is about to do. All before it are
            taken, so it tells how far all processes are.

    Returns:
        The results in the order of the items.

    Raises:
        Exception: what `do` raises.
    """
    wanted = min(_State.processes, len(work))
    if wanted < 2 or len(work) > MOST or not hasattr(os, "fork"):
        return _alone(work, do, see)
    tickets, issue = os.pipe()
    os.write(issue, b"".join(number.to_bytes(_TICKET) for number in range(len(work))))
    os.close(issue)
    copies = list(_copies(wanted - 1, tickets, work, do))
    try:
        done = dict(_take(tickets, work, do, see))
        for copy in copies:
            done.update(_brought(copy))
    finally:
        os.close(tickets)
        _end(copies)
    return [done[n] if n in done else do(item) for n, item in enumerate(work)]


def _alone(work: Sequence[T], do: Callable[[T], R], see: Callable[[int], None]) -> list[R]:
    results = list[R]()
    for number, item in enumerate(work):
        see(number)
        results.append(do(item))
    return results


def _take(
    tickets: int, work: Sequence[T], do: Callable[[T], R], see: Callable[[int], None] = _unseen
) -> Iterator[tuple[int, R]]:
    """Do what no other process has taken; a read of one number is never torn (pipe(7))."""
    while ticket := os.read(tickets, _TICKET):
        number = int.from_bytes(ticket)
        see(number)
        yield number, do(work[number])


def _copies(
    count: int, tickets: int, work: Sequence[Any], do: Callable[[Any], Any]
) -> Iterator[_Copy]:
    """As many copies as the system lets us have, which may be none."""
    with suppress(OSError):
        for _ in range(count):
            yield _copy(tickets, work, do)


def _copy(tickets: int, work: Sequence[Any], do: Callable[[Any], Any]) -> _Copy:
    results, bring = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(results)
        os.close(bring)
        raise
    if pid == 0:
        os.close(results)
        _State.processes = 1
        _work(tickets, bring, work, do)
    os.close(bring)
    return _Copy(pid, results)


def _work(tickets: int, bring: int, work: Sequence[Any], do: Callable[[Any], Any]) -> NoReturn:
    """Be a copy: end without a word, and without anything that is this process's to do at its end.

    What raises an exception here raises it again where it is done anew.
    """
    try:
        # Packed at once: at the end the others would have nothing to do meanwhile.
        done = [pickle.dumps(each, pickle.HIGHEST_PROTOCOL) for each in _take(tickets, work, do)]
        with open(bring, "wb") as stream:
            stream.writelines(done)
    finally:
        os._exit(0)


def _brought(copy: _Copy) -> Iterator[tuple[int, Any]]:
    """What a copy has done, as far as it came whole."""
    with open(copy.results, "rb", closefd=False) as stream:
        while True:
            try:
                yield pickle.load(stream)  # noqa: S301 - from a process of our own
            except (EOFError, pickle.UnpicklingError):
                return


def _end(copies: Sequence[_Copy]) -> None:
    for copy in copies:
        os.close(copy.results)
        os.kill(copy.pid, signal.SIGKILL)  # what it still does nobody waits for
        os.waitpid(copy.pid, 0)
