"""Expressions of GitHub workflows: `${{ github.ref == 'refs/heads/main' && !cancelled() }}`.

Source: GitHub documentation, "Evaluate expressions in workflows and actions": literals,
operators by precedence, dereferences, functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from kerp_policy.artifacts.workflow.tokens import (
    WORDS,
    Expression,
    ExpressionError,
    Kind,
    Node,
    Token,
    tokens,
)
from kerp_policy.regex import regex

__all__ = ["Expression", "Node", "find_expressions", "read_condition", "references"]

MAX_DEPTH = 50
"""What GitHub itself allows; recursion is bounded by it."""
MAX_LENGTH = 21_000
"""Characters of one expression, GitHub's own bound."""

_PRECEDENCE = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))
_IN_TEXT = regex(r"'(?:[^']|'')*+'|\}\}|[^'}]++|.", re.DOTALL)


def find_expressions(text: str) -> Iterator[Expression]:
    """Every `${{ … }}` of a text; braces inside a quoted text do not end one."""
    at = 0
    while (start := text.find("${{", at)) >= 0:
        end = _closing(text, start + 3)
        if end is None:
            yield Expression(start, start + 3, None, "this ${{ is never closed by }}", start)
            at = start + MAX_LENGTH  # nothing in between can close it
            continue
        yield _read(text, start, start + 3, end - 2, end)
        at = end


def _closing(text: str, at: int) -> int | None:
    """The index behind the braces that end an expression; no further than one may be long."""
    limit = min(len(text), at + MAX_LENGTH + 2)
    while at < limit and (found := _IN_TEXT.match(text, at, limit)):
        at = found.end()
        if found[0] == "}}":
            return at
    return None


def read_condition(text: str) -> Expression:
    """The value of an `if:`, which is an expression without braces.

    With braces the text is an expression only where they enclose all of it; else, be it for a
    line end that `|` keeps, it is a text, and so holds whatever the expressions in it say. Those
    are its parts.
    """
    inner = list(find_expressions(text))
    if not inner:
        start, end = _stripped(text)
        return _read(text, start, start, end, end)
    broken = next((expression for expression in inner if expression.node is None), None)
    if broken or (inner[0].start, inner[0].end) == (0, len(text)):
        return broken or inner[0]
    parts = tuple(expression.node for expression in inner if expression.node)
    start, end = _stripped(text)
    return Expression(start, end, Node("text", text[start:end], parts, start, end))


def _stripped(text: str) -> tuple[int, int]:
    """Where a text begins and ends without the blanks around it."""
    bare = text.strip()
    start = text.find(bare)
    return start, start + len(bare)


def _read(text: str, start: int, inner: int, inner_end: int, end: int) -> Expression:
    try:
        if inner_end - inner > MAX_LENGTH:
            raise ExpressionError(f"the expression is longer than {MAX_LENGTH:,} characters", inner)
        return Expression(start, end, _Parser(tokens(text, inner, inner_end), inner_end).whole())
    except ExpressionError as error:
        return Expression(start, end, None, error.message, error.at)


def references(expression: Expression | None) -> Iterator[Node]:
    """The references in an expression."""
    nodes = expression.node.walk() if expression and expression.node else ()
    return (node for node in nodes if node.kind == "reference")


