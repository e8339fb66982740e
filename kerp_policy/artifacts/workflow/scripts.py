"""The shell text of a step, with its expressions as holes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from msgspec import Struct

from kerp_policy.artifacts.shell import Shell, Word, parse_shell
from kerp_policy.artifacts.shell.inner import SHELLS
from kerp_policy.artifacts.workflow.expressions import Expression, find_expressions
from kerp_policy.artifacts.yaml_nodes import Scalar, span_inside
from kerp_policy.artifacts.yaml_runs import position, runs
from kerp_policy.regex import regex

Locate = Callable[[int], tuple[int, int]]
"""From the index of a character in a value to its line and column in the file."""

_HOLE = regex(r"\$\{_+\}")


class Script(Struct, frozen=True):
    """The shell text of a step. An expression in it looks like a variable to the shell reader.

    Attributes:
        text: as written, expressions included.
        shell: its commands, with their places in the file.
        expressions: those in it, in order; their offsets are offsets in `text`.
    """

    text: str
    shell: Shell
    expressions: tuple[Expression, ...]

    def inside(self, word: Word) -> Iterator[Expression]:
        """The expressions that a word holds."""
        for part in word.parts:
            end = part.offset + max(1, len(part.text))
            first = bisect_left(self.expressions, part.offset, key=_start)
            yield from self.expressions[first : bisect_left(self.expressions, end, key=_start)]

    def written(self, word: Word) -> str:
        """A word as it is written, with its expressions."""
        sources = (self.text[e.start : e.end] for e in self.inside(word))
        return _HOLE.sub(lambda hole: next(sources, hole[0]), word.raw)


def _start(expression: Expression) -> int:
    return expression.start


def script_of(node: Scalar, lines: list[str], shell: str) -> Script | None:
    """Read a script; None where no shell of the Bourne family runs it.

    Args:
        node: the value of `run`.
        lines: the lines of the file.
        shell: the shell in effect; empty where nothing says which.
    """
    words = shell.split() or ["bash"]
    if words[0].rpartition("/")[2] not in SHELLS:
        return None
    expressions = tuple(find_expressions(node.text))
    masked = _masked(node.text, expressions)
    shell_ = parse_shell(masked, locate=locator(node, lines))
    return Script(node.text, shell_, expressions)


def _masked(text: str, expressions: tuple[Expression, ...]) -> str:
    """The text, as long as it was, with `${___}` for each expression: a variable to the shell."""
    pieces, at = list[str](), 0
    for expression in expressions:
        length = expression.end - expression.start
        hole = "${" + "_" * (length - 3) + "}"
        pieces += [text[at : expression.start], hole]
        at = expression.end
    return "".join([*pieces, text[at:]])


def locator(node: Scalar, lines: list[str]) -> Locate:
    """Places of characters; where the file does not show them, that of the value."""
    starts = [0, *(i + 1 for i, character in enumerate(node.text) if character == "\n")]
    firsts = [_first(node, lines, start) for start in starts]
    parted = [] if all(exact for _, _, exact in firsts) else runs(node, lines)

    def locate(offset: int) -> tuple[int, int]:
        row = bisect_right(starts, offset) - 1
        line, column, exact = firsts[row]
        if exact:
            return line, column + offset - starts[row]
        return position(parted, offset) or (line, column)

    return locate


def _first(node: Scalar, lines: list[str], start: int) -> tuple[int, int, bool]:
    span = span_inside(node, lines, start, start)
    return (span.line, span.column, True) if span else (node.span.line, node.span.column, False)
