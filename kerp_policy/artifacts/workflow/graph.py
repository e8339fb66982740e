"""The graph of jobs: which wait for each other for ever."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.workflow.model import Job, Workflow


def cycle(workflow: Workflow) -> Iterator[tuple[Job, list[str]]]:
    """Each loop of jobs that wait for each other, once, at its first job in the file."""
    left = {id: _known(workflow, job) for id, job in workflow.jobs.items()}
    waiting: dict[str, list[str]] = {id: [] for id in left}
    for id, needs in left.items():
        for need in needs:
            waiting[need].append(id)
    positions = {id: i for i, id in enumerate(left)}
    _take(left, waiting, [id for id, needs in left.items() if not needs])
    while left:
        loop = _loop(left)
        at = loop.index(min(loop, key=positions.__getitem__))
        yield workflow.jobs[loop[at]], [*loop[at:], *loop[:at], loop[at]]
        _take(left, waiting, loop)


def _take(left: dict[str, set[str]], waiting: dict[str, list[str]], free: list[str]) -> None:
    """Take out these jobs, and those that then wait for none any more."""
    free = list(free)
    while free:
        id = free.pop()
        if left.pop(id, None) is None:
            continue
        for other in waiting[id]:
            if other in left:
                left[other].discard(id)
                if not left[other]:
                    free.append(other)


def _known(workflow: Workflow, job: Job) -> set[str]:
    return {need for need in job.needs if need in workflow.jobs}


def _loop(left: dict[str, set[str]]) -> list[str]:
    """Follow what each job waits for until one comes up again."""
    trail: list[str] = []
    seen: dict[str, int] = {}
    id = next(iter(left))
    while id not in seen:
        seen[id] = len(trail)
        trail.append(id)
        id = min(left[id])
    return trail[seen[id] :]
