"""Whether an expression comes to the type that a key asks for, as far as it is known.

Source: GitHub documentation, "Evaluate expressions in workflows and actions", `fromJSON`: what is a
string stays one where a number or a boolean is expected; "Contexts reference" for what is one.
"""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.artifacts.workflow.expressions import Expression, Node, find_expressions
from kerp_policy.artifacts.workflow.model import Workflow
from kerp_policy.artifacts.yaml_scalars import core
from kerp_policy.paths import Path
from kerp_policy.regex import regex
from kerp_policy.views import lookup

_STRING, _NUMBER, _BOOLEAN = "a string", "a number", "true or false"
_KEYS = {
    "timeout-minutes": _NUMBER,
    "max-parallel": _NUMBER,
    "continue-on-error": _BOOLEAN,
    "fail-fast": _BOOLEAN,
    "cancel-in-progress": _BOOLEAN,
    "matrix": "a mapping",
}
_CALLS = {
    **dict.fromkeys(("format", "join", "tojson", "hashfiles"), _STRING),
    **dict.fromkeys(("contains", "startswith", "endswith"), _BOOLEAN),
}
_NO_STRINGS = frozenset(("event", "ref_protected", "env"))
_OBJECT = regex(
    r"github(?:\.event)?|needs|steps|(?:needs|steps)\.[\w-]+(?:\.outputs)?|matrix|inputs|env|vars"
    r"|secrets|runner|job|strategy"
)
_TYPES = {"boolean": _BOOLEAN, "number": _NUMBER}


def kind_problem(workflow: Workflow, path: Path, expression: Expression) -> str:
    """What is wrong with the type of an expression; empty where it fits or is not known."""
    wanted, value = _KEYS.get(str(path[-1])), lookup(workflow.data, path)
    if not wanted or not _is_setting(path) or not isinstance(value, str) or not expression.node:
        return ""
    if expression.end - expression.start != len(value):
        return ""  # a string whatever it comes to, which the schema refuses
    kinds = set(_kinds(workflow, expression.node))
    if len(kinds) != 1 or kinds & {wanted, ""}:
        return ""
    hint = ", which fromJSON() makes of it" if kinds == {_STRING} else ""
    return f"{path[-1]} is given {kinds.pop()}; expected {wanted}{hint}"


def kind_given(workflow: Workflow, value: object) -> str:
    """The type of a value that something is given, in words; empty where it is not known."""
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else _BOOLEAN
    if not isinstance(value, str):
        return _NUMBER if isinstance(value, int | float) else ""
    expression = next(find_expressions(value), None)
    if expression is None:
        return _STRING if isinstance(core(value, True, None), str) else f"{_STRING} in quotes"
    if (expression.start, expression.end) != (0, len(value)):
        return _STRING
    kinds = set(_kinds(workflow, expression.node)) if expression.node else {""}
    return kinds.pop() if len(kinds) == 1 else ""


def is_boolean(workflow: Workflow, reference: str) -> bool:
    """Whether a reference is true or false, and no text of it, as `github.event.inputs` has."""
    return _reference(workflow, reference.split(".")) == _BOOLEAN


def object_problem(path: Path, expression: Expression) -> str:
    """Whether a whole object is put into a script, where it is the word Object."""
    node = expression.node
    if path[-1:] != ("run",) or node is None or node.kind != "reference":
        return ""
    if not _OBJECT.fullmatch(node.text):
        return ""
    return f"{node.text} is an object, which is put in as the word Object; expected toJSON() of it"


def _is_setting(path: Path) -> bool:
    """Whether a key is GitHub's own, not a name under env, with, outputs or the like."""
    return path[-2:-1] in (("concurrency",), ("strategy",)) or (
        path[0] == "jobs" and (len(path) == 3 or (path[2:3] == ("steps",) and len(path) == 5))
    )


def _kinds(workflow: Workflow, node: Node) -> Iterator[str]:
    """The types that a node can come to; "" for any."""
    if node.kind == "operator" and node.text in ("&&", "||"):
        for part in node.parts:
            yield from _kinds(workflow, part)
    elif node.kind == "operator":
        yield _BOOLEAN
    elif node.kind == "reference":
        yield _reference(workflow, node.text.split("."))
    elif node.kind == "call":
        yield _CALLS.get(node.text, "")
    elif node.kind == "word":
        yield _BOOLEAN if node.text in ("true", "false") else ""
    else:
        yield _STRING if node.kind == "text" else _NUMBER


def _reference(workflow: Workflow, steps: list[str]) -> str:
    root = steps[0]
    if "*" in steps:
        return ""
    if root == "inputs" and len(steps) == 2:
        return _input(workflow, steps[1])
    plain = root in ("env", "secrets", "vars") or (root == "github" and steps[1:] != ["event"])
    if plain and len(steps) == 2 and steps[1] not in _NO_STRINGS:
        return _STRING
    outputs = root in ("needs", "steps") and len(steps) == 4 and steps[2] == "outputs"
    return _STRING if outputs or steps[:3] == ["github", "event", "inputs"] else ""


def _input(workflow: Workflow, name: str) -> str:
    found = set()
    for event in ("workflow_dispatch", "workflow_call"):
        inputs = lookup(workflow.triggers.get(event), ("inputs",))
        for key, about in inputs.items() if isinstance(inputs, dict) else ():
            if key.lower() == name:
                found.add(_TYPES.get(str(lookup(about, ("type",))), _STRING))
    return found.pop() if len(found) == 1 else ""
