"""What `if:` says: when a job or a step runs."""

from __future__ import annotations

from typing import Any

from kerp_policy.artifacts.workflow.expressions import Expression, Node, read_condition

STATUS = frozenset(("always", "success", "failure", "cancelled"))
"""The functions without which GitHub puts `success() &&` before a condition."""


def condition(value: Any) -> Expression | None:
    """The expression of an `if:`; None where there is none."""
    if isinstance(value, bool | int | float):
        value = str(value).lower()
    return read_condition(value) if isinstance(value, str) and value.strip() else None


def runs_after(expression: Expression | None) -> frozenset[str]:
    """The outcomes of what came before (`success`, `failure`, `cancelled`) after which it may run.

    What is no status function counts as if it held.
    """
    node = expression.node if expression else None
    names = {part.text for part in node.walk() if part.kind == "call"} if node else set()
    if not names & STATUS or node is None:
        return frozenset(("success",))
    return frozenset(o for o in ("success", "failure", "cancelled") if _may_hold(node, o))


def after_success(expression: Expression | None) -> bool:
    """Whether it may run where nothing before it failed; `failure()` alone puts something right."""
    return "success" in runs_after(expression)


def _may_hold(node: Node, outcome: str) -> bool:
    """Whether an expression can hold after an outcome; what is unknown can be either."""
    if node.kind == "call" and node.text in STATUS:
        return node.text in ("always", outcome)
    if node.kind == "operator" and node.text == "&&":
        return all(_may_hold(part, outcome) for part in node.parts)
    if node.kind == "operator" and node.text == "||":
        return any(_may_hold(part, outcome) for part in node.parts)
    if node.kind == "operator" and node.text == "!":
        return _may_not_hold(node.parts[0], outcome)
    return node.text not in ("false", "null")


def _may_not_hold(node: Node, outcome: str) -> bool:
    if node.kind == "call" and node.text in STATUS:
        return node.text not in ("always", outcome)
    if node.kind == "operator" and node.text == "&&":
        return any(_may_not_hold(part, outcome) for part in node.parts)
    if node.kind == "operator" and node.text == "||":
        return all(_may_not_hold(part, outcome) for part in node.parts)
    if node.kind == "operator" and node.text == "!":
        return _may_hold(node.parts[0], outcome)
    return node.text != "true"
