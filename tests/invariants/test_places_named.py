"""What an address names stands at the place, says a reader that is not ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pytest
from msgspec.structs import astuple, replace
from naming import (
    Extent,
    alerting_parts,
    embedded,
    instructions,
    is_on_a_node,
    rule_parts,
    workflow_parts,
)
from projects import Project, projects
from test_places import places

from kerp_policy.findings import Place
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.source import Source, Span

W = ".github/workflows/a.yml"
_STAGE = re.compile(r"(?:stage\[([^\]]*)\]\.)?([A-Z]+)(\([^)]*\))?(?:~(\d+))?(?:\.([\w-]+))?")
_STEP = re.compile(r"([^/]+)/step\((.*)\)(?:~\d+)?(?::.*)?")
_RULE = re.compile(r"([^{]+?)(?:\{.*\})?(?:~\d+)?")
_COMMAND = re.compile(r"(.+)\([0-9a-f]{8}\)(?:~\d+)?")


def under(source: Source, place: Place) -> str:
    """The text of a place, or what of it stands on its first line."""
    line, column, end_line, end_column = astuple(place.span)
    return source.lines[line - 1][column - 1 : end_column - 1 if line == end_line else None]


def within(parts: Iterable[Extent], name: str, place: Place) -> bool:
    """Whether a place lies in a part of a name."""
    return any(part.holds(place.span.start) for part in parts if name in part.names)


def in_dockerfile(source: Source, place: Place, name: str) -> bool:
    """In the instruction of that keyword and stage, on the word that is named."""
    if name == "syntax":
        return "syntax" in source.lines[place.span.line - 1]
    stage, keyword, key, number, word = _STAGE.fullmatch(name).groups()
    found = [part for part in instructions(source.text) if part.holds(place.span.start)]
    mine = re.compile(rf"{re.escape((stage or '').lower())} {keyword}~{number or '[0-9]+'}")
    counted = key is None and keyword != "FROM"  # those with a key are counted by key
    wanted = mine if counted and number else re.compile(mine.pattern.split("~")[0] + r"~\d+")
    in_heredoc = not found or "<<" in source.text
    named = any(wanted.fullmatch(each) for part in found for each in part.names) or in_heredoc
    is_flag = not word or word.islower()  # a flag of HEALTHCHECK that may be missing
    return named and (is_flag or word in under(source, place))


def in_workflow(source: Source, place: Place, name: str) -> bool:
    """In the step, job or top-level key that is named; at the top where there is no such key."""
    parts = workflow_parts(source.text)
    if found := _STEP.fullmatch(name):
        job, step = found.groups()
        if within(parts, "env", place):  # which it inherits
            return True
        if re.fullmatch("[0-9a-f]{8}", step):
            return within(parts, f"{job}/step", place)
        return within(parts, f"{job}/step({step})", place)
    key = name.split(".", maxsplit=1)[0].split("~", maxsplit=1)[0]
    known = any(key in part.names for part in parts)
    return within(parts, key if known else "workflow", place)


def in_script(source: Source, place: Place, name: str) -> bool:
    """On the command, variable or option that is named, or in its line."""
    text, line = under(source, place), source.lines[place.span.line - 1]
    if command := _COMMAND.fullmatch(name):
        return text.startswith(command[1]) or command[1] in text
    if name.startswith("commands"):
        return bool(text)
    bare = name.split("~", maxsplit=1)[0]
    if bare.startswith("$"):
        return bare in text or f"${{{bare[1:]}" in text
    # Its place is a flag, as -p, or the beginning of a word that holds it, and never more.
    is_unnamed = bare == "password" and len(text) <= 1
    above = (other for other in reversed(source.lines[: place.span.line - 1]) if "<<" in other)
    opened = next(above, "")  # the command whose here-document it may stand in
    return bare in line or bare in opened or is_unnamed or place.span.start == (1, 1)


def in_rules(source: Source, place: Place, name: str) -> bool:
    """In the rule or group that is named."""
    found = _RULE.fullmatch(name)
    return bool(found) and within(rule_parts(source.text), found[1], place)


def in_alerting(source: Source, place: Place, name: str) -> bool:
    """In the receiver, route or top-level key that is named, on the field if it is there."""
    owner = re.match(r"receiver\([^)]*\)|\w+", name)
    field = re.search(r"\.(\w+)$", name)
    text, line = under(source, place), source.lines[place.span.line - 1]
    label = re.search(r"\{\"?([A-Za-z_]\w*)[^}]*\}(?:\.[^}]*)?$", name)
    near = label is None or label[1] in source.text
    on_field = not field or text.startswith(field[1]) or field[1] not in line
    return within(alerting_parts(source.text), owner[0], place) and near and on_field


READERS: dict[str, Callable[[Source, Place, str], bool]] = {
    "dockerfile": in_dockerfile,
    "workflow": in_workflow,
    "action": in_workflow,
    "script": in_script,
    "rules": in_rules,
    "alerting": in_alerting,
}


def kind_of(source: Source, name: str) -> str:
    """By whose words an address is to be read."""
    kind = kind_by_name(source.path)
    if kind not in ("yaml", "json"):
        return kind
    return "alerting" if b"receiver" in source.data else "rules"


@pytest.mark.parametrize("project", projects(), ids=lambda project: project.name)
def test_a_place_is_in_what_its_address_names(project: Project) -> None:
    problems = {f.place for f in project.findings if f.place.address == f"{f.file}#{f.policy}"}
    for file, place in places(project):
        owner, _, name = place.address.partition("#")
        source = project.read(file)
        if source and name and place not in problems:
            found = inside(source, place) if ":" in owner else (source, place)
            if found:
                assert reads(*found, name), (file, place, under(*found))


def inside(source: Source, place: Place) -> tuple[Source, Place] | None:
    """A place in the text of a literal block, as in a ConfigMap; None where there is none."""
    found = embedded(source.text, place.span.start)
    if found is None:
        return None
    text, (up, left) = found
    line, column, end_line, end_column = astuple(place.span)
    span = Span(line - up, column - left, end_line - up, end_column - left)
    return Source(source.path, text.encode()), replace(place, span=span)


def reads(source: Source, place: Place, name: str) -> bool:
    """Whether the reader of its kind finds the name at the place."""
    kind = kind_of(source, name)
    if kind not in READERS:
        return True
    is_yaml = kind not in ("dockerfile", "script")
    on_a_node = not is_yaml or is_on_a_node(source.text, place.span.start)
    return on_a_node and READERS[kind](source, place, name)


@pytest.mark.parametrize(
    ("file", "text", "name", "right", "wrong"),
    [
        ("Dockerfile", "FROM a AS b\nUSER c\nUSER d\n", "stage[b].USER~2", 3, 2),
        ("Dockerfile", "FROM a\nUSER c\nFROM a\nUSER d\n", "stage[-1].USER", 4, 2),
        ("a.sh", "curl a\nwget b\n", "wget(0a1b2c3d)", 2, 1),
        ("a.sh", "echo $A\necho $B\n", "$B", 2, 1),
        ("a.yml", "groups:\n- name: g\n  rules:\n  - alert: A\n  - alert: B\n", "g/B", 5, 4),
        ("a.yml", "route: {}\nreceivers:\n- name: a\n- name: b\n", "receiver(b).name", 4, 3),
        (W, "jobs:\n  a:\n    steps:\n    - id: b\n    - id: c\n", "a/step(c)", 5, 4),
        (W, "jobs:\n  a: {}\n  b: {}\n", "b", 3, 2),
    ],
)
def test_these_readers_tell_a_wrong_place(
    file: str, text: str, name: str, right: int, wrong: int
) -> None:
    source = Source(file, text.encode())
    for line, expected in ((right, True), (wrong, False)):
        written = source.lines[line - 1]
        first = len(written) - len(written.lstrip(" -")) + 1
        place = Place(Span(line, first, line, len(written) + 1), f"{file}#{name}")
        assert reads(source, place, name) is expected
