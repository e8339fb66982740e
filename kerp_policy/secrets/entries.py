"""Names with values as files of many kinds hold them, read without knowing the kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kerp_policy.regex import regex

LONGEST = 4000
"""Characters of a line that is read; longer ones are data of a program."""


class Entry(NamedTuple):
    """A value, the name that it stands under, and the index in the line where it begins."""

    name: str
    value: str
    start: int

    def __repr__(self) -> str:
        """Without the value."""
        return f"Entry(name={self.name!r})"


_NAME = r"(?P<name>[\w.:-]{1,100})"
_FORMS = (
    regex(rf"<{_NAME}>(?P<value>[^<>]{{1,1000}})</"),  # XML
    regex(rf"""\b(?:name|key)="{_NAME}"\s{{1,9}}value="(?P<value>[^"]{{1,1000}})\""""),
    regex(r"\blogin\s+\S+\s+(?P<name>password)\s+(?P<value>\S+)"),  # .netrc
    regex(r"//[\w.:/-]{1,200}/:(?P<name>_password)\s?=\s?(?P<value>\S+)"),  # .npmrc
)
_SIGNS = ("</", "://", "login", 'value="', "_password", "{")
"""What every form has; most lines are seen to have none by it."""
_QUERY = regex(r"[?&](?P<name>[\w.-]{1,60})=(?P<value>[^&#\s\"'<>]{1,400})")


def in_line(line: str) -> Iterator[Entry]:
    """What a line gives a name to, but for `name=value` as all of it.

    XML, the passwords of a `.netrc` and a `.npmrc`, a query in a URL, JSON.
    """
    for sign in _SIGNS:
        if sign in line:
            break
    else:
        return
    if len(line) > LONGEST:
        return
    if "://" in line and "?" in line:
        yield from (_entry(found) for found in _QUERY.finditer(line))
    for form in _FORMS:
        yield from (_entry(found) for found in form.finditer(line))
    lead = len(line) - len(line.lstrip())
    for name, value in in_json(line):
        yield Entry(name, value, lead)


def _entry(found: re.Match[str]) -> Entry:
    return Entry(found["name"], found["value"], found.start("value"))


def in_json(text: str) -> Iterator[tuple[str, str]]:
    """Names with their texts, of whatever depth; nothing where a text is no JSON object."""
    import json

    if not text.lstrip().startswith(("{", "[{")):
        return
    try:
        todo = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while todo:
        each = todo.pop()
        items = each.items() if isinstance(each, dict) else enumerate(each)
        for name, value in items:
            if isinstance(value, (dict, list)):
                todo.append(value)
            elif isinstance(value, str) and isinstance(name, str):
                yield name, value
