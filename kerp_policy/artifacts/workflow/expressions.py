"""Expressions of GitHub workflows: `${{ github.ref == 'refs/heads/main' && !cancelled() }}`.

Source: GitHub documentation, "Evaluate expressions in workflows and actions": literals,
operators by precedence, dereferences, functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

MAX_DEPTH = 50
"""What GitHub itself allows; recursion is bounded by it."""
MAX_LENGTH = 21_000
"""Characters of one expression, GitHub's own bound."""

Kind = Literal["text", "number", "word", "reference", "call", "operator"]
"""`word` is true, false, null, NaN or Infinity."""


class Node(NamedTuple):
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


class Expression(NamedTuple):
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


_TOKEN = re.compile(
    r"(?P<number>[-+]?(?:0x[0-9a-fA-F]{1,16}|0o[0-7]{1,22}"
    r"|(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,4})?))(?![\w.])"
    r"|(?P<text>'(?:[^']|'')*+')"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*+)"
    r"|(?P<operator>&&|\|\||==|!=|<=|>=|[-<>!()\[\].,*])"
)
_SPACE = re.compile(r"\s*+")
_WORDS = frozenset(("true", "false", "null", "NaN", "Infinity"))
_PRECEDENCE = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))
_IN_TEXT = re.compile(r"'(?:[^']|'')*+'|\}\}|[^'}]++|.", re.DOTALL)


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


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

    With braces the text is an expression only where they enclose all of it; else it is a text,
    and so holds whatever the expression in it says.
    """
    bare = text.strip()
    start = text.find(bare)
    if bare.startswith("${{") and (end := _closing(text, start + 3)) == start + len(bare):
        return _read(text, start, start + 3, end - 2, end)
    if "${{" in bare:
        whole = Node("text", bare, (), start, start + len(bare))
        return Expression(start, start + len(bare), whole)
    return _read(text, start, start, start + len(bare), start + len(bare))


def _read(text: str, start: int, inner: int, inner_end: int, end: int) -> Expression:
    try:
        if inner_end - inner > MAX_LENGTH:
            raise ExpressionError(f"the expression is longer than {MAX_LENGTH:,} characters", inner)
        return Expression(start, end, _Parser(_tokens(text, inner, inner_end), inner_end).whole())
    except ExpressionError as error:
        return Expression(start, end, None, error.message, error.at)


def _tokens(text: str, at: int, end: int) -> list[_Token]:
    tokens: list[_Token] = []
    while (at := _skip(text, at, end)) < end:
        found = _TOKEN.match(text, at, end)
        if found is None:
            raise ExpressionError(_strange(text[at]), at)
        tokens.append(_Token(found.lastgroup or "", found[0], at, found.end()))
        at = found.end()
    return tokens


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
    return f"{character!r} has no place in an expression"


class _Parser:
    """Recursive descent, one level of operators a method."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = tokens
        self._at = 0
        self._end = end
        self._depth = 0

    def whole(self) -> Node:
        node = self._binary(0)
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            raise ExpressionError(f"{token.text[:40]} is not expected here", token.start)
        return node

    def _peek(self) -> str:
        token = self._tokens[self._at] if self._at < len(self._tokens) else None
        return token.text if token and token.kind == "operator" else ""

    def _next(self, expected: str = "a value") -> _Token:
        if self._at >= len(self._tokens):
            raise ExpressionError(f"the expression ends where {expected} is expected", self._end)
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, operator: str) -> _Token:
        token = self._next(operator)
        if token.text != operator:
            raise ExpressionError(f"{operator} is expected before {token.text[:40]}", token.start)
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
            node = inner._replace(start=token.start, end=end)
            return self._dereferenced(node) if self._peek() in (".", "[") else node
        if token.kind == "text":
            text = token.text[1:-1].replace("''", "'")
            return Node("text", text, (), token.start, token.end)
        if token.kind == "number" or token.text in _WORDS:
            kind: Kind = "number" if token.kind == "number" else "word"
            return Node(kind, token.text, (), token.start, token.end)
        if token.kind != "name":
            raise ExpressionError(f"a value is expected before {token.text}", token.start)
        if self._peek() == "(":
            return self._dereferenced(self._call(token))
        root = Node("reference", token.text.lower(), (), token.start, token.end)
        return self._dereferenced(root)

    def _enter(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError(f"nested more than {MAX_DEPTH} levels deep", token.start)

    def _call(self, name: _Token) -> Node:
        self._enter(self._expect("("))
        arguments: list[Node] = []
        while self._peek() != ")":
            if arguments:
                self._expect(",")
            arguments.append(self._binary(0))
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
                    raise ExpressionError("a name is expected after the dot", token.start)
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
