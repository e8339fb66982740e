"""A workflow as GitHub runs it: what a job has from its workflow, a step from both.

Source: GitHub documentation, "Workflow syntax for GitHub Actions".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from kerp_policy.artifacts.shell import Shell, Word
from kerp_policy.artifacts.workflow.conditions import condition
from kerp_policy.artifacts.workflow.expressions import Expression, Node
from kerp_policy.artifacts.workflow.scripts import script_of
from kerp_policy.artifacts.yaml_nodes import Document, Scalar, span_inside
from kerp_policy.paths import Path
from kerp_policy.sources.source import Span
from kerp_policy.views import lookup

if TYPE_CHECKING:
    from kerp_policy.artifacts.workflow.changes import Change


_HOLE = re.compile(r"\$\{_+\}")


class Value(NamedTuple):
    """A value in effect, and the path in the file where it is written."""

    value: Any
    path: Path


class Script(NamedTuple):
    """The shell text of a step. An expression in it looks like a variable to the shell reader.

    Attributes:
        text: as written, expressions included.
        shell: its commands, with their places in the file.
        expressions: those in it, in order; their offsets are offsets in `text`.
    """

    text: str
    shell: Shell
    expressions: tuple[Expression, ...]

    def inside(self, word: Word) -> Iterator[Expression]:
        """The expressions that a word holds."""
        for part in word.parts:
            end = part.offset + max(1, len(part.text))
            first = bisect_left(self.expressions, part.offset, key=_start)
            yield from self.expressions[first : bisect_left(self.expressions, end, key=_start)]

    def written(self, word: Word) -> str:
        """A word as it is written, with its expressions."""
        sources = (self.text[e.start : e.end] for e in self.inside(word))
        return _HOLE.sub(lambda hole: next(sources, hole[0]), word.raw)


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a job, or of a composite action, which has no job."""

    file: Workflow
    job: Job | None
    path: Path
    data: Mapping[str, Any]

    @property
    def index(self) -> int:
        """Its position among the steps, from 0."""
        return int(self.path[-1])

    @property
    def uses(self) -> str:
        """The action that it runs, as written; empty for a script."""
        return text(self.data.get("uses"))

    @property
    def action(self) -> str:
        """The action without its ref, in lower case: `actions/checkout`."""
        return self.uses.partition("@")[0].lower()

    @property
    def run(self) -> str:
        """The script, as written; empty for an action."""
        return text(self.data.get("run"))

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What the action is given, its names in lower case."""
        given = self.data.get("with")
        return {k.lower(): v for k, v in given.items()} if isinstance(given, dict) else {}

    def input_path(self, name: str) -> Path:
        """Where an input is written."""
        given = self.data.get("with")
        keys = given if isinstance(given, dict) else {}
        key = next((key for key in keys if key.lower() == name), name)
        return (*self.path, "with", key)

    @cached_property
    def env(self) -> Mapping[str, Value]:
        """The environment variables: the workflow's, the job's, its own; the nearest wins."""
        outer = self.job.env if self.job else {}
        return {**outer, **_env(self.data, self.path)}

    @cached_property
    def shell(self) -> str:
        """The shell: its own, the job's, the workflow's, or the runner's."""
        own = text(self.data.get("shell"))
        if own or self.job is None:
            return own
        defaults = (lookup(level, ("defaults", "run", "shell")) for level in self.job.levels)
        inherited = next((text(shell) for shell in defaults if shell), "")
        return inherited or ("pwsh" if self.job.on_windows else "bash")

    @cached_property
    def script(self) -> Script | None:
        """The script, if a shell of the Bourne family runs it."""
        node = self.file.document.node((*self.path, "run"))
        if not isinstance(node, Scalar) or not self.run:
            return None
        found = script_of(node, self.file.lines, self.shell)
        return Script(*found) if found else None

    @cached_property
    def condition(self) -> Expression | None:
        """Its `if`."""
        return condition(self.data.get("if"))


@dataclass(frozen=True, eq=False)
class Job:
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
        """The ids of the jobs that it waits for."""
        needs = self.data.get("needs")
        wanted = needs if isinstance(needs, list) else [needs]
        return tuple(need for need in wanted if isinstance(need, str))

    @cached_property
    def env(self) -> Mapping[str, Value]:
        """The environment variables: the workflow's and its own."""
        return {**_env(self.workflow.data, ()), **_env(self.data, self.path)}

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
        from kerp_policy.artifacts.workflow.changes import changes_of

        return tuple(changes_of(self))

    @property
    def on_windows(self) -> bool:
        """Whether its runner is a Windows one, as far as its label says."""
        labels = self.data.get("runs-on")
        return "windows" in str(labels).lower()


@dataclass(frozen=True, eq=False)
class Workflow:
    """A workflow, or a composite action with its `steps`.

    `lines` are the lines of the file.
    """

    name: str
    document: Document
    data: Mapping[str, Any]
    lines: Sequence[str]

    @cached_property
    def jobs(self) -> Mapping[str, Job]:
        """Its jobs by id."""
        jobs = self.data.get("jobs")
        found = jobs.items() if isinstance(jobs, dict) else ()
        return {id: Job(self, id, data) for id, data in found if isinstance(data, dict)}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step of every job, or of the composite action."""
        runs = lookup(self.data, ("runs", "steps"))
        own = tuple(steps_of(self, None, runs, ("runs", "steps")))
        return (*own, *(step for job in self.jobs.values() for step in job.steps))

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
        from kerp_policy.artifacts.workflow.walk import expressions_in

        return tuple(expressions_in(self.document))

    def before(self, job: Job) -> tuple[Job, ...]:
        """The jobs that a job waits for, directly or not, itself left out."""
        seen: dict[str, Job] = {}
        waiting = list(job.needs)
        while waiting:
            id = waiting.pop()
            if id in self.jobs and id not in seen and id != job.id:
                seen[id] = self.jobs[id]
                waiting += self.jobs[id].needs
        return tuple(seen.values())

    def span(self, path: Path, start: int | None = None, end: int | None = None) -> Span:
        """Where a path is written, or a stretch of the text at it."""
        node = self.document.node(path)
        if start is not None and end is not None and isinstance(node, Scalar):
            found = span_inside(node, list(self.lines), start, end)
            if found:
                return found
        return self.document.span(path)


def _start(expression: Expression) -> int:
    return expression.start


def text(value: Any) -> str:
    """A value that is meant to be text; empty for anything else."""
    return value if isinstance(value, str) else ""


def references(expression: Expression | None) -> Iterator[Node]:
    """The references in an expression."""
    nodes = expression.node.walk() if expression and expression.node else ()
    return (node for node in nodes if node.kind == "reference")


def steps_of(file: Workflow, job: Job | None, listed: Any, path: Path) -> Iterator[Step]:
    """The steps of a list."""
    for i, data in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(data, dict):
            yield Step(file, job, (*path, i), data)


def _env(data: Mapping[str, Any], path: Path) -> dict[str, Value]:
    env = data.get("env")
    found = env.items() if isinstance(env, dict) else ()
    return {name: Value(value, (*path, "env", name)) for name, value in found}
