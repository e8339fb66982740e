"""What a waiver says: `allow POLICY until=2027-03-31 reason="vendor image, OPS-412"`.

waiver  = "allow" policy { "," policy } { name "=" value }
name    = "until" | "reason" | "owner" | "value"
value   = a word, or a text in double quotes where a backslash stands before a quote in it
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from kerp_policy.regex import regex
from kerp_policy.secrets import without_tokens
from kerp_policy.sources.source import Span
from kerp_policy.waivers.model import Allowed
from kerp_policy.wording import shown

MARKER = "kerp-policy:"
_NAMES = ("until", "reason", "owner", "value")
_HEAD = regex(r"allow(?:\s+|$)")
_POLICIES = regex(r"[a-z0-9][a-z0-9-]*(?:\s*,\s*[a-z0-9][a-z0-9-]*)*(?=\s|$)")
_POLICY = regex(r"[a-z0-9-]+")
_SETTING = regex(r'([a-z]+)=("(?:[^"\\]|\\.)*"|[^\s"]+)(?=\s|$)')
_VALUE = regex(r"[0-9a-f]{12}")


class Wrong(Struct, frozen=True):
    """What is wrong in the text of a waiver, and where: character indexes, the end exclusive."""

    start: int
    end: int
    message: str


class _Text(Struct, frozen=True):
    text: str
    line: int
    column: int

    def span(self, start: int, end: int) -> Span:
        return Span(self.line, self.column + start, self.line, self.column + end)


def parse(text: str, line: int, column: int) -> Iterator[Allowed | Wrong]:
    """Read what follows `kerp-policy:`.

    Args:
        text: the rest of the comment, or what an annotation says after `allow POLICY `.
        line: where the text stands.
        column: where it begins.

    Yields:
        One `Allowed` for each policy, or what is wrong.
    """
    head = _HEAD.match(text)
    if head is None:
        word = (text.split() or [""])[0]
        said = f"{shown(word)} stands in the place of allow" if word else "allow is missing"
        yield Wrong(0, max(1, len(word)), said)
        return
    policies = _POLICIES.match(text, head.end())
    if policies is None:
        yield Wrong(0, max(1, len(text.rstrip())), "allow names no policy")
        return
    settings = _settings(text, policies.end())
    if isinstance(settings, Wrong):
        yield settings
        return
    where = _Text(text, line, column)
    for policy in _POLICY.finditer(text, policies.start(), policies.end()):
        yield from _allowed(policy[0], where.span(*policy.span()), settings, len(text.rstrip()))


def _settings(text: str, at: int) -> dict[str, tuple[str, int, int]] | Wrong:
    """The settings by name, each with its place."""
    found: dict[str, tuple[str, int, int]] = {}
    rest = re.compile(r"\s*")
    while at < len(text.rstrip()):
        start = rest.match(text, at).end()  # type: ignore[union-attr]
        setting = _SETTING.match(text, start)
        if setting is None:
            return _unread(text, start)
        name, value = setting[1], setting[2]
        if name not in _NAMES:
            expected = ", ".join(_NAMES)
            message = f"there is no setting {name}; expected one of {expected}"
            return Wrong(start, setting.end(1), message)
        if name in found:
            return Wrong(start, setting.end(1), f"{name} is set twice")
        if value.startswith('"'):
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        found[name] = (value, *setting.span(2))
        at = setting.end()
    return found


def _unread(text: str, start: int) -> Wrong:
    word = text[start:].split(maxsplit=1)[0]
    if '"' in word:
        return Wrong(start, len(text.rstrip()), "a quote is not closed")
    return Wrong(start, start + len(word), f"{shown(word)} is no setting; expected name=value")


def _allowed(
    policy: str, span: Span, settings: dict[str, tuple[str, int, int]], end: int
) -> Iterator[Allowed | Wrong]:
    for name, example in (("reason", 'reason="…"'), ("until", "until=YYYY-MM-DD")):
        if not settings.get(name, ("",))[0].strip():
            yield Wrong(0, end, f"the waiver of {policy} has no {name}; add {example}")
            return
    text, start, stop = settings["until"]
    until = as_date(text)
    if until is None:
        yield Wrong(start, stop, f"until is {shown(text)}, which is no date; expected YYYY-MM-DD")
        return
    value, start, stop = settings.get("value", ("", 0, 0))
    if value and not _VALUE.fullmatch(value):
        message = f"value is {shown(value)}; expected the hash that kerp-policy waive writes"
        yield Wrong(start, stop, message)
        return
    owner = without_tokens(settings.get("owner", ("",))[0])
    yield Allowed(policy, span, without_tokens(settings["reason"][0].strip()), until, owner, value)


def as_date(text: str) -> date | None:
    """A day written as YYYY-MM-DD, or None."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
