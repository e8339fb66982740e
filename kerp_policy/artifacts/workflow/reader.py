"""From a file to a workflow or an action."""

from __future__ import annotations

from typing import Any

from kerp_policy.artifacts.workflow.model import Workflow
from kerp_policy.artifacts.workflow.syntax import action_problems, workflow_problems
from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_nodes import Document
from kerp_policy.sources.source import START, Problem, Source

_MOST_MERGES = 20


def read_workflow(source: Source) -> tuple[Workflow | None, list[Problem]]:
    """Read a workflow and say what GitHub does not accept of it.

    No input raises. Without a workflow, the problems say why.
    """
    workflow, problems = _read(source, "workflow")
    if workflow:
        problems += workflow_problems(workflow)
    return workflow, problems


def read_action(source: Source) -> tuple[Workflow | None, list[Problem]]:
    """Read the metadata of an action (`action.yml`) likewise."""
    action, problems = _read(source, "action")
    if action:
        problems += action_problems(action)
    return action, problems


def _read(source: Source, what: str) -> tuple[Workflow | None, list[Problem]]:
    stream = read(source.text)
    problems = list(stream.problems)
    documents = stream.documents
    problems += [problem for document in documents for problem in document.problems]
    if not documents:
        if not problems:
            problems.append(Problem("workflow-syntax", START, f"the {what} is empty"))
        return None, problems
    for span in documents[0].merges[:_MOST_MERGES]:
        message = "GitHub does not know <<; write the keys out, or use the alias as the whole value"
        problems.append(Problem("workflow-syntax", span, message))
    if len(documents) > 1:
        message = f"a {what} is one YAML document; GitHub does not read a second one"
        problems.append(Problem("workflow-syntax", documents[1].root.span, message))
    return _made(source, documents[0], problems, what), problems


def _made(
    source: Source, document: Document, problems: list[Problem], what: str
) -> Workflow | None:
    data: Any = document.data()
    if isinstance(data, dict):
        return Workflow(source.path, document, data, source.lines)
    message = f"the {what} is no mapping of keys such as name, on and jobs"
    problems.append(Problem("workflow-syntax", document.span(()), message))
    return None
