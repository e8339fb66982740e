"""What an expression comes to, as far as given facts decide it.

Source: GitHub documentation, "Evaluate expressions in workflows and actions": falsy values, loose
equality without regard to case, `&&` and `||` that give one of their operands.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from kerp_policy.artifacts.workflow.conditions import STATUS
from kerp_policy.artifacts.workflow.expressions import Node

if TYPE_CHECKING:
    from kerp_policy.artifacts.workflow.model import Job, Workflow
    from kerp_policy.artifacts.workflow.steps import Step


class _Unknown:
    """A value that the facts do not decide."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()
Facts = Mapping[str, Any]
"""From references in lower case (`github.ref`) and status functions (`success()`) to values."""


def evaluate(node: Node, facts: Facts) -> Any:
    """The value of an expression: text, number, boolean, None or `UNKNOWN`."""
    if node.kind == "text":
        return node.text
    if node.kind == "word":
        return {"true": True, "false": False, "null": None}.get(node.text, UNKNOWN)
    if node.kind == "number":
        return _number(node.text)
    if node.kind == "reference":
        return facts.get(node.text, UNKNOWN)
    if node.kind == "call":
        return _call(node, facts)
    return _OPERATORS[node.text](node.parts, facts)


def truth(value: Any) -> bool | None:
    """Whether a value counts as true; None for `UNKNOWN`."""
    return None if value is UNKNOWN else value not in (False, 0, "", None)


def may_run(job: Job, facts: Facts) -> bool | None:
    """Whether a job runs where these facts hold and nothing fails; None where that is open.

    A job is skipped with one that it needs, unless its condition asks for the status.
    """
    known = job.workflow.answers
    key = tuple(sorted(facts.items()))
    if key not in known:
        known[key] = _runs(job.workflow, facts)
    return known[key][job.id]


def any_may_run(job: Job, steps: Iterable[Step], facts: Facts) -> bool | None:
    """The same of some steps of a job, any of which counts; of a job without steps, itself."""
    runs = may_run(job, facts)
    if job.uses or runs is False:
        return runs
    answers = [_all([runs, holds(step, facts)]) for step in steps]
    return True if True in answers else None if None in answers else False


def _runs(workflow: Workflow, facts: Facts) -> dict[str, bool | None]:
    done: dict[str, bool | None] = {}
    for job in workflow.ordered:
        needs = () if _asks_status(job) else job.needs
        done[job.id] = _all([holds(job, facts), *(done[n] for n in needs if n in done)])
    return done


def holds(thing: Job | Step, facts: Facts) -> bool | None:
    """Whether the own condition of a job or step holds."""
    if thing.condition is None:
        return True
    return truth(evaluate(thing.condition.node, facts)) if thing.condition.node else None


def _asks_status(job: Job) -> bool:
    node = job.condition.node if job.condition else None
    return node is not None and any(
        part.kind == "call" and part.text in STATUS for part in node.walk()
    )


def _all(answers: Sequence[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def _number(text: str) -> Any:
    try:
        return float(int(text, 0)) if text.lstrip("+-")[:2] in ("0x", "0o") else float(text)
    except ValueError:
        return UNKNOWN


def _and(parts: Sequence[Node], facts: Facts) -> Any:
    value: Any = True
    open_ = False
    for part in parts:
        value = evaluate(part, facts)
        if truth(value) is False:
            return value
        open_ = open_ or value is UNKNOWN
    return UNKNOWN if open_ else value


def _or(parts: Sequence[Node], facts: Facts) -> Any:
    value: Any = False
    open_ = False
    for part in parts:
        value = evaluate(part, facts)
        if truth(value):
            return value
        open_ = open_ or value is UNKNOWN
    return UNKNOWN if open_ else value


def _not(parts: Sequence[Node], facts: Facts) -> Any:
    value = truth(evaluate(parts[0], facts))
    return UNKNOWN if value is None else not value


def _yes(parts: Sequence[Node], facts: Facts) -> Any:
    value = truth(evaluate(parts[0], facts))
    return UNKNOWN if value is None else value


def _equal(parts: Sequence[Node], facts: Facts) -> Any:
    """Texts without regard to case; what is of two types is left open, but for null and text."""
    if len(parts) != 2:
        return UNKNOWN
    left, right = (evaluate(part, facts) for part in parts)
    if left is UNKNOWN or right is UNKNOWN or type(left) is not type(right):
        return UNKNOWN
    return left.lower() == right.lower() if isinstance(left, str) else left == right


def _unequal(parts: Sequence[Node], facts: Facts) -> Any:
    value = _equal(parts, facts)
    return UNKNOWN if value is UNKNOWN else not value


def _open(parts: Sequence[Node], facts: Facts) -> Any:
    return UNKNOWN


_OPERATORS: dict[str, Callable[[Sequence[Node], Facts], Any]] = {
    "&&": _and,
    "||": _or,
    "!": _not,
    "!!": _yes,
    "==": _equal,
    "!=": _unequal,
    **dict.fromkeys(("<", "<=", ">", ">="), _open),
}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": lambda text, part: part in text,
}


def _call(node: Node, facts: Facts) -> Any:
    if node.text in STATUS:
        return facts.get(f"{node.text}()", UNKNOWN)
    if node.text == "fromjson" and len(node.parts) == 1:
        return _from_json(node.parts[0])
    if node.text not in (*_TEXTS, "join") or len(node.parts) != 2:
        return UNKNOWN
    text, part = (evaluate(argument, facts) for argument in node.parts)
    if node.text == "join":
        return _joined(text, part)
    return _compared(node.text, text, part)


def _joined(values: Any, between: Any) -> Any:
    known = isinstance(values, tuple) and isinstance(between, str)
    return between.join(map(str, values)) if known else UNKNOWN


def _compared(name: str, text: Any, part: Any) -> Any:
    if isinstance(text, tuple) and name == "contains" and isinstance(part, str):
        return part.lower() in [str(each).lower() for each in text]
    if not isinstance(text, str) or not isinstance(part, str):
        return UNKNOWN
    return _TEXTS[name](text.lower(), part.lower())


def _from_json(argument: Node) -> Any:
    """A list of texts, as `contains(fromJSON('["a", "b"]'), …)` has one."""
    if argument.kind != "text":
        return UNKNOWN
    try:
        value = json.loads(argument.text)
    except (ValueError, RecursionError):
        return UNKNOWN
    texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return tuple(value) if texts else UNKNOWN
