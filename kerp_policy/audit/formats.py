"""Reports on an audit: one function each, from an audit and the width of a line to text."""

from __future__ import annotations

from collections.abc import Callable

from kerp_policy.audit.model import Audit


def _json(audit: Audit, width: int) -> str:
    from kerp_policy.audit.json import as_json

    return as_json(audit)


def _markdown(audit: Audit, width: int) -> str:
    from kerp_policy.audit.markdown import markdown

    return markdown(audit)


def _text(audit: Audit, width: int) -> str:
    from kerp_policy.audit.text import text

    return text(audit, width)


def _html(audit: Audit, width: int) -> str:
    from kerp_policy.audit.html import html

    return html(audit)


FORMATS: dict[str, Callable[[Audit, int], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "html": _html,
}
