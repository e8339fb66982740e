"""From the events of a YAML parser to a tree, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml as pyyaml
from msgspec import Struct, field

from kerp_policy.artifacts.yaml_nodes import Entry, Mapping, Node, Scalar, Sequence
from kerp_policy.artifacts.yaml_places import Places, YamlError
from kerp_policy.sources.source import Problem, Span
from kerp_policy.wording import shown

MAX_DEPTH = 200
MAX_NODES = 2_000_000
"""Nodes of one document with every alias written out: what a walk over it may have to visit."""

_NAMES = ("str", "int", "float", "bool", "null", "map", "seq", "set", "omap", "pairs", "binary")
_STANDARD_TAGS = frozenset(f"tag:yaml.org,2002:{n}" for n in (*_NAMES, "timestamp", "merge"))


class _Open(Struct):
    """A collection whose end has not come yet; `last` covers its latest part that is no alias."""

    node: Mapping | Sequence
    flow: bool
    anchor: str | None
    last: Span
    key: Scalar | None = None
    merges: list[Node] = field(default_factory=list)


class Builder:
    """Builds the tree of one document from events, without recursion.

    Taking an event may raise a YamlError: a bound is exceeded, an alias is unknown or recursive.
    """

    def __init__(self, places: Places) -> None:
        self._span = places.span
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.merges: list[Span] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}

    def scalar(self, event: pyyaml.ScalarEvent) -> None:
        """Take a value, or a key."""
        span, style = self._span(event), event.style or ""
        if style and style in "|>":
            span = Span(span.line, span.column, span.line, span.column + 1)
        node = Scalar(event.value, span, style, event.tag)
        if event.tag:
            self._check_tag(event.tag, span)
        if event.anchor:
            self._anchors[event.anchor] = node
        self._add(node)

    def alias(self, event: pyyaml.AliasEvent) -> None:
        """Take a name for what an anchor above holds."""
        if any(level.anchor == event.anchor for level in self._open):
            raise self._no_alias(event, "contains itself")
        if event.anchor not in self._anchors:
            raise self._no_alias(event, "names no anchor above")
        parent, last = self._open[-1], self._open[-1].last
        self._add(self._anchors[event.anchor])
        parent.last = last

    def _no_alias(self, event: pyyaml.AliasEvent, why: str) -> YamlError:
        return YamlError(self._span(event), f"the alias *{event.anchor} {why}")

    def start(self, event: pyyaml.CollectionStartEvent) -> None:
        """Open a mapping or list."""
        span = self._span(event)
        if len(self._open) >= MAX_DEPTH:
            raise YamlError(span, f"nested more than {MAX_DEPTH} levels deep")
        if event.tag:
            self._check_tag(event.tag, span)
        kind = Mapping if isinstance(event, pyyaml.MappingStartEvent) else Sequence
        self._open.append(_Open(kind(span), bool(event.flow_style), event.anchor, span))

    def end(self, event: pyyaml.CollectionEndEvent) -> None:
        """Close what was opened last."""
        done = self._open.pop()
        if isinstance(done.node, Mapping) and done.merges:
            _merge(done.node, done.merges)
        done.node.span = self._collection_span(done, event)
        if done.anchor:
            self._anchors[done.anchor] = done.node
        self._add(done.node)

    def _add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        into, key = parent.node, parent.key
        into.size += node.size
        if into.size > MAX_NODES:
            raise YamlError(node.span, f"more than {MAX_NODES:,} values once aliases are followed")
        if isinstance(into, Sequence):
            into.items.append(node)
            parent.last = node.span
        elif key is None:
            parent.key = self._key(parent, node)
        else:
            self._entry(into, parent, key, node)
            parent.key = None

    def _key(self, parent: _Open, node: Node) -> Scalar:
        """The key; `{{ … }}` in place of a value is a mapping whose key is a mapping."""
        if isinstance(node, Scalar):
            return node
        braces = isinstance(node, Mapping) and parent.flow
        adjacent = node.span.start == (parent.node.span.line, parent.node.span.column + 1)
        message = "a mapping or list is used as a key; only text can be one"
        raise YamlError(node.span, message, template=braces and adjacent)

    def _entry(self, mapping: Mapping, parent: _Open, key: Scalar, node: Node) -> None:
        if key.text == "<<" and not key.style:
            parent.merges.append(node)
            self.merges.append(key.span)
            return
        if key.text in mapping.entries:
            first = mapping.entries[key.text].key.line
            message = f"the key {shown(key.text)} stands here a second time, first on line {first}"
            self.problems.append(Problem("duplicate-key", key.span, message))
        mapping.entries[key.text] = Entry(key.span, node)
        parent.last = node.span

    def _check_tag(self, tag: str, span: Span) -> None:
        if tag != "!" and tag not in _STANDARD_TAGS:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            message = f"the tag {shown[:60]} asks for a special type; only plain data is read"
            if "(" in tag:  # `if: !cancelled()` of a workflow
                message = f"{shown[:60]} is no text, as it begins with !; expected it in quotes"
            self.problems.append(Problem("unreadable", span, message))

    def _collection_span(self, done: _Open, event: pyyaml.Event) -> Span:
        """A flow collection ends where its bracket does, a block one with its last part."""
        start, last = done.node.span, self._span(event) if done.flow else done.last
        if last.end_line > start.line:
            return Span(start.line, start.column, last.end_line, last.end_column)
        return Span(start.line, start.column, start.line, max(last.end_column, start.column + 1))


TAKES: dict[type[pyyaml.Event], Callable[[Builder, Any], None]] = {
    pyyaml.ScalarEvent: Builder.scalar,
    pyyaml.MappingStartEvent: Builder.start,
    pyyaml.SequenceStartEvent: Builder.start,
    pyyaml.MappingEndEvent: Builder.end,
    pyyaml.SequenceEndEvent: Builder.end,
    pyyaml.AliasEvent: Builder.alias,
}


def _merge(mapping: Mapping, merges: list[Node]) -> None:
    """Add what `<<` brings; a key of the mapping's own wins, then the earlier of several."""
    for merge in merges:
        sources = merge.items if isinstance(merge, Sequence) else [merge]
        for source in sources:
            for key, entry in source.entries.items() if isinstance(source, Mapping) else ():
                mapping.entries.setdefault(key, Entry(entry.key, entry.node, merged=True))
