"""What `format()` is given, where its first argument is written down.

Source: GitHub documentation, "Evaluate expressions in workflows and actions", `format`: `{0}` is
the first of the values, and a brace is written twice.
"""

from __future__ import annotations

from kerp_policy.artifacts.workflow.expressions import Node
from kerp_policy.regex import regex

_PIECE = regex(r"\{\{|\}\}|\{([0-9]{1,3})\}|[^{}]++")


def format_problem(call: Node) -> str:
    """Why GitHub cannot fill a text in; empty where it can, or the text is no literal."""
    text, *values = call.parts
    if text.kind != "text":
        return ""
    at = 0
    while at < len(text.text):
        found = _PIECE.match(text.text, at)
        if found is None:
            return f"a lone {text.text[at]} stands in the text of format(); write it twice"
        if found[1] and int(found[1]) >= len(values):
            return f"format() fills in {found[0]}, but has no value of that number; they begin at 0"
        at = found.end()
    return ""
