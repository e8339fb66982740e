"""The syntax of Go's text/template, as far as labels and annotations of rules use it.

Prometheus parses every template when it loads the rules, and refuses the file for one that does
not parse: an action that is not closed, a function or variable that does not exist, a block
without its end (Go, package text/template; Prometheus, Template reference).
"""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.regex import regex
from kerp_policy.wording import nearest


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTIONS = _words(
    """
    and or not len index slice print printf println html js urlquery call eq ne lt le gt ge
    query first label value strvalue args reReplaceAll safeHtml match title toUpper toLower
    graphLink tableLink sortByLabel stripPort stripDomain humanize humanize1024 humanizeDuration
    humanizePercentage humanizeTimestamp toTime toDuration now pathPrefix externalURL
    parseDuration tmpl urlQueryEscape
    """
)
_VARIABLES = frozenset(("$", "$labels", "$externalLabels", "$externalURL", "$value"))
_CONSTANTS = frozenset(("true", "false", "nil"))
_BLOCKS = frozenset(("if", "range", "with", "define", "block"))
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


_Token = tuple[str, str, int]
"""Its kind, its text and where it begins."""


class _Block(Struct, frozen=True):
    keyword: str
    start: int
    variables: frozenset[str]
    ended: bool = False
    """Whether its `{{ else }}` has come."""


class _Action(Struct, frozen=True):
    tokens: list[_Token]
    start: int
    end: int


def template_error(text: str) -> TemplateError | None:
    """The first thing in a template that Prometheus would refuse, or None."""
    blocks, at = [_Block("", 0, _VARIABLES)], 0
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
    tokens: list[_Token] = []
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
    if keyword in ("define", "block", "template"):
        if not rest or rest[0][0] != "string":
            return TemplateError(action.start, action.end, f"{keyword} needs a name in quotes")
        rest = rest[1:]
    declared, rest = _declared(rest, 2 if keyword == "range" else 1)
    known = blocks[-1].variables
    needs_value = keyword not in ("define", "template", "block")
    error = _pipeline(rest, action, known, needs_value=needs_value)
    if error:
        return error
    if keyword in _BLOCKS:
        blocks.append(_Block(keyword, action.start, known | declared))
    else:
        blocks[-1] = replace(blocks[-1], variables=known | declared)
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
    blocks[-1] = replace(block, ended=not rest)
    if rest and rest[0][1] in ("if", "with"):
        declared, rest = _declared(rest[1:], 1)
        blocks[-1] = replace(blocks[-1], variables=block.variables | declared)
        return _pipeline(rest, action, block.variables, needs_value=True)
    return None


def _declared(tokens: list[_Token], most: int) -> tuple[frozenset[str], list[_Token]]:
    """The variables before `:=` or `=`, at most so many, and the pipeline behind it."""
    signs = [text for _, text, _ in tokens[: 2 * most]]
    at = next((i for i, sign in enumerate(signs) if sign in (":=", "=")), 0)
    is_list = all(sign == "," for sign in signs[1:at:2])
    if not at or not is_list or not all(sign.startswith("$") for sign in signs[:at:2]):
        return frozenset(), tokens
    return frozenset(signs[:at:2]), tokens[at + 1 :]


def _pipeline(
    tokens: list[_Token], action: _Action, known: frozenset[str], *, needs_value: bool
) -> TemplateError | None:
    depth, before = 0, "|"
    for kind, text, at in tokens:
        if error := _unknown(kind, text, at, known):
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


def _unknown(kind: str, text: str, at: int, known: frozenset[str]) -> TemplateError | None:
    if kind == "word" and text not in FUNCTIONS and text not in _CONSTANTS:
        what, choices = f"the function {text} does not exist", FUNCTIONS
    elif kind == "variable" and text not in known:
        what, choices = f"the variable {text} does not exist", known
    else:
        return None
    near = nearest(text[:64], sorted(choices))
    return TemplateError(at, at + len(text), what + (f'; did you mean "{near}"?' if near else ""))
