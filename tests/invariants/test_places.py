"""Every place lies inside its text, and on the value or key that its address names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cache

import pytest
import yaml
from msgspec.structs import astuple
from projects import Project, projects

from kerp_policy.findings import Place
from kerp_policy.sources.source import Source

pytestmark = pytest.mark.parametrize("project", projects(), ids=lambda project: project.name)

Steps = tuple[str, ...]
"""A path in an object; whatever item of a list is meant is `*`."""

_STEP = re.compile(r'\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|(?P<item>\[[^\]]*\])|(?P<key>[^.\[]+)')


def places(project: Project) -> Iterator[tuple[str, Place]]:
    """The places of all findings, with their files."""
    for finding in project.findings:
        yield finding.file, finding.place
        yield from ((related.file, related.place) for related in finding.related)


def test_every_place_lies_inside_its_text(project: Project) -> None:
    for file, place in places(project):
        source = project.read(file)
        if source is None:
            continue
        line, column, end_line, end_column = astuple(place.span)
        assert 1 <= line <= end_line <= len(source.lines), (file, place)
        assert (line, column) <= (end_line, end_column), (file, place)
        assert 1 <= column <= len(source.lines[line - 1]) + 1, (file, place)
        assert 1 <= end_column <= len(source.lines[end_line - 1]) + 1, (file, place)


def test_a_place_in_a_manifest_is_on_the_value_or_key_that_its_address_names(
    project: Project,
) -> None:
    for file, place in places(project):
        _object, colon, path = place.address.partition(":")
        source = project.read(file)
        if source and colon and "#" not in place.address:
            named, there = steps(path), written(source).get(place.span.start)
            inside = there is None  # a part of a longer text
            assert inside or any(leads_to(each, named) for each in there), (file, place, there)


def leads_to(written: Steps, named: Steps) -> bool:
    """Whether what is written is what is named, or the nearest thing there that would hold it.

    A mapping begins where its first key does. An object of a List begins below `items`.
    """
    if written[:2] == ("items", "*"):
        written = written[2:]
    return written == named[: len(written)]


def steps(path: str) -> Steps:
    """The path of an address."""
    found = _STEP.finditer(path)
    return tuple("*" if step["item"] else step["quoted"] or step["key"] for step in found)


def readable(text: str) -> Iterator[yaml.Node]:
    """The documents that PyYAML can read, up to the first that is none."""
    with suppress(yaml.YAMLError):
        yield from yaml.compose_all(text, yaml.CSafeLoader)


@cache
def written(source: Source) -> dict[tuple[int, int], list[Steps]]:
    """By line and column, what PyYAML says begins there: a key with its value, or an item."""
    found: dict[tuple[int, int], list[Steps]] = defaultdict(list)
    for root in readable(source.text):
        todo: list[tuple[yaml.Node, Steps]] = [(root, ())]
        while todo:
            node, path = todo.pop()
            found[node.start_mark.line + 1, node.start_mark.column + 1].append(path)
            if isinstance(node, yaml.SequenceNode):
                todo += [(item, (*path, "*")) for item in node.value]
            elif isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    below = (*path, str(key.value))
                    found[key.start_mark.line + 1, key.start_mark.column + 1].append(below)
                    todo.append((value, below))
    return found
