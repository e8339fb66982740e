"""The syntax of Go's text/template, as far as rules and receivers use it.

Prometheus parses every template when it loads the rules, and refuses the file for one that does
not parse: an action that is not closed, a function or variable that does not exist, a block
without its end (Go, package text/template; Prometheus, Template reference). Alertmanager parses
those of receivers when it notifies (Alertmanager, Notification template reference).
"""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.go_dialects import RULES, Dialect
from kerp_policy.artifacts.go_fields import Dot, Shape, Token, dot_within, shapes, why_no_field
from kerp_policy.regex import regex
from kerp_policy.wording import nearest

_CONSTANTS = frozenset(("true", "false", "nil"))
_BLOCKS = frozenset(("if", "range", "with", "define", "block"))
_NAMED = ("define", "block", "template")
_TERMINATOR = r"(?=[\s.,|:()=]|\Z)"
_TOKENS = regex(
    rf"""
      (?P<space>\s+)
    | (?P<string>"(?:[^"\\\n]|\\.)*+"|`[^`]*+`|'(?:[^'\\\n]|\\.)++')
    | (?P<number>[-+]?(?:0[xX][0-9a-fA-F]++|(?:0[0-7]*+|[1-9][0-9_]*+)(?:\.[0-9]*+)?
        (?:[eE][-+]?[0-9]++)?){_TERMINATOR})
    | (?P<variable>\$\w*+){_TERMINATOR}
    | (?P<field>\.\w++){_TERMINATOR}
    | (?P<word>[^\W\d]\w*+){_TERMINATOR}
    | (?P<sign>:=|[=|(),]|(?<![\w)])\.)
    """,
    re.VERBOSE,
)
# Go's own escapes (The Go Programming Language Specification, String literals).
_BAD_ESCAPE = regex(
    r'"(?:[^"\\]|\\(?:[abfnrtv\\"]|[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))*+(\\.)'
)
# The end of an action, past the strings inside it.
_ACTION = regex(
    r"\{\{(?P<comment>(?:-\s++)?/\*.*?\*/(?:\s++-)?)\}\}"
    r"|\{\{(?P<body>(?:[^\"`'{}]|\{(?!\{)|\}(?!\})|\"(?:[^\"\\\n]|\\.)*+\"|`[^`]*+`"
    r"|'(?:[^'\\\n]|\\.)*+')*+)\}\}",
    re.DOTALL,
)


class TemplateError(Struct, frozen=True):
    """What is wrong with the characters from `start` to `end` of a template."""

    start: int
    end: int
    message: str
    certain: bool = True
    """Whether every version refuses it."""


class _Block(Struct, frozen=True):
    keyword: str
    start: int
    dialect: Dialect
    dot: Dot
    ended: bool = False
    """Whether its `{{ else }}` has come."""

    def declaring(self, names: frozenset[str]) -> Dialect:
        """The dialect with more variables."""
        return replace(self.dialect, variables=self.dialect.variables | names)


class _Action(Struct, frozen=True):
    tokens: list[Token]
    start: int
    end: int


def template_error(text: str, dialect: Dialect = RULES) -> TemplateError | None:
    """The first thing in a template that would be refused, or None."""
    blocks, at = [_Block("", 0, dialect, Dot(dialect.data, dialect.data))], 0
    while (start := text.find("{{", at)) >= 0:
        found = _ACTION.match(text, start)
        if found is None:
            return TemplateError(start, start + 2, "an action is opened with {{ and never closed")
        at = found.end()
        if found["comment"] is None:
            error = _read_action(found["body"], start, at, blocks)
            if error:
                return error
    if len(blocks) > 1:
        block = blocks[-1]
        message = f"{{{{ {block.keyword} }}}} has no {{{{ end }}}}"
        return TemplateError(block.start, block.start + 2, message)
    return None


def _read_action(body: str, start: int, end: int, blocks: list[_Block]) -> TemplateError | None:
    offset = start + 2
    if body.startswith("-") and body[1:2].isspace():
        body, offset = body[1:], offset + 1
    if body.endswith("-") and body[-2:-1].isspace():
        body = body[:-1]
    tokens: list[Token] = []
    at = 0
    while at < len(body):
        found = _TOKENS.match(body, at)
        if found is None:
            message = f"the character {body[at]} is not expected in an action"
            return TemplateError(offset + at, offset + at + 1, message)
        if found.lastgroup and found.lastgroup != "space":
            tokens.append((found.lastgroup, found[0], offset + at))
        at = found.end()
    return _judge(_Action(tokens, start, end), blocks)


