"""The shell text of a step, with its expressions as holes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from kerp_policy.artifacts.shell import Shell, parse_shell
from kerp_policy.artifacts.workflow.expressions import Expression, find_expressions
from kerp_policy.artifacts.yaml_nodes import Scalar, span_inside

_BOURNE = ("bash", "sh", "dash", "ksh", "zsh")


def script_of(
    node: Scalar, lines: Sequence[str], shell: str
) -> tuple[str, Shell, tuple[Expression, ...]] | None:
    """Read a script; None where no shell of the Bourne family runs it.

    Args:
        node: the value of `run`.
        lines: the lines of the file.
        shell: the shell in effect; empty where nothing says which.
    """
    words = shell.split() or ["bash"]
    if words[0].rpartition("/")[2] not in _BOURNE:
        return None
    expressions = tuple(find_expressions(node.text))
    masked = _masked(node.text, expressions)
    return node.text, parse_shell(masked, locate=_locator(node, lines)), expressions


def _masked(text: str, expressions: tuple[Expression, ...]) -> str:
    """The text, as long as it was, with `${___}` for each expression: a variable to the shell."""
    pieces, at = list[str](), 0
    for expression in expressions:
        length = expression.end - expression.start
        hole = "${" + "_" * (length - 3) + "}"
        pieces += [text[at : expression.start], hole]
        at = expression.end
    return "".join([*pieces, text[at:]])


def _locator(node: Scalar, lines: Sequence[str]) -> Callable[[int], tuple[int, int]]:
    """Places of characters; where folding hides them, that of the value."""
    starts = [0, *(i + 1 for i, character in enumerate(node.text) if character == "\n")]
    all_lines = list(lines)
    firsts = [_first(node, all_lines, start) for start in starts]

    def locate(offset: int) -> tuple[int, int]:
        row = bisect_right(starts, offset) - 1
        line, column, exact = firsts[row]
        return (line, column + offset - starts[row]) if exact else (line, column)

    return locate


def _first(node: Scalar, lines: list[str], start: int) -> tuple[int, int, bool]:
    span = span_inside(node, lines, start, start)
    return (span.line, span.column, True) if span else (node.span.line, node.span.column, False)
