"""Checks of what comments beside a line of a workflow tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.workflow import Step, Workflow
from kerp_policy.findings import Place, Remark
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.views import View

_COMMIT = regex(r"[^@\s]+@[0-9a-fA-F]{40}")
_VERSION = regex(r"[^#]*+#[^0-9]*+[0-9]")
_WORD = regex(r"#\s*\w")


def versions(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """A commit that an action is pinned to has its version in a comment behind it."""
    step: Step = view.subject
    if _COMMIT.fullmatch(step.uses) and not _VERSION.match(
        _behind(step.file, (*step.path, "uses"))
    ):
        message = "no comment tells the version of this commit"
        yield Remark(("uses",), f"{message}; expected one such as # v1.2.3")


def permissions(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every permission to write has a comment, behind it or above, that tells for what."""
    workflow: Workflow = view.subject
    levels: list[tuple[Path, Mapping[str, Any]]] = [((), workflow.data)]
    levels += [(job.path, job.data) for job in workflow.jobs.values()]
    for path, data in levels:
        granted = data.get("permissions")
        for scope, access in granted.items() if isinstance(granted, dict) else ():
            at = (*path, "permissions", scope)
            if access == "write" and not _is_explained(workflow, at):
                where = f"{workflow.name}#{path[1] if path else 'permissions'}"
                message = f"no comment tells what {scope}: write is for"
                yield Remark(Place(workflow.span(at), where), message, subject=scope)


def _is_explained(workflow: Workflow, path: Path) -> bool:
    above = workflow.lines[max(workflow.span(path).line - 2, 0)].lstrip()
    return bool(_WORD.search(_behind(workflow, path)) or _WORD.match(above))


def _behind(workflow: Workflow, path: Path) -> str:
    """What stands behind a value on its line."""
    node = workflow.document.node(path)
    return workflow.lines[node.span.end_line - 1][node.span.end_column - 1 :] if node else ""
