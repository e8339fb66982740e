"""Cutting rule files and PrometheusRule objects into the things that policies are asked about.

`rules` is everything in one file or object, `group` and `rule` are its parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kerp_policy.artifacts.kubernetes import KubernetesObject
from kerp_policy.artifacts.prometheus import Rule, RuleFile, rule_file
from kerp_policy.artifacts.yaml_nodes import Document, Scalar, span_inside
from kerp_policy.findings import Place
from kerp_policy.paths import Path
from kerp_policy.policy.environments import evidence
from kerp_policy.policy.model import Profile
from kerp_policy.sources.source import Source
from kerp_policy.views import View

_PRIMARY_KIND = ("monitoring.coreos.com", "PrometheusRule")


@dataclass(frozen=True)
class RulesSubject:
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
    file = rule_file(document)
    names = {rule.path: rule.address for rule in file.rules}

    def address(path: Path) -> str:
        name = names.get(path[:4]) or _group_name(file, path)
        return f"{source.path}#{name}" if name else source.path

    def locate(path: Path) -> Place:
        return Place(document.span(path), address(path))

    def inside(path: Path, start: int, end: int) -> Place:
        node = document.node(path)
        span = span_inside(node, source.lines, start, end) if isinstance(node, Scalar) else None
        return locate(path)._replace(span=span) if span else locate(path)

    signs = list(evidence(profile.environments, path=source.path))
    environment = signs[0].environment if signs else assumed
    facts = {"file": source.path, "environment": environment}
    yield from _views(RulesSubject(file, locate, inside), facts)


def _group_name(file: RuleFile, path: Path) -> str:
    found = (group.get("name") for at, group in file.groups if at == path[:2])
    return str(next(found, "") or "")


def prometheus_rule_views(thing: KubernetesObject, facts: Mapping[str, Any]) -> Iterator[View]:
    """The views of the rules in a PrometheusRule object; none of any other object.

    Args:
        thing: the object.
        facts: those of the object's own view.
    """
    if (thing.group, thing.kind) != _PRIMARY_KIND:
        return

    def locate(path: Path) -> Place:
        return thing.place(("spec", *path))

    def inside(path: Path, start: int, end: int) -> Place:
        return thing.place_inside(("spec", *path), start, end)

    file = rule_file(thing.document, (*thing.base, "spec"))
    yield from _views(RulesSubject(file, locate, inside, typed=thing.data.get("spec")), facts)


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
