"""An audit: repositories go out to whatever executes, and summaries come back in any order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool

from msgspec.structs import replace

from kerp_policy.audit.judge import Repository, unjudged
from kerp_policy.audit.model import Audit, Standard, Summary
from kerp_policy.audit.pool import pool
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.progress import progress

Judge = Callable[[Repository], Summary]

_IN_FLIGHT = 1000
"""Repositories that are out at once, however many there are."""
_PER_PROCESS = 4
"""Likewise at each process here: none is idle, and few are in doubt when one dies."""


def audit(
    repositories: Sequence[Repository],
    judge: Judge,
    executor: Executor | None = None,
    *,
    processes: int = 1,
) -> Audit:
    """Judge repositories; the result is the same whoever executes, and whoever dies meanwhile.

    Args:
        repositories: what to judge, each once.
        judge: judges one; it can be pickled, and so can what it gives.
        executor: who judges, such as a cluster. What is left when it breaks, processes here do.
        processes: how many of these there are.

    Raises:
        UsageError: `judge` raised it, as nothing can be judged where it runs.
    """
    waiting, summaries = deque(repositories), list[Summary]()
    with progress(_("judging repositories"), len(repositories)) as see:

        def add(summary: Summary) -> None:
            summaries.append(summary)
            see(len(summaries))

        if executor:
            waiting.extend(_until_broken(executor, waiting, judge, add, _IN_FLIGHT))
        while waiting:
            with pool(processes) as here:
                lost = _until_broken(here, waiting, judge, add, processes * _PER_PROCESS)
            for repository in lost:
                add(_alone(repository, judge))
    return Audit(tuple(sorted(_sharing(summaries), key=lambda summary: summary.repository)))


def _sharing(summaries: Iterable[Summary]) -> Iterator[Summary]:
    """The summaries with each standard kept once: thousands bring a copy of their own."""
    kept: dict[Standard, Standard] = {}
    for summary in summaries:
        standard = kept.setdefault(summary.standard, summary.standard)
        yield replace(summary, standard=standard)


def _until_broken(
    executor: Executor,
    waiting: deque[Repository],
    judge: Judge,
    add: Callable[[Summary], None],
    in_flight: int,
) -> list[Repository]:
    """Judge what waits, until nothing does or the executor breaks.

    Returns:
        What was out when it broke.
    """
    out: dict[Future[Summary], Repository] = {}
    lost: list[Repository] = []
    while out or (waiting and not lost):
        while waiting and not lost and len(out) < in_flight:
            repository = waiting.popleft()
            try:
                out[executor.submit(judge, repository)] = repository
            except (RuntimeError, OSError):  # it is broken, or shut down
                lost.append(repository)
        for future in wait(out, return_when=FIRST_COMPLETED).done:
            repository = out.pop(future)
            summary = _summary(repository, future)
            if summary:
                add(summary)
            else:
                lost.append(repository)
    return lost


def _summary(repository: Repository, future: Future[Summary]) -> Summary | None:
    """What came of a repository, or None where nobody knows, as whoever judged it is gone."""
    try:
        return future.result()
    except (BrokenProcessPool, CancelledError):
        return None
    except UsageError:
        raise
    except Exception as error:  # what it says may quote a file, and so a secret
        return unjudged(repository, f"judging it ended with {type(error).__name__}")


def _alone(repository: Repository, judge: Judge) -> Summary:
    """Judge a repository in a process of its own, which shows whether it is what ends processes."""
    with pool(1) as here:
        summary = _summary(repository, here.submit(judge, repository))
    why = "the process that judged it ended without an answer; it may have run out of memory"
    return summary or unjudged(repository, why)
