"""Secrets of a YAML or JSON file that no single line shows to be one.

All of what a Secret holds, whatever its keys; and under a telling name what stands on lines of its
own, is folded, or comes by an alias from where an anchor is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from kerp_policy.artifacts.yaml_nodes import Mapping, Node, Scalar, Sequence
from kerp_policy.regex import regex
from kerp_policy.secrets import BLOT, is_reference, secret_name
from kerp_policy.secrets.names import may_hold_secret_name
from kerp_policy.secrets.redact import Stretch
from kerp_policy.sources.source import Source

_SECRET = regex(r"""\bkind["']?[ \t]*:[ \t]*["']?Secret\b""")
_ELSEWHERE = regex(r""":[ \t]*+(?:[&*!|>]|["'][^"'\n]*+\n|\n)""")
_NAME = regex(r"[\w.-]+")
_LONGEST = 100
"""Characters before a colon that a telling name lies in."""
_VALUE_FIRST = regex(r"""-[ \t]+["']?value["']?[ \t]*:""")
_HELD = ("data", "stringData")


def hidden(source: Source) -> dict[int, tuple[Stretch, ...]]:
    """By the number of the line, what of it no report may show."""
    is_yaml = source.path.lower().endswith((".yaml", ".yml", ".json"))
    return _hidden(source.text) if is_yaml else {}


def _has_signs(text: str) -> bool:
    if "value" not in text and not may_hold_secret_name(text):
        return False
    told = any(name == "value" or secret_name(name) for name in _names_of_more(text))
    is_secret = "Secret" in text and _SECRET.search(text)
    return told or bool(is_secret or ("value" in text and _VALUE_FIRST.search(text)))


def _names_of_more(text: str) -> Iterator[str]:
    """The names of what does not stand behind its colon as it is; the colons are found first."""
    for colon in _ELSEWHERE.finditer(text):
        end = colon.start()
        start = max(0, end - _LONGEST)
        yield from _NAME.findall(text, max(start, text.rfind("\n", start, end)), end)[-1:]


@lru_cache(maxsize=64)  # all findings of a file ask, one after the other
def _hidden(text: str) -> dict[int, tuple[Stretch, ...]]:
    if not _has_signs(text):
        return {}
    from kerp_policy.artifacts.yaml import read

    lines, found = text.split("\n"), dict[int, tuple[Stretch, ...]]()
    for document in read(text).documents:
        for scalar in _secrets(document.root):
            for number, stretch in _stretches(scalar, lines):
                found[number] = (*found.get(number, ()), stretch)
    return found


def _secrets(root: Node) -> Iterator[Scalar]:
    """The scalars that are secrets; what aliases share is visited once for each of both cases."""
    waiting, seen = [(root, False)], set[tuple[int, bool]]()
    while waiting:
        node, is_secret = waiting.pop()
        if isinstance(node, Scalar):
            if is_secret and not is_reference(node.text):
                yield node
        elif (id(node), is_secret) not in seen:
            seen.add((id(node), is_secret))
            waiting += _children(node, is_secret=is_secret)


def _children(node: Mapping | Sequence, *, is_secret: bool) -> list[tuple[Node, bool]]:
    if isinstance(node, Sequence):
        return [(item, is_secret) for item in node.items]
    held = _HELD if _text(node, "kind") == "Secret" else ()
    named = "value" if secret_name(_text(node, "name")) else ""
    return [
        (entry.node, is_secret or key in held or key == named or _holds_secret(key, entry.node))
        for key, entry in node.entries.items()
    ]


def _text(node: Mapping, key: str) -> str:
    entry = node.entries.get(key)
    return entry.node.text if entry and isinstance(entry.node, Scalar) else ""


def _holds_secret(key: str, node: Node) -> bool:
    """A mapping under such a name tells of a secret: `secret: {secretName: …}`."""
    permits = isinstance(node, Scalar) and node.text in ("read", "write", "inherit")
    return not isinstance(node, Mapping) and not permits and secret_name(key)


def _stretches(scalar: Scalar, lines: list[str]) -> Iterator[tuple[int, Stretch]]:
    span = scalar.span
    if scalar.style in ("|", ">"):
        yield from _block(span.line, lines)
        return
    for number in range(span.line, min(span.end_line, len(lines)) + 1):
        line = lines[number - 1]
        start = span.column - 1 if number == span.line else len(line) - len(line.lstrip())
        stop = span.end_column - 1 if number == span.end_line else len(line)
        if start < stop:
            yield number, (start, stop, BLOT)


def _block(header: int, lines: list[str]) -> Iterator[tuple[int, Stretch]]:
    """The lines below a header (`key: |`) that are further in than its key."""
    key = lines[header - 1]
    depth = len(key) - len(key.lstrip(" -"))
    for number, line in enumerate(lines[header:], header + 1):
        start = len(line) - len(line.lstrip())
        if line.strip() and start <= depth:
            return
        if line.strip():
            yield number, (start, len(line), BLOT)
