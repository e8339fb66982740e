"""Groups and rules, of a file or of a PrometheusRule object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from kerp_policy.artifacts.yaml_nodes import Document, Mapping, Sequence
from kerp_policy.paths import Path

if TYPE_CHECKING:
    from kerp_policy.artifacts.prometheus.nodes import Node


class Rule(Struct, frozen=True, dict=True):
    """One rule; `path` leads to it from where `groups` stands.

    `address` is its stable name: `group/alert{severity}`, a second of the same with `~2`.
    """

    path: Path
    data: dict[str, Any]
    address: str

    @property
    def alert(self) -> str:
        """The alert's name, empty for a recording rule."""
        return text_of(self.data.get("alert"))

    @property
    def record(self) -> str:
        """The name that a recording rule gives its result, else empty."""
        return text_of(self.data.get("record"))

    @property
    def labels(self) -> dict[str, Any]:
        """The labels that the rule adds."""
        labels = self.data.get("labels")
        return labels if isinstance(labels, dict) else {}

    @cached_property
    def expression(self) -> Node | None:
        """What it asks, or None where that cannot be read."""
        from kerp_policy.artifacts.prometheus.promql import PromqlError, parse_promql

        try:
            return parse_promql(text_of(self.data.get("expr")))
        except PromqlError:
            return None


class RuleFile(Struct, frozen=True, dict=True):
    """All groups that stand in one place.

    `data` holds every scalar as text, `base` leads from the document's root to it.
    """

    document: Document
    base: Path
    data: dict[str, Any]

    @cached_property
    def groups(self) -> list[tuple[Path, dict[str, Any]]]:
        """The groups with their paths, those that are no mapping left out."""
        items = self.data.get("groups")
        found = enumerate(items if isinstance(items, list) else ())
        return [(("groups", i), item) for i, item in found if isinstance(item, dict)]

    @cached_property
    def rules(self) -> list[Rule]:
        """The rules of all groups, those that are no mapping left out."""
        seen: Counter[str] = Counter()
        found = []
        for path, group in self.groups:
            for at, data in _rules_of(path, group):
                address = f"{text_of(group.get('name')) or path[-1]}/{_name(data)}"
                seen[address] += 1
                again = f"~{seen[address]}" if seen[address] > 1 else ""
                found.append(Rule(at, data, address + again))
        return found

    @cached_property
    def recorded(self) -> dict[str, Node]:
        """What each name stands for that exactly one recording rule gives."""
        count = Counter(rule.record for rule in self.rules)
        return {
            rule.record: rule.expression
            for rule in self.rules
            if count[rule.record] == 1 and rule.record and rule.expression
        }


def _rules_of(path: Path, group: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    rules = group.get("rules")
    for i, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict):
            yield (*path, "rules", i), rule


def _name(data: dict[str, Any]) -> str:
    labels = data.get("labels")
    severity = text_of(labels.get("severity")) if isinstance(labels, dict) else ""
    name = text_of(data.get("alert")) or text_of(data.get("record")) or "rule"
    return f"{name}{{{severity}}}" if severity and "{{" not in severity else name


def text_of(value: Any) -> str:
    """A scalar's text; empty for null and for what is no scalar."""
    return value if isinstance(value, str) else ""


def _as_text(text: str, plain: bool, tag: str | None) -> str | None:
    """Every scalar as its text: Prometheus decodes them into strings, whatever they look like."""
    return None if plain and text in ("", "~", "null", "Null", "NULL") else text


def rule_file(document: Document, base: Path = ()) -> RuleFile:
    """The rules of a document, or of the part of it that `base` leads to."""
    data: Any = document.data(_as_text)
    for step in base:
        data = data[step] if isinstance(data, dict) and step in data else {}
    return RuleFile(document, base, data if isinstance(data, dict) else {})


def is_rule_file(document: Document) -> bool:
    """Whether a document is a rule file: `groups`, and in one of them `rules` that are rules.

    One group or rule that stands where a list belongs is a mistake in a rule file.
    """
    root = document.root
    groups = document.node(("groups",)) if isinstance(root, Mapping) else None
    return any(_is_group(node) for node in _items(groups))


def _items(node: Any) -> list[Any]:
    return list(node.items) if isinstance(node, Sequence) else [node]


def _is_group(node: Any) -> bool:
    rules = node.entries.get("rules") if isinstance(node, Mapping) else None
    return rules is not None and any(
        isinstance(rule, Mapping) and bool({"alert", "record", "expr"} & rule.entries.keys())
        for rule in _items(rules.node)
    )
