"""What workflows and their jobs are: from views to facts."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.workflow import Job as WorkflowJob
from kerp_policy.artifacts.workflow import Step
from kerp_policy.artifacts.workflow import Workflow as WorkflowFile
from kerp_policy.artifacts.workflow.credentials import STATIC, VARIABLES
from kerp_policy.artifacts.workflow.expressions import find_expressions, references
from kerp_policy.artifacts.workflow.names import address
from kerp_policy.artifacts.workflow.steps import text
from kerp_policy.estate.gates import signs
from kerp_policy.estate.pipelines import Job, Secret, Workflow
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.views import View, lookup


def workflow_fact(view: View) -> Workflow:
    """The fact of one workflow."""
    workflow: WorkflowFile = view.subject
    path: Path = ("on", "workflow_run", "workflows")
    follows = lookup(workflow.triggers.get("workflow_run"), ("workflows",), [])
    names = enumerate(follows) if isinstance(follows, list) else [(None, follows)]
    named = [(i, name) for i, name in names if isinstance(name, str)]
    return Workflow(
        view.facts["file"],
        view.locate(("jobs",)),
        None,
        text(workflow.data.get("name")) or view.facts["file"],
        tuple(workflow.triggers),
        tuple(name for _, name in named),
        tuple(view.locate(path if i is None else (*path, i)) for i, _ in named),
    )


def job_fact(view: View) -> Job:
    """The fact of one job."""
    job: WorkflowJob = view.subject
    return Job(
        view.facts["file"],
        Place(job.workflow.span((*job.path, "needs")), address(job)),
        view.environment,
        address(job),
        job.id,
        tuple(each.id for each in job.workflow.before(job)),
        bool(job.changes),
        _called(view.facts["file"], job.uses),
        signs(job),
    )


def _called(file: str, uses: str) -> str:
    """The path of a workflow of the same repository, whose top lies above `.github`."""
    top = file.partition(".github/")[0]
    return f"{top}{uses.removeprefix('./')}" if uses.startswith("./") else uses


def credentials(view: View) -> Iterator[Secret]:
    """The long-lived credentials that a job takes from secrets."""
    job: WorkflowJob = view.subject
    file, environment = view.facts["file"], view.environment
    wide = job.data.get("environment") is None
    for step in job.steps:
        for path, value in _given(step):
            for name in _secrets(value):
                place = Place(job.workflow.span(path), address(step))
                yield Secret(file, place, environment, address(job), name, wide)


def _given(step: Step) -> Iterator[tuple[Path, object]]:
    for each in STATIC:
        name = next((name for name in each.inputs if any(_secrets(step.inputs.get(name)))), None)
        if step.action == each.action and name:
            yield step.input_path(name), step.inputs[name]
    for name in VARIABLES:
        if name in step.env:
            yield step.env[name].path, step.env[name].value


def _secrets(value: object) -> Iterator[str]:
    for expression in find_expressions(value) if isinstance(value, str) else ():
        for node in references(expression):
            holder, _, name = node.text.partition(".")
            if holder == "secrets" and name:
                yield name.upper()
