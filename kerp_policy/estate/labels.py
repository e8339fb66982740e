"""Finding by selector what carries labels, without asking everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

from kerp_policy.artifacts.kubernetes import as_dict, as_list
from kerp_policy.kubernetes.labels import GIVEN_TO_PODS, selects
from kerp_policy.secrets import is_placeholder


class Labelled(Protocol):
    """A fact that selectors find."""

    @property
    def namespace(self) -> str | None:
        """The namespace that is written, or None."""
        ...

    @property
    def labels(self) -> Mapping[str, Any]:
        """What it carries."""
        ...


L = TypeVar("L", bound=Labelled)
_Pair = tuple[str, Any]
"""A label: its key and its value."""
_SCALARS = (str, int, float)  # what a label is or, against the rules, may be written as


def same_namespace(one: str | None, other: str | None) -> bool | None:
    """Whether two namespaces are one; None where one is not written or filled in elsewhere.

    Two that are both not written are the same: what applies the one applies the other.
    """
    if one == other:
        return True
    return None if is_open(one) or is_open(other) else False


@lru_cache(maxsize=1024)  # whoever compares two objects asks, and a project has few namespaces
def is_open(namespace: str | None) -> bool:
    """Whether a namespace is decided when the object is applied."""
    return namespace is None or is_placeholder(namespace)


class _Shelf(Generic[L]):
    """The facts of one namespace, by label."""

    def __init__(self) -> None:
        self._sure: list[L] = []
        self._unsure: list[L] = []
        self._by_pair: dict[_Pair, list[L]] = {}

    def add(self, fact: L, *, sure: bool) -> None:
        """Put a fact in; one whose labels are filled in elsewhere is not sure, and may have any."""
        if not sure:
            self._unsure.append(fact)
            return
        self._sure.append(fact)
        for key, value in fact.labels.items():
            if isinstance(value, _SCALARS):
                self._by_pair.setdefault((key, value), []).append(fact)

    def candidates(self, anchors: Iterable[Sequence[_Pair]]) -> Iterable[L]:
        """Those with the rarest of the labels that a selector asks for, and the unsure."""
        if not self._sure:
            return self._unsure
        found: list[list[list[L]]] = [
            [self._by_pair.get(pair, []) for pair in pairs] for pairs in anchors
        ] or [[self._sure]]
        rarest = min(found, key=lambda lists: sum(map(len, lists)))
        return chain(*rarest, self._unsure)


def _anchors(selector: Mapping[str, Any]) -> Iterator[list[_Pair]]:
    """The labels that a selector asks for: for each key the values of which it takes any."""
    for key, value in as_dict(selector.get("matchLabels")).items():
        if _is_known(key, value):
            yield [(key, value)]
    for expression in map(as_dict, as_list(selector.get("matchExpressions"))):
        key, values = str(expression.get("key")), as_list(expression.get("values"))
        if expression.get("operator") == "In" and all(_is_known(key, value) for value in values):
            yield [(key, value) for value in dict.fromkeys(values)]


def _is_known(key: str, value: Any) -> bool:
    is_written = isinstance(value, _SCALARS) and key not in GIVEN_TO_PODS
    return is_written and not is_placeholder(f"{key}{value}")


class LabelIndex(Generic[L]):
    """Facts by namespace and label; where a namespace is open, those of any may be meant."""

    def __init__(self, facts: Iterable[L]) -> None:
        """Sort the facts."""
        self._facts: list[tuple[L, bool]] = []
        self._open: _Shelf[L] = _Shelf()
        self._in_namespace: dict[str | None, _Shelf[L]] = {}
        for fact in facts:
            sure = not any(is_placeholder(f"{k}{value}") for k, value in fact.labels.items())
            self._facts.append((fact, sure))
            self._shelf(fact.namespace).add(fact, sure=sure)

    @cached_property
    def _all(self) -> _Shelf[L]:
        """The facts of all namespaces, for who names none."""
        shelf: _Shelf[L] = _Shelf()
        for fact, sure in self._facts:
            shelf.add(fact, sure=sure)
        return shelf

    def _shelf(self, namespace: str | None) -> _Shelf[L]:
        if is_open(namespace):
            return self._open
        return self._in_namespace.setdefault(namespace, _Shelf())

    def selected(
        self, selector: Mapping[str, Any] | None, namespace: str | None
    ) -> Iterator[tuple[L, bool | None]]:
        """What a selector in a namespace selects, or may select (None)."""
        if selector is None:
            return
        for fact in self._candidates(selector, namespace):
            answers = (selects(selector, fact.labels), same_namespace(fact.namespace, namespace))
            if False not in answers:
                yield fact, None if None in answers else True

    def _candidates(self, selector: Mapping[str, Any], namespace: str | None) -> Iterable[L]:
        anchors = list(_anchors(selector))
        if is_open(namespace):
            return self._all.candidates(anchors)
        own = self._shelf(namespace).candidates(anchors)
        return chain(own, self._open.candidates(anchors))
