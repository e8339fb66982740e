"""Finding by selector what carries labels, without asking everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from kerp_policy.kubernetes.labels import selects
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


def same_namespace(one: str | None, other: str | None) -> bool | None:
    """Whether two namespaces are one; None where one is not written or filled in elsewhere.

    Two that are both not written are the same: what applies the one applies the other.
    """
    if one == other:
        return True
    return None if is_open(one) or is_open(other) else False


def is_open(namespace: str | None) -> bool:
    """Whether a namespace is decided when the object is applied."""
    return namespace is None or is_placeholder(namespace)


class LabelIndex(Generic[L]):
    """Facts by namespace and label."""

    def __init__(self, facts: Iterable[L]) -> None:
        """Sort the facts; those whose namespace or labels are filled in elsewhere fit anywhere."""
        self._all: list[L] = []
        self._open: list[L] = []
        self._unsure: dict[str | None, list[L]] = {}
        self._in_namespace: dict[str | None, list[L]] = {}
        self._by_pair: dict[tuple[Any, ...], list[L]] = {}
        for fact in facts:
            self._add(fact)

    def _add(self, fact: L) -> None:
        self._all.append(fact)
        if is_open(fact.namespace):
            self._open.append(fact)
        if any(is_placeholder(f"{key}{value}") for key, value in fact.labels.items()):
            self._unsure.setdefault(fact.namespace, []).append(fact)
            return
        self._in_namespace.setdefault(fact.namespace, []).append(fact)
        for key, value in fact.labels.items():
            if isinstance(value, str):
                self._by_pair.setdefault((fact.namespace, key, value), []).append(fact)

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

    def _candidates(self, selector: Mapping[str, Any], namespace: str | None) -> Iterator[L]:
        if is_open(namespace):
            yield from self._all
            return
        yield from self._anchored(selector, namespace)
        yield from self._unsure.get(namespace, ())
        yield from self._open

    def _anchored(self, selector: Mapping[str, Any], namespace: str | None) -> Sequence[L]:
        """Those with the rarest of the labels that the selector asks for."""
        pairs = selector.get("matchLabels")
        found = [
            self._by_pair.get((namespace, key, value), [])
            for key, value in (pairs.items() if isinstance(pairs, Mapping) else ())
            if not is_placeholder(f"{key}{value}")
        ]
        return min(found, key=len) if found else self._in_namespace.get(namespace, ())