def _judge(action: _Action, blocks: list[_Block]) -> TemplateError | None:
    tokens = action.tokens
    keyword = tokens[0][1] if tokens and tokens[0][0] == "word" else ""
    if keyword in ("end", "else"):
        return _end_or_else(action, keyword, blocks)
    if keyword in ("break", "continue"):
        return _leaves_loop(action, keyword, blocks)
    rest = tokens[1:] if keyword in _BLOCKS or keyword == "template" else tokens
    if keyword in _NAMED:
        if not rest or rest[0][0] != "string":
            return TemplateError(action.start, action.end, f"{keyword} needs a name in quotes")
        rest = rest[1:]
    declared, rest = _declared(rest, 2 if keyword == "range" else 1)
    error = _pipeline(rest, action, blocks[-1], needs_value=keyword not in _NAMED)
    if error:
        return error
    dialect = blocks[-1].declaring(declared)
    if keyword in _BLOCKS:
        dot = dot_within(keyword, rest, blocks[-1].dot)
        blocks.append(_Block(keyword, action.start, dialect, dot))
    else:
        blocks[-1] = replace(blocks[-1], dialect=dialect)
    return None


def _leaves_loop(action: _Action, keyword: str, blocks: list[_Block]) -> TemplateError | None:
    if any(block.keyword == "range" for block in blocks):
        return None
    return TemplateError(action.start, action.end, f"{{{{ {keyword} }}}} belongs to no range")


def _end_or_else(action: _Action, keyword: str, blocks: list[_Block]) -> TemplateError | None:
    block = blocks[-1]
    if len(blocks) == 1:
        return TemplateError(action.start, action.end, f"{{{{ {keyword} }}}} belongs to no block")
    if keyword == "end":
        blocks.pop()
        return None
    if block.ended:
        return TemplateError(action.start, action.end, "a block has a second {{ else }}")
    rest = action.tokens[1:]
    outside = blocks[-2].dot
    blocks[-1] = replace(block, ended=not rest, dot=outside)
    if rest and rest[0][1] in ("if", "with"):
        declared, pipeline = _declared(rest[1:], 1)
        dot = dot_within(rest[0][1], pipeline, outside)
        blocks[-1] = replace(blocks[-1], dialect=block.declaring(declared), dot=dot)
        return _pipeline(pipeline, action, replace(block, dot=outside), needs_value=True)
    return None


def _declared(tokens: list[Token], most: int) -> tuple[frozenset[str], list[Token]]:
    """The variables before `:=` or `=`, at most so many, and the pipeline behind it."""
    signs = [text for _, text, _ in tokens[: 2 * most]]
    at = next((i for i, sign in enumerate(signs) if sign in (":=", "=")), 0)
    is_list = all(sign == "," for sign in signs[1:at:2])
    if not at or not is_list or not all(sign.startswith("$") for sign in signs[:at:2]):
        return frozenset(), tokens
    return frozenset(signs[:at:2]), tokens[at + 1 :]


def _pipeline(
    tokens: list[Token], action: _Action, block: _Block, *, needs_value: bool
) -> TemplateError | None:
    depth, before = 0, "|"
    for (kind, text, at), owner, shape in shapes(tokens, block.dot):
        error = _unknown(kind, text, at, block.dialect)
        if error := error or (_no_field(text, at, owner) if shape is None else None):
            return error
        if text in (",", ":=", "="):
            return TemplateError(at, at + len(text), f"{text} is not expected here")
        depth += (text == "(") - (text == ")") if kind == "sign" else 0
        is_empty = (text == "|" and before in ("|", "(")) or (text == ")" and before == "(")
        if depth < 0 or (kind == "sign" and is_empty):
            return TemplateError(at, at + 1, f"a value is missing before {text}")
        before = text if kind == "sign" else ""
    if depth:
        return TemplateError(action.start, action.end, "a parenthesis is not closed")
    if not tokens and needs_value:
        return TemplateError(action.start, action.end, "an action holds no value")
    return None


def _unknown(kind: str, text: str, at: int, dialect: Dialect) -> TemplateError | None:
    certain = True
    if kind == "word" and text not in dialect.functions and text not in _CONSTANTS:
        what, choices = f"the function {text} does not exist", dialect.functions
        certain = not dialect.foreign or text in dialect.foreign
    elif kind == "variable" and text not in dialect.variables:
        what, choices = f"the variable {text} does not exist", dialect.variables
    elif kind == "string" and (found := _BAD_ESCAPE.match(text)):
        escape = found[1]
        message = f"{escape} is no escape in double quotes; write \\{escape}, or use backquotes"
        return TemplateError(at + found.start(1), at + found.end(1), message)
    else:
        return None
    near = nearest(text[:64], sorted(choices))
    hint = f'; did you mean "{near}"?' if near else ""
    return TemplateError(at, at + len(text), what + hint, certain or bool(near))


def _no_field(text: str, at: int, owner: Shape) -> TemplateError:
    message, certain = why_no_field(owner, text[1:])
    return TemplateError(at, at + len(text), message, certain)
