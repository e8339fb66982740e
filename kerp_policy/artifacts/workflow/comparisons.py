"""Comparisons that come out one way only, since the one side can never be what the other is.

Sources: GitHub documentation, "Contexts reference" (what a property holds) and "Evaluate
expressions in workflows and actions", "Operators": texts are compared without regard to case, and
of two types both become numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from kerp_policy.artifacts.workflow.evaluate import evaluate, truth
from kerp_policy.artifacts.workflow.expressions import Node
from kerp_policy.artifacts.workflow.kinds import is_boolean
from kerp_policy.artifacts.workflow.model import Workflow
from kerp_policy.regex import regex
from kerp_policy.wording import listed, meant

_WORD = regex(r"\s*[A-Za-z_][\w -]*")
_EVENT = "github.event_name"
_RESULTS = ("success", "failure", "cancelled", "skipped")
_HELD = {
    "github.ref_type": ("branch", "tag"),
    "job.status": _RESULTS[:3],
    "runner.os": ("Linux", "Windows", "macOS"),
    "runner.arch": ("X86", "X64", "ARM", "ARM64"),
}
"""By reference, all that it can be."""
_OF_RESULTS = regex(r"needs\.[\w-]+\.result|steps\.[\w-]+\.(?:outcome|conclusion)")


def comparison_problem(workflow: Workflow, node: Node) -> str:
    """Why a comparison is always false, or always true; empty where it is not, or nobody knows."""
    if node.kind != "operator" or node.text not in ("==", "!="):
        return ""
    for one, other in (node.parts, node.parts[::-1]):
        if one.kind != "reference" or other.kind != "text" or not other.text:
            continue
        if one.text == _EVENT and node.text == "!=":
            continue  # a guard that another event would need is no mistake
        if problem := _never(workflow, one.text, other.text):
            what, expected = problem
            result = "false" if node.text == "==" else "true"
            return f"{one.text} {what}, so this is always {result}{expected}"
    return ""


def _never(workflow: Workflow, reference: str, text: str) -> tuple[str, str] | None:
    """Why a reference is never a text, and what is expected."""
    if is_boolean(workflow, reference):
        alone = f"; expected {reference} without a comparison"
        return ("is a boolean, which equals no text", alone) if _WORD.fullmatch(text) else None
    if reference == "github.ref" and not text.lower().startswith("refs/"):
        return f"is never {text[:60]}", f"; expected refs/heads/{text[:60]}, or github.ref_name"
    if reference in ("github.ref_name", "github.head_ref") and text.lower().startswith("refs/"):
        return f"is never {text[:60]}", "; expected the name alone"
    held = _held(workflow, reference)
    if not held or text.lower() in {each.lower() for each in held}:
        return None
    return f"is never {text[:60]}", meant(text[:60], held) or f"; expected {listed(held, 'or')}"


def _held(workflow: Workflow, reference: str) -> Sequence[str]:
    """All that a reference can be; none where nobody knows."""
    if reference == _EVENT:
        is_called = not workflow.triggers or "workflow_call" in workflow.triggers
        return () if is_called else tuple(workflow.triggers)
    return _RESULTS if _OF_RESULTS.fullmatch(reference) else _HELD.get(reference, ())


def choice_problem(node: Node) -> str:
    """Why `a && b || c`, which stands for a choice, always gives `c`; empty where it does not.

    Source: GitHub documentation, "Evaluate expressions in workflows and actions", example of a
    ternary operator: the value after `&&` must be truthy.
    """
    if node.kind != "operator" or node.text != "||" or len(node.parts) != 2:
        return ""
    both, other = node.parts
    if (both.kind, both.text) != ("operator", "&&") or truth(evaluate(other, {})) is False:
        return ""
    chosen = both.parts[-1]
    if not _is_written(chosen) or truth(evaluate(chosen, {})) is not False:
        return ""
    shown = chosen.text or "''"
    return f"{shown} after && counts as false, so this always gives what is after ||"


def _is_written(node: Node) -> bool:
    return node.kind in ("text", "word", "number")