class _Parser:
    """Recursive descent, one level of operators a method."""

    def __init__(self, words: list[Token], end: int) -> None:
        self._words = words
        self._at = 0
        self._end = end
        self._depth = 0

    def whole(self) -> Node:
        node = self._binary(0)
        if self._at < len(self._words):
            token = self._words[self._at]
            raise ExpressionError(f"{token.text[:40]} is not expected here", token.start)
        return node

    def _peek(self) -> str:
        token = self._words[self._at] if self._at < len(self._words) else None
        return token.text if token and token.kind == "operator" else ""

    def _next(self, expected: str = "a value") -> Token:
        if self._at >= len(self._words):
            raise ExpressionError(f"the expression ends too early; expected {expected}", self._end)
        self._at += 1
        return self._words[self._at - 1]

    def _expect(self, operator: str) -> Token:
        token = self._next(operator)
        if token.text != operator:
            raise ExpressionError(
                f"{token.text[:40]} has no place here; expected {operator} before it", token.start
            )
        return token

    def _binary(self, level: int) -> Node:
        """Operands of one operator in a row become one node, so that no chain nests."""
        if level == len(_PRECEDENCE):
            return self._unary()
        parts, folds = [self._binary(level + 1)], 0
        while (operator := self._peek()) in _PRECEDENCE[level]:
            token = self._next()
            parts.append(self._binary(level + 1))
            if self._peek() != operator:
                parts, folds = [_operation(operator, parts)], folds + 1
            if folds > MAX_DEPTH:
                raise ExpressionError(f"nested more than {MAX_DEPTH} levels deep", token.start)
        return parts[0]

    def _unary(self) -> Node:
        negations = []
        while self._peek() == "!":
            negations.append(self._next())
        node = self._primary()
        if negations:
            text = "!" if len(negations) % 2 else "!!"
            node = Node("operator", text, (node,), negations[0].start, node.end)
        return node

    def _primary(self) -> Node:
        token = self._next()
        if token.text == "(":
            self._enter(token)
            inner = self._binary(0)
            end = self._expect(")").end
            self._depth -= 1
            node = replace(inner, start=token.start, end=end)
            return self._dereferenced(node) if self._peek() in (".", "[") else node
        if token.kind == "text":
            text = token.text[1:-1].replace("''", "'")
            return Node("text", text, (), token.start, token.end)
        if token.kind == "number" or token.text in WORDS:
            kind: Kind = "number" if token.kind == "number" else "word"
            return Node(kind, token.text, (), token.start, token.end)
        if token.kind != "name":
            raise ExpressionError(
                f"{token.text} has no place here; expected a value before it", token.start
            )
        if self._peek() == "(":
            return self._dereferenced(self._call(token))
        root = Node("reference", token.text.lower(), (), token.start, token.end)
        return self._dereferenced(root)

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"nested more than {MAX_DEPTH} levels deep", token.start)

    def _call(self, name: Token) -> Node:
        self._enter(self._expect("("))
        arguments: list[Node] = []
        while self._peek() != ")":
            arguments.append(self._binary(0))
            if self._peek() != ",":
                break
            self._next()
        end = self._expect(")").end
        self._depth -= 1
        return Node("call", name.text.lower(), tuple(arguments), name.start, end)

    def _dereferenced(self, root: Node) -> Node:
        """`a.b`, `a['b']`, `a[0]` and `a.*`, in any number, as one flat reference."""
        steps = [root.text] if root.kind == "reference" else ["()"]
        parts = [] if root.kind == "reference" else [root]
        end = root.end
        while (operator := self._peek()) in (".", "["):
            opening = self._next()
            if operator == ".":
                token = self._next("a name")
                if token.kind != "name" and token.text != "*":
                    raise ExpressionError("the dot has no name after it; expected one", token.start)
                steps.append(token.text.lower())
                end = token.end
                continue
            self._enter(opening)
            step, part = self._index()
            steps.append(step)
            parts += part
            end = self._expect("]").end
            self._depth -= 1
        if len(steps) == 1:
            return root
        return Node("reference", ".".join(steps), tuple(parts), root.start, end)

    def _index(self) -> tuple[str, list[Node]]:
        if self._peek() == "*":
            self._at += 1
            return "*", []
        node = self._binary(0)
        return (node.text.lower(), []) if node.kind in ("text", "number") else ("*", [node])


def _operation(operator: str, parts: list[Node]) -> Node:
    return Node("operator", operator, tuple(parts), parts[0].start, parts[-1].end)
