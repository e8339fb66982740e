"""Checks of what jobs hand to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Workflow
from kerp_policy.artifacts.workflow.expressions import references
from kerp_policy.findings import Place, Remark
from kerp_policy.regex import regex
from kerp_policy.views import View

_OUTPUT = regex(r"\bneeds\.([\w-]+)\.outputs\.([\w-]+)")


def unread_outputs(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every output of a job is read by another, or handed on to the caller of the workflow."""
    workflow: Workflow = view.subject
    outputs = [(job, job.data.get("outputs")) for job in workflow.jobs.values()]
    declared = [(job, name) for job, own in outputs if isinstance(own, dict) for name in own]
    if not declared:
        return
    read = _read(workflow)
    for job, name in declared:
        asked = f"{job.id.lower()}.{name.lower()}"
        if not read & {asked, f"{job.id.lower()}.*", "*"}:
            place = Place(workflow.span((*job.path, "outputs", name)), f"{workflow.name}#{job.id}")
            yield Remark(place, f"no job reads the output {name} of {job.id}", subject=name)


def _read(workflow: Workflow) -> frozenset[str]:
    """The outputs that expressions read, as `job.output`; `*` for all of a job, or of any."""
    found = set()
    for _, expression in workflow.expressions:
        for node in references(expression):
            root, _, rest = node.text.partition(".")
            if root in ("needs", "jobs"):
                job, *path = rest.split(".") if rest else ["*"]
                name = path[1] if len(path) > 1 else "*"
                is_result = path[:1] == ["result"]
                found.add("*" if job == "*" else "" if is_result else f"{job}.{name}")
    return frozenset((*found, *_in_text(workflow)))


def _in_text(workflow: Workflow) -> Iterator[str]:
    """Those that a condition means to read where braces around a part of it make the rest text."""
    written = [job.data.get("if") for job in workflow.jobs.values()]
    for condition in (*written, *(step.data.get("if") for step in workflow.steps)):
        found = _OUTPUT.findall(str(condition).lower())
        yield from (f"{job}.{name}" for job, name in found)
