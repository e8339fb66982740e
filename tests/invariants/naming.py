"""What stands where an address points, by readers that are not ours."""

from __future__ import annotations

import io
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import yaml
from dockerfile_parse import DockerfileParser

Point = tuple[int, int]
"""A line and a column, both from 1."""


class Extent(NamedTuple):
    """A stretch of a file, and the names of what it is."""

    start: Point
    end: Point
    names: frozenset[str]

    def holds(self, point: Point) -> bool:
        """Whether a place lies in it."""
        return self.start <= point <= self.end


def _extent(first: yaml.Node, last: yaml.Node, *names: str) -> Extent:
    start, end = first.start_mark, last.end_mark
    return Extent(
        (start.line + 1, start.column + 1), (end.line + 1, end.column + 1), frozenset(names)
    )


@cache
def roots(text: str) -> tuple[yaml.Node, ...]:
    """The documents of a file."""
    return tuple(root for root in yaml.compose_all(text, yaml.CSafeLoader) if root)


def below(node: yaml.Node, *keys: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """What stands below keys, with the last key; `*` is every key or item."""
    if not keys:
        return
    key, *rest = keys
    if isinstance(node, yaml.MappingNode):
        pairs = [(k, v) for k, v in node.value if key in ("*", k.value)]
    else:
        pairs = [(v, v) for v in node.value if isinstance(node, yaml.SequenceNode) and key == "*"]
    for name, value in pairs:
        yield from below(value, *rest) if rest else [(name, value)]


def text_of(node: yaml.Node, key: str) -> str:
    """The scalar under a key; empty where there is none."""
    found = [value.value for _, value in below(node, key) if isinstance(value, yaml.ScalarNode)]
    return found[0] if found else ""


@cache
def _nodes(text: str) -> tuple[frozenset[Point], tuple[Extent, ...]]:
    """Where keys, values and items begin, and the scalars."""
    starts, scalars, todo = set[Point](), list[Extent](), list(roots(text))
    while todo:
        node = todo.pop()
        starts.add(_extent(node, node).start)
        if isinstance(node, yaml.ScalarNode):
            scalars.append(_extent(node, node))
        elif isinstance(node, yaml.MappingNode):
            todo += [each for pair in node.value for each in pair]
        else:
            todo += node.value
    return frozenset(starts), tuple(scalars)


def is_on_a_node(text: str, point: Point) -> bool:
    """Whether a key, value or item begins at a place, or a scalar holds it."""
    starts, scalars = _nodes(text)
    return point in starts or any(scalar.holds(point) for scalar in scalars)


@cache
def workflow_parts(text: str) -> tuple[Extent, ...]:
    """Top-level keys, jobs and steps, each with the names that an address may have for it."""
    found: list[Extent] = []
    for root in roots(text):
        found.append(_extent(root, root, "workflow"))
        found += [_extent(k, v, str(k.value)) for k, v in below(root, "*")]
        for job, body in [*below(root, "jobs", "*"), *below(root, "runs")]:
            found.append(_extent(job, body, job.value))
            for step, _ in below(body, "steps", "*"):
                found.append(_extent(step, step, *_step_names(job.value, step)))
    return tuple(found)


def _step_names(job: str, step: yaml.Node) -> Iterator[str]:
    names = [text_of(step, key) for key in ("id", "name")]
    for name in (*names, text_of(step, "uses").split("@")[0]):
        if name:
            yield f"{job}/step({name})"
    if text_of(step, "run"):
        yield f"{job}/step"  # by a hash of the script


@cache
def rule_parts(text: str) -> tuple[Extent, ...]:
    """Groups and rules by name, wherever in the file."""
    found: list[Extent] = []
    for root in roots(text):
        for start in ((), ("spec",)):
            for number, (group, _) in enumerate(below(root, *start, "groups", "*")):
                for name in (text_of(group, "name"), str(number)):
                    found.append(_extent(group, group, name))
                    for rule, _ in below(group, "rules", "*"):
                        title = text_of(rule, "alert") or text_of(rule, "record") or "rule"
                        found.append(_extent(rule, rule, f"{name}/{title}"))
    return tuple(found)


_OF_OPERATOR = {"muteTimeIntervals": "time_intervals", "inhibitRules": "inhibit_rules"}
"""What the operator's keys are called in the configuration that it makes of them."""


@cache
def alerting_parts(text: str) -> tuple[Extent, ...]:
    """Receivers by name, and everything by its key, at the top or in the spec of an object."""
    found: list[Extent] = []
    for root in roots(text):
        for start in ((), ("spec",)):
            for key, value in below(root, *start, "*"):
                found.append(_extent(key, value, str(key.value), _OF_OPERATOR.get(key.value, "")))
            for receiver, _ in below(root, *start, "receivers", "*"):
                found.append(_extent(receiver, receiver, f"receiver({text_of(receiver, 'name')})"))
    return tuple(found)


def embedded(text: str, point: Point) -> tuple[str, Point] | None:
    """The text of the literal block that a place lies in, and where it begins."""
    todo = list(roots(text))
    while todo:
        node = todo.pop()
        if isinstance(node, yaml.MappingNode):
            todo += [value for _, value in node.value]
        first, last = node.start_mark.line + 2, node.end_mark.line
        if isinstance(node, yaml.ScalarNode) and node.style == "|" and first <= point[0] <= last:
            lines = text.splitlines()[first - 1 : last]
            inner = textwrap.dedent("\n".join(lines))
            indent = len(lines[0]) - len(inner.split("\n")[0])
            return inner, (first - 1, indent)
    return None


@cache
def instructions(text: str) -> tuple[Extent, ...]:
    """The instructions of a Dockerfile by stage, keyword and count: `-1 COPY~2`."""
    joined = re.sub(r"(?m)(?<=\\\n)[ \t]*$", "#", text)  # to it a blank line ends an instruction
    parser = DockerfileParser(fileobj=io.BytesIO(joined.encode()))
    structure = [each for each in parser.structure if each["instruction"] != "COMMENT"]
    stages = [each for each in structure if each["instruction"] == "FROM"]
    found: list[Extent] = []
    seen: Counter[tuple[int, str]] = Counter()
    number = 0
    for each in structure:
        number += each["instruction"] == "FROM"
        seen[number, each["instruction"]] += 1
        alias = re.search(r"(?i)\sAS\s+(\S+)\s*$", stages[number - 1]["value"]) if number else None
        labels = [str(number - 1 - len(stages)), alias[1].lower() if alias else ""]
        name = f"{each['instruction']}~{seen[number, each['instruction']]}"
        names = {f"{label} {name}" for label in labels if label and number} or {f" {name}"}
        start, end = each["startline"] + 1, each["endline"] + 1
        found.append(Extent((start, 1), (end, 1 << 20), frozenset(names)))
    return tuple(found)
