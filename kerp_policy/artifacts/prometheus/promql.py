"""PromQL as a tree of plain records.

The parser is the library's; this module keeps it within bounds, since it works by recursion and
deep input would end the process, and turns what it gives into records that can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from kerp_policy.artifacts.prometheus.hints import misfit
from kerp_policy.artifacts.prometheus.nodes import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    Negative,
    Node,
    Number,
    Selector,
    Subquery,
    Text,
)
from kerp_policy.regex import regex
from kerp_policy.wording import clipped, nearest

_LONGEST = 10_000
_DEEPEST = 50
_MOST_OPERATORS = 100
_TOKEN = regex(
    r"""
      (?P<skip>"(?:[^"\\]|\\.)*+"?|'(?:[^'\\]|\\.)*+'?|`[^`]*+`?|\#[^\n]*+)
    | (?P<open>[(\[{]) | (?P<close>[)\]}])
    | (?P<operator>[-+*/%^]|[<>!=]+|\b(?:and|or|unless|atan2)\b)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
# What a newer Prometheus may understand: arithmetic with durations, modifiers and functions of its
# own. Rule files are also written for rulers that know more functions.
_NEWER = regex(r"inside brackets|duration|in offset|^(?:anchored|smoothed) does not fit")
_LOGQL = regex(r"""\}[ \t\r\n]*+(?:\||![=~>][ \t\r\n]*+["`])""")
"""A filter or a parser behind the selector of a stream (Loki, LogQL: Log queries)."""
_NEVER = regex(
    r"not a valid duration|duration must be|unexpected end of input|inside brackets: '[)}{]'"
)
_FORMER_NAME = regex(r"\bholt_winters(?=[ \t\n]*\()")
_LATER_NAME = "double_exponential_smoothing"
"""The same function before Prometheus 3 and since."""
_SINGLE = "; values are compared with ==, a single = belongs in braces"
_UNKNOWN_FUNCTION = regex(r"unknown function with name '(\w+)'")
_FUNCTIONS = """
    abs absent absent_over_time avg_over_time ceil changes clamp clamp_max clamp_min count_over_time
    day_of_month day_of_week day_of_year days_in_month delta deriv exp floor histogram_count
    histogram_fraction histogram_quantile histogram_sum hour idelta increase irate
    label_join label_replace last_over_time log10 max_over_time min_over_time minute month
    predict_linear present_over_time quantile_over_time rate resets round scalar sort sort_desc
    sqrt stddev_over_time stdvar_over_time sum_over_time time timestamp vector year
"""
_OTHERS = frozenset(
    ("histogram_quantiles", "quantiles_over_time", "first_over_time", "range_over_time")
)
"""Functions of newer and other rulers whose names look like a misspelling."""


class PromqlError(Exception):
    """The text is no PromQL; `certain` is False where a newer Prometheus may read it."""

    def __init__(self, message: str, *, certain: bool = True) -> None:
        super().__init__(message)
        self.certain = certain


class UnreadPromqlError(PromqlError):
    """The text is more than is read, so nobody knows whether it is PromQL."""


@lru_cache(maxsize=256)
def parse_promql(text: str) -> Node:
    """Read a query.

    Raises:
        PromqlError: it is no PromQL.
        UnreadPromqlError: it is more than is read.
    """
    _check_bounds(text)
    import promql_parser

    try:
        return _node(promql_parser.parse(_FORMER_NAME.sub(_LATER_NAME, text)))
    except ValueError as error:
        raise _error(str(error), text) from None


def _error(message: str, text: str) -> PromqlError:
    unknown = _UNKNOWN_FUNCTION.search(message)
    if _LOGQL.search(text):
        return PromqlError("this is LogQL, which Loki's ruler reads", certain=False)
    if unknown is None:
        if message == "invalid promql query":
            message = _explained(message, text)
        return PromqlError(_shown(message), certain=_is_certain(message))
    name = unknown[1][:64]
    near = nearest(name, _FUNCTIONS.split(), 0.85) if name not in _OTHERS else ""
    hint = f'; did you mean "{near}"?' if near else ""
    return PromqlError(f'the function "{name}" is not known{hint}', certain=bool(near))


def _explained(message: str, text: str) -> str:
    if _compares_by_one(text):
        return message + _SINGLE
    return misfit(text, _is_query) or message


def _is_query(text: str) -> bool:
    import promql_parser

    try:
        promql_parser.parse(text)
    except ValueError:
        return False
    return True


def _is_certain(message: str) -> bool:
    """Whether no Prometheus, however new, reads what the parser refuses."""
    return bool(_NEVER.search(message)) or not _NEWER.search(message)


def _compares_by_one(text: str) -> bool:
    """Whether an `=` stands outside braces, where only `==` compares."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] == "{") - (token[0] == "}")
        if token[0] == "=" and depth == 0:
            return True
    return False


def _shown(message: str) -> str:
    return clipped(" ".join(message.split()), 120)


def _check_bounds(text: str) -> None:
    depth = braces = operators = 0
    if len(text) > _LONGEST:
        raise UnreadPromqlError(f"longer than {_LONGEST:,} characters")
    for token in _TOKEN.finditer(text):
        braces += (token[0] == "{") - (token[0] == "}")
        operators += token.lastgroup == "operator" and braces < 1
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if depth > _DEEPEST:
            raise UnreadPromqlError(f"nested more than {_DEEPEST} levels deep")
        if operators > _MOST_OPERATORS:
            raise UnreadPromqlError(f"made with more than {_MOST_OPERATORS} operators")


def _node(tree: Any) -> Node:
    return _KINDS[type(tree).__name__](tree)


def _vector(tree: Any, window: float | None = None) -> Selector:
    matchers = tuple(
        Matcher(each.name, _OPERATORS[str(each.op)], each.value) for each in tree.matchers.matchers
    )
    name = tree.name or next(
        (m.value for m in matchers if (m.name, m.operator) == ("__name__", "=")), ""
    )
    return Selector(name, tuple(m for m in matchers if m.name != "__name__"), window)


_OPERATORS = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}


def _aggregate(tree: Any) -> Node:
    modifier = tree.modifier
    return Aggregate(
        str(tree.op),
        _node(tree.expr),
        frozenset(modifier.labels if modifier else ()),
        not modifier or str(modifier.type).endswith("By"),
        None if tree.param is None else _node(tree.param),
    )


def _binary(tree: Any) -> Node:
    modifier = tree.modifier
    matching = modifier.matching if modifier else None
    grouped = {"ManyToOne": "left", "OneToMany": "right"}
    return Binary(
        str(tree.op),
        _node(tree.lhs),
        _node(tree.rhs),
        frozenset(matching.labels if matching else ()),
        matching is not None and str(matching.type).endswith("Include"),
        bool(modifier and modifier.return_bool),
        grouped.get(str(modifier.card).rpartition(".")[2], "") if modifier else "",
    )


_KINDS: dict[str, Callable[[Any], Node]] = {
    "NumberLiteral": lambda tree: Number(tree.val),
    "StringLiteral": lambda tree: Text(tree.val),
    "ParenExpr": lambda tree: _node(tree.expr),
    "VectorSelector": _vector,
    "MatrixSelector": lambda tree: _vector(tree.vector_selector, tree.range.total_seconds()),
    "SubqueryExpr": lambda tree: Subquery(_node(tree.expr), tree.range.total_seconds()),
    "UnaryExpr": lambda tree: Negative(_node(tree.expr)),
    "Call": lambda tree: Call(tree.func.name, tuple(_node(each) for each in tree.args)),
    "AggregateExpr": _aggregate,
    "BinaryExpr": _binary,
}
