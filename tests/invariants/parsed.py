"""Reports as those parse them who will read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest


class Page(HTMLParser):
    """The elements of a page with the names of their attributes, its links and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.elements = set[tuple[str, ...]]()
        self.links = set[str]()
        self.words, self.loose = "", ""
        self._inside: list[str] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add((tag, *sorted(name for name, _ in attrs)))
        self.links.update(str(value) for name, value in attrs if name in ("href", "src"))
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.words += data
        self.loose += "" if "code" in self._inside else data


def rendered(markdown: str) -> Page:
    """Markdown as GitHub shows it."""
    cmarkgfm = pytest.importorskip("cmarkgfm", reason="cmarkgfm is the Markdown that GitHub reads")
    from cmarkgfm.cmark import Options

    return Page(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))


def strings(text: str) -> Iterator[str]:
    """Every key and text of a JSON document."""
    todo: list[Any] = [json.loads(text)]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            todo += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            todo += value
