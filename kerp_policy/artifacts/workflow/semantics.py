"""What is wrong with the expressions of a workflow: grammar, functions, contexts, names."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.workflow.contexts import (
    ALL,
    FUNCTIONS,
    PROPERTIES,
    SPELLED,
    STATUS_FUNCTIONS,
    can_hash,
    contexts_at,
)
from kerp_policy.artifacts.workflow.expressions import Node
from kerp_policy.artifacts.workflow.formats import literal_problem
from kerp_policy.artifacts.workflow.kinds import kind_problem, object_problem
from kerp_policy.artifacts.workflow.model import Workflow
from kerp_policy.artifacts.workflow.referents import referent_problem
from kerp_policy.artifacts.workflow.tokens import WORDS
from kerp_policy.artifacts.workflow.walk import is_condition
from kerp_policy.paths import Path
from kerp_policy.sources.source import Span
from kerp_policy.wording import meant, nearest
from kerp_policy.words import word_set

Found = Iterator[tuple[Path, str, Span]]


def expression_problems(workflow: Workflow) -> Found:
    """Each with the path of its value and its exact place."""
    for path, expression in workflow.expressions:
        if expression.node is None:
            at = expression.at
            end = min(at + 1, max(at, expression.end))  # nothing stands behind one that breaks off
            yield path, f"expression: {expression.error}", workflow.span(path, at, end)
            continue
        message = kind_problem(workflow, path, expression) or object_problem(path, expression)
        if message:
            yield path, message, workflow.span(path, expression.start, expression.end)
        for node in expression.node.walk():
            message = _message(workflow, path, node)
            if message and not _may_be_absent(workflow, node, expression.node):
                yield path, message, workflow.span(path, node.start, node.end)


def _may_be_absent(workflow: Workflow, node: Node, whole: Node) -> bool:
    """Whether an input of an event that never comes has another value beside it: `… || 'x'`."""
    if "workflow_dispatch" in workflow.triggers or not node.text.startswith(_BY_HAND):
        return False
    return any(part.text == "||" and node in part.parts[:-1] for part in whole.walk())


def _message(workflow: Workflow, path: Path, node: Node) -> str:
    if node.kind == "call":
        return _call(path, node)
    return _reference(workflow, path, node) if node.kind == "reference" else ""


def _call(path: Path, node: Node) -> str:
    if node.text not in FUNCTIONS:
        close = nearest(node.text[:40], FUNCTIONS)
        hint = f"; did you mean {SPELLED.get(close, close)}()?" if close else ""
        return f"there is no function {node.text[:40]}(){hint}"
    few, many = FUNCTIONS[node.text]
    name = SPELLED.get(node.text, node.text)
    if not few <= len(node.parts) <= many:
        wanted = str(few) if few == many else f"{few} to {many}" if many < 255 else f"{few} or more"
        return f"{name}() takes {wanted} arguments, not {len(node.parts)}"
    if node.text in STATUS_FUNCTIONS and not is_condition(path):
        return f"{name}() can only be asked in an if"
    if node.text == "hashfiles" and not can_hash(path):
        return "hashFiles() can only be asked in a step, as there are no files before"
    return literal_problem(node)


def _reference(workflow: Workflow, path: Path, node: Node) -> str:
    root, _, rest = node.text.partition(".")
    if root in ("()", ""):
        return ""
    if root not in ALL:
        word = _VALUES.get(root) if not rest else None
        hint = f"; write the value as {word}" if word else meant(root[:40], sorted(ALL))
        hint = f"; write the function as {root}()" if root in STATUS_FUNCTIONS else hint
        return f'there is no context "{root[:40]}"{hint}'
    allowed = contexts_at(path)
    if allowed == frozenset():
        return f"no expression can stand in {_last(path)}"
    if allowed is not None and root not in allowed:
        where = "an if" if is_condition(path) else f"{_key(path)}"
        usable = ", ".join(sorted(allowed))
        return f"the context {root} cannot be used in {where}; there are {usable}"
    if slip := _slip(root, rest.partition(".")[0]):
        return slip
    return referent_problem(workflow, path, node.text.split(".")) if rest else ""


def _slip(root: str, name: str) -> str:
    """A property that a context has not, if it is near one that it has."""
    known = PROPERTIES.get(root, frozenset())
    if not name or name == "*" or not known or name in known:
        return ""
    close = nearest(name[:60], sorted(known), 0.75)
    return f'{root} has no "{name[:60]}"; did you mean "{close}"?' if close else ""


def _key(path: Path) -> str:
    if path[:1] == ("runs",):
        return "a composite action"
    if path[2:3] in (("with",), ("secrets",)):  # what is below has names of somebody's choice
        return str(path[2])
    names = [step for step in path if isinstance(step, str)]
    return next((n for n in reversed(names) if n in _KEYS), names[0])


def _last(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


_BY_HAND = "github.event.inputs."
_VALUES = {word.lower(): word for word in WORDS}
"""The words that are values, which are so in these letters only, by their small letters."""
_KEYS = word_set(
    "run-name concurrency env on continue-on-error defaults url environment name outputs runs-on"
    " secrets with strategy timeout-minutes credentials container services default value"
)
