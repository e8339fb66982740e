"""Facts: what one file says that may matter to another. Small, plain, each with its place.

Each language has a module here with its records and the function that makes them of a view;
`extract.py` knows which.
"""

from __future__ import annotations

from typing import Protocol

from kerp_policy.findings import Place


class Fact(Protocol):
    """What every fact has; facts are records of plain values, kept as rows of JSON."""

    @property
    def file(self) -> str:
        """The file that says so."""
        ...

    @property
    def place(self) -> Place:
        """Where in it."""
        ...

    @property
    def environment(self) -> str | None:
        """The environment that it belongs to, or None where nothing tells."""
        ...


class Placed(Fact, Protocol):
    """A fact in a namespace."""

    @property
    def namespace(self) -> str | None:
        """The namespace that is written, or None."""
        ...


def file_of(fact: Fact) -> str:
    """The file of a fact; one function for all, since an estate keeps an index for each."""
    return fact.file


def namespace_of(fact: Placed) -> str | None:
    """The namespace of a fact; as `file_of`."""
    return fact.namespace
