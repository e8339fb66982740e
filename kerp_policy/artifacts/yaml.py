"""Reading YAML and JSON.

The events are libyaml's, the tree is ours. Depth, aliases and size are bounded while the events
arrive, because the C composer is recursive and brings the process down on deep input. Which words
are numbers or booleans is decided late, by the dialect of whoever will read the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import yaml as pyyaml
from msgspec import Struct, field

from kerp_policy.artifacts.yaml_builder import TAKES, Builder
from kerp_policy.artifacts.yaml_nodes import Document, Node, Scalar
from kerp_policy.artifacts.yaml_places import Places, YamlError, character_error, syntax_error
from kerp_policy.regex import regex
from kerp_policy.sources.source import Problem, Span

MAX_DOCUMENTS = 10_000
"""Documents of one file; what a cluster's bundles hold stays far below."""
MAX_BROKEN = 100
"""Documents that are broken: after each, the rest is read anew."""

_SURROGATES = regex(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
"""A character beyond the first 65,536 as JSON escapes it. libyaml refuses these, so two stand-ins
of the same length are read instead: no place moves."""


class Stream(Struct):
    """All documents of a file, as far as they could be read, and why the others could not."""

    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    template: bool = False
    """Whether the text holds `{{ … }}` where YAML has a mapping: a template, not yet rendered."""


def read(text: str) -> Stream:
    """Read every document of a text.

    After a syntax error, reading goes on at the next `---` line, so that one broken document
    does not hide the others. JSON needs no `---` between two, as kubectl takes it.
    """
    text = _SURROGATES.sub(r"\\ufffd\\ufffd", text)
    stream, lines, start = Stream(), text.split("\n"), 0
    while start < len(lines):
        try:
            room = MAX_DOCUMENTS + 1 - len(stream.documents)
            for document in islice(_documents("\n".join(lines[start:]), start), room):
                stream.documents.append(document)
            break
        except YamlError as error:
            start = _read_on(stream, lines, start, error)
    if len(stream.documents) > MAX_DOCUMENTS:
        at = stream.documents.pop().root.span.start
        stream.problems.append(_unread(at, MAX_DOCUMENTS, "documents"))
    return stream


def _read_on(stream: Stream, lines: list[str], start: int, error: YamlError) -> int:
    """The line from which to read on after an error that ended what was read from `start`."""
    if _is_next_json(lines, error):
        if len(stream.documents) < MAX_BROKEN:
            return _at_next_json(lines, error)
        stream.problems.append(_unread(error.span.start, MAX_BROKEN, "objects without a --- line"))
        return len(lines)
    stream.problems.append(Problem("unreadable", error.span, error.message))
    stream.template |= error.template
    start = _next_document(lines, max(error.span.line, start + 1))
    if len(stream.problems) == MAX_BROKEN and start < len(lines):
        stream.problems.append(_unread((start + 1, 1), MAX_BROKEN, "broken documents"))
        return len(lines)
    return start


def _is_next_json(lines: list[str], error: YamlError) -> bool:
    """Whether an object begins behind another one, where YAML alone would need a `---`."""
    line = lines[error.span.line - 1]
    return "<document start>" in error.message and line[error.span.column - 1 :].startswith("{")


def _at_next_json(lines: list[str], error: YamlError) -> int:
    """The line from which the next object is read, of which it is the first thing from now on."""
    row, before = error.span.line - 1, error.span.column - 1
    lines[row] = " " * before + lines[row][before:]
    return row


def _unread(at: tuple[int, int], most: int, what: str) -> Problem:
    message = f"more than {most:,} {what}; the file is not read from here on"
    return Problem("unreadable", Span(*at, *at), message)


def _next_document(lines: list[str], after: int) -> int:
    marks = (i for i in range(after, len(lines)) if re.match(r"---(\s|$)", lines[i]))
    return next(marks, len(lines))


def _documents(text: str, offset: int) -> Iterator[Document]:
    loader = pyyaml.CSafeLoader(text) if hasattr(pyyaml, "CSafeLoader") else pyyaml.SafeLoader(text)
    places = Places(text, offset)
    try:
        builder = Builder(places)
        for event in iter(loader.get_event, None):
            if take := TAKES.get(type(event)):
                take(builder, event)
            elif isinstance(event, pyyaml.DocumentEndEvent):
                if builder.root and not _is_empty(builder.root):
                    yield Document(builder.root, builder.problems, builder.merges)
                builder = Builder(places)
    except pyyaml.MarkedYAMLError as error:
        raise syntax_error(error, text, places, offset) from None
    except pyyaml.reader.ReaderError:
        raise character_error(text, offset) from None
    finally:
        loader.dispose()


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and not node.text and not node.style
