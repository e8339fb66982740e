"""The estate: the facts of all files, joined by index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Protocol, TypeVar

from kerp_policy.artifacts.kustomize import Kustomize
from kerp_policy.estate.facts import Fact, Placed, file_of
from kerp_policy.estate.labels import LabelIndex, Labelled
from kerp_policy.findings import Place, Remark, unverified

F = TypeVar("F", bound=Fact)
L = TypeVar("L", bound=Labelled)
S = TypeVar("S", bound="Selectable")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


_FEW = 100
"""As many as a selector selects less than, or what it selects is not kept."""


class Selectable(Labelled, Placed, Protocol):
    """A fact that selectors find."""


class Estate:
    """What the project declares and does.

    Attributes:
        listed: every file of the project, relative to its root, in order.
        files: the same, to ask whether a file is among them.
        kustomize: what the project's kustomizations say.
        exclude: which files are there and not looked at, as patterns of `.gitignore`.
        is_part: whether this is a text by itself, whose project nobody sees.
    """

    def __init__(
        self,
        facts: Iterable[Fact] = (),
        files: Iterable[str] = (),
        kustomize: Kustomize | None = None,
        exclude: Sequence[str] = (),
        *,
        is_part: bool = False,
    ) -> None:
        """Sort the facts by what they are."""
        self.is_part = is_part
        self.listed = sorted(files)
        self.files = frozenset(self.listed)
        self.kustomize = kustomize or Kustomize()
        self.exclude = tuple(exclude)
        self._by_type: dict[type[Any], list[Any]] = {}
        self._indexes: dict[tuple[Any, ...], dict[Any, list[Any]]] = {}
        self._made: dict[tuple[Any, ...], Any] = {}
        self._labels: dict[type[Any], LabelIndex[Any]] = {}
        self._labels_in: dict[tuple[type[Any], str], LabelIndex[Any]] = {}
        self._selected: dict[tuple[Any, ...], list[tuple[Any, bool | None]]] = {}
        for fact in facts:
            self._by_type.setdefault(type(fact), []).append(fact)

    def all(self, kind: type[F]) -> Sequence[F]:
        """Every fact of a kind, in the order of the files."""
        return self._by_type.get(kind, ())

    @property
    def size(self) -> int:
        """How many facts there are."""
        return sum(map(len, self._by_type.values()))

    def has(self, kinds: Collection[str]) -> bool:
        """Whether there is a fact of one of these kinds, by name."""
        return any(kind.__name__ in kinds for kind in self._by_type)

    def lacks(self, place: Place, message: str) -> Remark:
        """A failure because the project has none of a kind; open where nobody sees the project."""
        if self.is_part:
            return unverified(place, f"{message}, as far as this text shows")
        return Remark(place, message)

    def by(self, kind: type[F], key: Callable[[F], K]) -> Mapping[K, Sequence[F]]:
        """The facts of a kind by a key; made once for each function, so give it no lambda."""
        index = self._indexes.get((kind, key))
        if index is None:
            index = self._indexes[kind, key] = {}
            for fact in self.all(kind):
                index.setdefault(key(fact), []).append(fact)
        return index

    def made(self, work: Callable[[Estate], V]) -> V:
        """What is made of all facts, as `Units` are; once for all who ask, so give it no lambda."""
        if (work,) not in self._made:
            self._made[work,] = work(self)
        made: V = self._made[work,]
        return made

    def once(self, work: Callable[[Estate, F], V], fact: F) -> V:
        """What a function makes of a fact, worked out once for all who ask; give it no lambda."""
        key = (work, fact.file, fact.place)
        if key not in self._made:
            self._made[key] = work(self, fact)
        made: V = self._made[key]
        return made

    def selected(
        self, kind: type[L], selector: Mapping[str, Any] | None, namespace: str | None
    ) -> Iterable[tuple[L, bool | None]]:
        """The facts of a kind with `labels` and `namespace` that a LabelSelector selects.

        A Service, a budget and a network policy mostly ask the same, so what was found is kept.

        Args:
            kind: what is selected.
            selector: as `kerp_policy.kubernetes.labels.selects` understands it.
            namespace: the namespace that it selects in, None where that is not written.

        Returns:
            Each fact that is, or may be selected, with True, or with None where a placeholder or a
            namespace that is not written decides.
        """
        asked = (kind, namespace, repr(selector))
        if asked in self._selected:
            return self._selected[asked]
        if kind not in self._labels:
            self._labels[kind] = LabelIndex(self.all(kind))
        found = self._labels[kind].selected(selector, namespace)
        some = list(islice(found, _FEW))
        if len(some) == _FEW:
            return chain(some, found)
        self._selected[asked] = some
        return some

    def labelled_in(self, kind: type[S], file: str) -> LabelIndex[S]:
        """The facts of a kind that one file has, to be selected among by labels."""
        index = self._labels_in.get((kind, file))
        if index is None:
            facts = self.by(kind, file_of).get(file, ())
            index = self._labels_in[kind, file] = LabelIndex(facts)
        return index
