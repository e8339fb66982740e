"""A workflow as GitHub runs it: what a job has from its workflow, which jobs it waits for.

Source: GitHub documentation, "Workflow syntax for GitHub Actions".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from msgspec import Struct

from kerp_policy.artifacts.workflow.changes import Change, changes_of
from kerp_policy.artifacts.workflow.conditions import condition
from kerp_policy.artifacts.workflow.expressions import Expression
from kerp_policy.artifacts.workflow.scripts import Locate, locator
from kerp_policy.artifacts.workflow.steps import Step, Value, env_of, steps_of, text
from kerp_policy.artifacts.workflow.walk import expressions_in
from kerp_policy.artifacts.yaml_nodes import Document, Scalar
from kerp_policy.paths import Path
from kerp_policy.sources.source import Span
from kerp_policy.views import lookup

MAX_JOBS = 500
"""More are not judged: what is asked about each two of them would take too long."""
_BOUND = frozenset(("choice", "boolean", "number", "environment"))


class Job(Struct, frozen=True, eq=False, dict=True):
    """One job with what it has from its workflow."""

    workflow: Workflow
    id: str
    data: Mapping[str, Any]

    @property
    def path(self) -> Path:
        """Where it is written."""
        return ("jobs", self.id)

    @property
    def levels(self) -> tuple[Mapping[str, Any], ...]:
        """Its own settings and those of the workflow, the nearest first."""
        return (self.data, self.workflow.data)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Its steps; those that are no mappings are the syntax's matter."""
        return tuple(steps_of(self.workflow, self, self.data.get("steps"), (*self.path, "steps")))

    @property
    def uses(self) -> str:
        """The reusable workflow that it calls; empty for a job with steps."""
        return text(self.data.get("uses"))

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The ids of the jobs that it waits for, in the letters of the jobs (case is nothing)."""
        needs = self.data.get("needs")
        wanted = needs if isinstance(needs, list) else [needs]
        written = self.workflow.written_ids
        return tuple(written.get(need.lower(), need) for need in wanted if isinstance(need, str))

    @cached_property
    def env(self) -> Mapping[str, Value]:
        """The environment variables: the workflow's and its own."""
        return {**env_of(self.workflow.data, ()), **env_of(self.data, self.path)}

    @cached_property
    def permissions(self) -> Value | None:
        """The permissions of its token: its own replace the workflow's as a whole."""
        for level, path in ((self.data, self.path), (self.workflow.data, ())):
            if level.get("permissions") is not None:
                return Value(level["permissions"], (*path, "permissions"))
        return None

    @property
    def environment(self) -> str:
        """The name of its environment, as written; of a called workflow's, if an input says it."""
        own = self.data.get("environment")
        name = own.get("name") if isinstance(own, dict) else own
        return text(name) or (text(lookup(self.data, ("with", "environment"))) if self.uses else "")

    @cached_property
    def condition(self) -> Expression | None:
        """Its `if`."""
        return condition(self.data.get("if"))

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What it changes of what runs, in order."""
        return tuple(changes_of(self.steps))

    @cached_property
    def step_ids(self) -> Mapping[str, int]:
        """The position of each step that has an id, by the id in lower case."""
        return _ids(self.steps)


class Workflow(Struct, frozen=True, eq=False, dict=True):
    """A workflow, or a composite action with its `steps`.

    `lines` are the lines of the file.
    """

    name: str
    document: Document
    data: Mapping[str, Any]
    lines: list[str]

    @cached_property
    def jobs(self) -> Mapping[str, Job]:
        """Its jobs by id, at most `MAX_JOBS`."""
        jobs = self.data.get("jobs")
        found = islice(jobs.items(), MAX_JOBS) if isinstance(jobs, dict) else ()
        return {id: Job(self, id, data) for id, data in found if isinstance(data, dict)}

    @cached_property
    def written_ids(self) -> Mapping[str, str]:
        """The id of each job as it is written, by the id in lower case."""
        return {id.lower(): id for id in reversed(list(self.jobs))}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step of every job, or of the composite action."""
        runs = lookup(self.data, ("runs", "steps"))
        own = tuple(steps_of(self, None, runs, ("runs", "steps")))
        return (*own, *(step for job in self.jobs.values() for step in job.steps))

    @cached_property
    def step_ids(self) -> Mapping[str, int]:
        """Likewise of a composite action."""
        return _ids(step for step in self.steps if step.job is None)

    @cached_property
    def triggers(self) -> Mapping[str, Any]:
        """The events that start it, each with its settings (or None)."""
        on = self.data.get("on")
        if isinstance(on, dict):
            return on
        names = on if isinstance(on, list) else [on]
        return {name: None for name in names if isinstance(name, str)}

    @cached_property
    def expressions(self) -> tuple[tuple[Path, Expression], ...]:
        """Every expression of the file, with the path of the value that holds it."""
        return tuple(expressions_in(self.document))

    @cached_property
    def ordered(self) -> tuple[Job, ...]:
        """The jobs, each after those that it needs; loops are cut somewhere."""
        order: dict[str, Job] = {}
        waiting = [(job, False) for job in reversed(list(self.jobs.values()))]
        entered: set[str] = set()
        while waiting:
            job, done = waiting.pop()
            if done:
                order[job.id] = job
            elif job.id not in entered:
                entered.add(job.id)
                needs = (self.jobs[need] for need in job.needs if need in self.jobs)
                waiting += [(job, True), *((need, False) for need in needs)]
        return tuple(order.values())

    @cached_property
    def _before(self) -> dict[str, int]:
        """By job, a number with a bit for every job that it waits for."""
        bits = {id: 1 << i for i, id in enumerate(self.jobs)}
        masks = dict.fromkeys(self.jobs, 0)
        for job in self.ordered:
            for need in job.needs:
                masks[job.id] |= masks.get(need, 0) | bits.get(need, 0)
        return {id: mask & ~bits[id] for id, mask in masks.items()}

    def before(self, job: Job) -> tuple[Job, ...]:
        """The jobs that a job waits for, directly or not, in the order of the file."""
        mask = self._before[job.id]
        return tuple(each for i, each in enumerate(self.jobs.values()) if mask >> i & 1)

    def waits_for(self, job: Job, other: Job) -> bool:
        """Whether a job waits for another, directly or not."""
        return bool(self._before[job.id] >> self._positions[other.id] & 1)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {id: i for i, id in enumerate(self.jobs)}

    @cached_property
    def bound_inputs(self) -> frozenset[str]:
        """The inputs, in lower case, that can only be one of a list, a number or a boolean."""
        found = set()
        for event in ("workflow_dispatch", "workflow_call"):
            inputs = lookup(self.triggers.get(event), ("inputs",), {})
            for name, about in inputs.items() if isinstance(inputs, dict) else ():
                if isinstance(about, dict) and text(about.get("type")) in _BOUND:
                    found.add(name.lower())
        return frozenset(found)

    @cached_property
    def answers(self) -> dict[tuple[tuple[str, Any], ...], dict[str, bool | None]]:
        """What `may_run` has found out already, by facts."""
        return {}

    def step_at(self, path: Path) -> Step | None:
        """The step that holds what is at a path."""
        return next((self._steps[path[:n]] for n in (6, 4, 3) if path[:n] in self._steps), None)

    @cached_property
    def _steps(self) -> dict[Path, Step]:
        return {step.path: step for step in self.steps}

    @cached_property
    def _locators(self) -> dict[Path, Locate]:
        return {}

    def span(self, path: Path, start: int | None = None, end: int | None = None) -> Span:
        """Where a path is written, or a stretch of the text at it."""
        node = self.document.node(path)
        if start is None or end is None or not isinstance(node, Scalar):
            return self.document.span(path)
        if path not in self._locators:
            self._locators[path] = locator(node, self.lines)
        locate = self._locators[path]
        return Span(*locate(start), *locate(end))


def _ids(steps: Iterable[Step]) -> dict[str, int]:
    ids = ((text(step.data.get("id")).lower(), step.index) for step in steps)
    return {id: index for id, index in ids if id}
