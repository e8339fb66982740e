"""The ids of jobs and steps, by which expressions and other jobs name them, and of variables.

Source: GitHub documentation, "Workflow syntax", `jobs.<job_id>` and `steps[*].id`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from kerp_policy.artifacts.workflow.steps import Step
from kerp_policy.paths import Path
from kerp_policy.regex import regex

Found = Iterator[tuple[Path, str]]

_ID = regex(r"[A-Za-z_][A-Za-z0-9_-]*")
_VARIABLE = regex(r"[^=\s]+")
_FORM = "expected a letter or _, then letters, digits, - and _"


def job_id_problems(jobs: Any) -> Found:
    """What is wrong with the ids of jobs; of two that differ in case only, with the second."""
    seen: dict[str, str] = {}
    for id in jobs if isinstance(jobs, dict) else ():
        yield from _form(("jobs", id), "job id", id)
        first = seen.setdefault(id.lower(), id)
        if first != id:
            message = f'the job id "{id[:60]}" is taken by {first[:60]}'
            yield ("jobs", id), f"{message}, as case makes no difference"


def step_id_problems(steps: Iterable[Step]) -> Found:
    """What is wrong with the ids of the steps of one job or action."""
    seen = set()
    for step in steps:
        id, path = str(step.data.get("id") or ""), (*step.path, "id")
        if id:
            yield from _form(path, "id", id)
        if id.lower() in seen:
            yield path, f'the id "{id[:60]}" is taken by an earlier step of this job'
        seen.add(id.lower() or None)


def env_name_problems(path: Path, env: Any) -> Found:
    """What is wrong with the names of environment variables, which end at the first `=`."""
    for name in env if isinstance(env, dict) else ():
        if not _VARIABLE.fullmatch(name):
            yield (*path, name), f'the variable "{name[:60]}" holds a blank or =; expected one word'


def _form(path: Path, what: str, id: str) -> Found:
    if not _ID.fullmatch(id):
        yield path, f'the {what} "{id[:60]}" does not fit; {_FORM}'
    elif id.startswith("__"):
        yield path, f'the {what} "{id[:60]}" begins with __, which GitHub keeps for itself'
