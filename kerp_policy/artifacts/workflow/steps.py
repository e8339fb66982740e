"""A step as GitHub runs it, with what it has from its job and workflow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kerp_policy.artifacts.workflow.conditions import condition
from kerp_policy.artifacts.workflow.expressions import Expression
from kerp_policy.artifacts.workflow.runners import on_windows
from kerp_policy.artifacts.workflow.scripts import Script, script_of
from kerp_policy.artifacts.yaml_nodes import Scalar
from kerp_policy.kubernetes.images import without_digest
from kerp_policy.paths import Path
from kerp_policy.views import lookup

if TYPE_CHECKING:
    from kerp_policy.artifacts.workflow.model import Job, Workflow


class Value(Struct, frozen=True):
    """A value in effect, and the path in the file where it is written."""

    value: Any
    path: Path


class Step(Struct, frozen=True, eq=False, dict=True):
    """One step of a job, or of a composite action, which has no job; `index` counts from 0."""

    file: Workflow
    job: Job | None
    index: int
    path: Path
    data: Mapping[str, Any]

    @cached_property
    def name(self) -> str:
        """What it is called in addresses: its id, its name, its action, or a hash of its script."""
        for name in (self.data.get("id"), self.data.get("name"), without_ref(self.uses)):
            if isinstance(name, str) and name:
                return name
        return hashlib.sha256(" ".join(self.run.split()).encode()).hexdigest()[:8]

    @property
    def uses(self) -> str:
        """The action that it runs, as written; empty for a script."""
        return text(self.data.get("uses"))

    @property
    def action(self) -> str:
        """The action without its ref, in lower case: `actions/checkout`."""
        return without_ref(self.uses).lower()

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
        return {**outer, **env_of(self.data, self.path)}

    @cached_property
    def shell(self) -> str:
        """The shell: its own, the job's, the workflow's, or the runner's."""
        own = text(self.data.get("shell"))
        if own or self.job is None:
            return own
        defaults = (lookup(level, ("defaults", "run", "shell")) for level in self.job.levels)
        inherited = next((text(shell) for shell in defaults if shell), "")
        return inherited or ("pwsh" if on_windows(self.job, self) else "bash")

    @property
    def folder(self) -> str:
        """The folder that it runs in, as written: its own, its job's or the workflow's."""
        levels = self.job.levels if self.job else ()
        inherited = (lookup(level, ("defaults", "run", "working-directory")) for level in levels)
        candidates = (self.data.get("working-directory"), *inherited)
        return next((folder for folder in candidates if isinstance(folder, str)), "")

    @cached_property
    def script(self) -> Script | None:
        """The script, if a shell of the Bourne family runs it."""
        node = self.file.document.node((*self.path, "run"))
        if not isinstance(node, Scalar) or not self.run:
            return None
        return script_of(node, self.file.lines, self.shell)

    @cached_property
    def condition(self) -> Expression | None:
        """Its `if`."""
        return condition(self.data.get("if"))


def steps_of(file: Workflow, job: Job | None, listed: Any, path: Path) -> Iterator[Step]:
    """The steps of a list; those that run in parallel come one after the other."""
    for index, (where, data) in enumerate(_each(listed, path)):
        yield Step(file, job, index, where, data)


def _each(listed: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for i, data in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(data, dict):
            continue
        inner = data.get("parallel")
        for j, each in enumerate(inner if isinstance(inner, list) else ()):
            if isinstance(each, dict):
                yield (*path, i, "parallel", j), each
        yield (*path, i), data


def without_ref(uses: str) -> str:
    """What is used, without its ref; all of it where that is no action, but a user and password."""
    name = uses.partition("@")[0]
    if uses.startswith("docker://"):
        return without_digest(uses)
    return uses if ":" in name else name


def text(value: Any) -> str:
    """A value that is meant to be text; empty for anything else."""
    return value if isinstance(value, str) else ""


def env_of(data: Mapping[str, Any], path: Path) -> dict[str, Value]:
    """The environment variables that a level sets itself."""
    env = data.get("env")
    found = env.items() if isinstance(env, dict) else ()
    return {name: Value(value, (*path, "env", name)) for name, value in found}
