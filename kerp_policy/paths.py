"""One grammar of paths, for policies, checks and addresses.

A path is a tuple of mapping keys (`str`) and list positions (`int`). As text, keys are joined
by dots; a key that is no plain word stands in brackets and quotes, a position in brackets:
`spec.hard["requests.cpu"]`, `containers[0].env[2].value`. In an address a list item may be
named by its merge key instead of its position: `containers[api]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from kerp_policy.i18n import gettext as _
from kerp_policy.regex import regex

Path = tuple[str | int, ...]

_PLAIN = regex(r"[A-Za-z_$][A-Za-z0-9_$-]*")
_STEP = regex(
    r"""(?P<dot>\.)?(?P<key>[A-Za-z_$][A-Za-z0-9_$-]*)"""
    r"""|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]"""
    r"""|\[(?P<index>\d+)\]"""
    r"""|\[(?P<each>\*)\]"""
)

EACH = "*"
"""The step `[*]` of a policy's path: every item of a list."""


@lru_cache(maxsize=4096)  # of a policy, for every thing that it is asked about
def parse_path(text: str) -> Path:
    """Read a path; `[*]` becomes the step `EACH`.

    Raises:
        ValueError: the text is not in the grammar; the message says from which character on.
    """
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if not found or (found["key"] and bool(found["dot"]) != bool(steps)):
            message = _("not a path from character {place} on: {text!r}")
            raise ValueError(message.format(place=position + 1, text=text))
        steps.append(_step(found))
        position = found.end()
    return tuple(steps)


def _step(found: re.Match[str]) -> str | int:
    if found["index"] is not None:
        return int(found["index"])
    if found["quoted"] is not None:
        return re.sub(r"\\(.)", r"\1", found["quoted"])
    return found["key"] or EACH


def format_path(path: Iterable[str | int]) -> str:
    """Write a path as text, in the grammar that `parse_path` reads."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += '["' + re.sub(r'(["\\])', r"\\\1", step) + '"]'
    return text
