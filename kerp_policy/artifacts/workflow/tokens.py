"""The words of an expression, and what an expression is made of.

Source: GitHub documentation, "Evaluate expressions in workflows and actions": literals and
operators.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from kerp_policy.regex import regex

Kind = Literal["text", "number", "word", "reference", "call", "operator"]
"""`word` is true, false, null, NaN or Infinity."""


class Node(Struct, frozen=True):
    """A part of an expression.

    Attributes:
        kind: what it is.
        text: the literal's value, the reference's path (`github.event.issue.title`, lower case;
            `*` for a filter and for an index that is computed), the function or the operator.
        parts: operands, arguments, or the computed indices of a reference.
        start: the index of its first character in the text around the expression.
        end: the index after its last.
    """

    kind: Kind
    text: str
    parts: tuple[Node, ...]
    start: int
    end: int

    def walk(self) -> Iterator[Node]:
        """This node and everything below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


class Expression(Struct, frozen=True):
    """An expression in a text: `text[start:end]` with its braces, where it has any.

    `node` is None where it could not be read; then `error` says why, about the character at `at`.
    """

    start: int
    end: int
    node: Node | None
    error: str = ""
    at: int = 0


class ExpressionError(Exception):
    """An expression that GitHub does not accept."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message, self.at = message, at


_TOKEN = regex(
    r"(?P<number>[-+]?(?:0x[0-9a-fA-F]{1,16}|0o[0-7]{1,22}"
    r"|(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,4})?))(?![\w.])"
    r"|(?P<text>'(?:[^']|'')*+')"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*+)"
    r"|(?P<operator>&&|\|\||==|!=|<=|>=|[-<>!()\[\].,*])"
)
_SPACE = regex(r"\s*+")
WORDS = frozenset(("true", "false", "null", "NaN", "Infinity"))


class Token(Struct, frozen=True):
    """A word: `kind` is number, text, name or operator."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str, at: int, end: int) -> list[Token]:
    """The words of `text[at:end]`.

    Raises:
        ExpressionError: a character belongs to none.
    """
    words: list[Token] = []
    while (at := _skip(text, at, end)) < end:
        found = _TOKEN.match(text, at, end)
        if found is None:
            raise ExpressionError(_strange(text[at]), at)
        words.append(Token(found.lastgroup or "", found[0], at, found.end()))
        at = found.end()
    return words


def _skip(text: str, at: int, end: int) -> int:
    found = _SPACE.match(text, at, end)
    return found.end() if found else at


def _strange(character: str) -> str:
    if character == '"':
        return "texts in an expression stand in single quotes, not in double ones"
    if character == "'":
        return "this ' is never closed"
    if character == "=":
        return "one = compares nothing; == does"
    return f"{character} has no place in an expression"
