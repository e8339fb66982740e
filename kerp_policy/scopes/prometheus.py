"""Cutting rule files and PrometheusRule objects into the things that policies are asked about.

`rules` is everything in one file or object, `group` and `rule` are its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import KubernetesObject, as_dict
from kerp_policy.artifacts.prometheus import Rule, RuleFile, is_rule_file, rule_file
from kerp_policy.artifacts.prometheus.model import text_of
from kerp_policy.artifacts.yaml import read
from kerp_policy.artifacts.yaml_nodes import Document, Scalar, span_inside
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.policy.environments import environment_of
from kerp_policy.policy.model import Profile
from kerp_policy.sources.source import START, Source, Span
from kerp_policy.views import View


class RulesSubject(Struct, frozen=True):
    """What checks of rules work with: all rules that stand together, and one of them.

    Attributes:
        file: all of them.
        locate: from a path where `groups` stands to its place.
        inside: the same for some characters of a text value, from start to end.
        typed: of an object, its `spec` with the types that the API server sees, else None.
        rule: the rule in question where the scope is a rule.
    """

    file: RuleFile
    locate: Callable[[Path], Place]
    inside: Callable[[Path, int, int], Place]
    typed: Any = None
    rule: Rule | None = None


def rule_file_views(
    document: Document, source: Source, profile: Profile, assumed: str | None
) -> Iterator[View]:
    """The views of a rule file.

    Args:
        document: the document that holds `groups`.
        source: the file.
        profile: the standard, for its environments.
        assumed: the environment of what shows none.
    """
    environment = environment_of(profile, assumed, path=source.path)
    facts = {"file": source.path, "environment": environment}
    subject = _subject(document, source.lines, lambda span: Place(span, source.path))
    yield from _views(subject, facts)


def _addresses(file: RuleFile, origin: str) -> Callable[[Path], str]:
    """From a path to the name of the rule, else of the group, that it leads into."""
    names: dict[Path, str] = {path: text_of(group.get("name")) for path, group in file.groups}
    names |= {rule.path: rule.address for rule in file.rules}

    def address(path: Path) -> str:
        name = names.get(path[:4]) or names.get(path[:2])
        return f"{origin}#{name}" if name else origin

    return address


def embedded_rule_views(thing: KubernetesObject, facts: Mapping[str, Any]) -> Iterator[View]:
    """The views of the rules in a PrometheusRule or ConfigMap; none of any other object.

    Args:
        thing: the object.
        facts: those of the object's own view.
    """
    if (thing.group, thing.kind) == ("monitoring.coreos.com", "PrometheusRule"):
        yield from _of_object(thing, facts)
    elif (thing.group, thing.kind) == ("", "ConfigMap"):
        for key, value in as_dict(thing.data.get("data")).items():
            if isinstance(value, str) and "groups" in value and "expr" in value:
                yield from _of_text(thing, ("data", key), value, facts)


def _of_object(thing: KubernetesObject, facts: Mapping[str, Any]) -> Iterator[View]:
    def locate(path: Path) -> Place:
        return thing.place(("spec", *path))

    def inside(path: Path, start: int, end: int) -> Place:
        return thing.place_inside(("spec", *path), start, end)

    file = rule_file(thing.document, (*thing.base, "spec"))
    yield from _views(RulesSubject(file, locate, inside, typed=thing.data.get("spec")), facts)


def _of_text(
    thing: KubernetesObject, at: Path, text: str, facts: Mapping[str, Any]
) -> Iterator[View]:
    """Rules in a value of a ConfigMap; their places are exact in a literal block."""
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]

    def placed(span: Span) -> Place:
        start = starts[span.line - 1] + span.column - 1
        end = starts[span.end_line - 1] + span.end_column - 1
        return thing.place_inside(at, start, end)

    for document in filter(is_rule_file, read(text).documents):
        yield from _views(_subject(document, lines, placed), facts)


def _subject(document: Document, lines: list[str], placed: Callable[[Span], Place]) -> RulesSubject:
    """The rules of a document, which `placed` finds in what the document is a part of."""
    file = rule_file(document)
    address = _addresses(file, placed(START).address)

    def locate(path: Path) -> Place:
        return replace(placed(document.span(path)), address=address(path))

    def inside(path: Path, start: int, end: int) -> Place:
        node = document.node(path)
        span = span_inside(node, lines, start, end) if isinstance(node, Scalar) else None
        return replace(locate(path), span=placed(span).span) if span else locate(path)

    return RulesSubject(file, locate, inside)


def _views(subject: RulesSubject, facts: Mapping[str, Any]) -> Iterator[View]:
    file = subject.file
    yield View("rules", file.data, facts, subject.locate, subject)
    labels = {path: group.get("labels") for path, group in file.groups}
    for path, group in file.groups:
        yield View("group", group, facts, _below(subject, path), subject)
    for rule in file.rules:
        inherited = labels.get(rule.path[:2])
        own = {**facts, "rule": "alert" if rule.alert else "record"}
        mine = RulesSubject(file, subject.locate, subject.inside, subject.typed, rule)
        data = rule.data
        if isinstance(inherited, dict):
            data = {**data, "labels": {**inherited, **rule.labels}}
        yield View("rule", data, own, _below(subject, rule.path), mine)


def _below(subject: RulesSubject, base: Path) -> Callable[[Path], Place]:
    return lambda path: subject.locate((*base, *path))
