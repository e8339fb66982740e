"""What `format()` and `fromJSON()` are given, where it is written down.

Source: GitHub documentation, "Evaluate expressions in workflows and actions": `{0}` is the first of
the values of `format`, and a brace is written twice.
"""

from __future__ import annotations

import json

from kerp_policy.artifacts.workflow.expressions import Node
from kerp_policy.regex import regex

_PIECE = regex(r"\{\{|\}\}|\{([0-9]{1,3})\}|[^{}]++")


def literal_problem(call: Node) -> str:
    """Why a function cannot take a text that is written down; empty where it can."""
    if call.text not in ("format", "fromjson") or call.parts[0].kind != "text":
        return ""
    return _format(call) if call.text == "format" else _json(call.parts[0].text)


def _json(text: str) -> str:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"fromJSON() is given no JSON: it is wrong from character {error.pos + 1} on"
    except (ValueError, RecursionError):  # a number of thousands of digits, or deep nesting
        return "fromJSON() is given more than it can read"
    return ""


def _format(call: Node) -> str:
    """Why GitHub cannot fill a text in."""
    text, *values = call.parts
    at = 0
    while at < len(text.text):
        found = _PIECE.match(text.text, at)
        if found is None:
            return f"a lone {text.text[at]} stands in the text of format(); write it twice"
        if found[1] and int(found[1]) >= len(values):
            return f"format() fills in {found[0]}, but has no value of that number; they begin at 0"
        at = found.end()
    return ""
