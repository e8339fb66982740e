"""Catalogues of controls that others publish, and that policies support."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from kerp_policy import i18n


class Control(Struct, frozen=True):
    """What a catalogue asks for.

    Attributes:
        id: as policies name it: `cis-kubernetes/5.2.2`.
        title: what it asks for, in short.
        undecidable: what of it no file shows; empty where files show all.
        pending: what of it files show and no policy decides yet.
        korean: its Korean name, where it has one.
    """

    id: str
    title: str
    undecidable: str = ""
    pending: str = ""
    korean: str = ""

    @property
    def words(self) -> str:
        """Its title in the language that is spoken, where it has one in it."""
        return (i18n.language() == i18n.KOREAN and self.korean) or self.title


class Catalogue(Struct, frozen=True):
    """Controls that were published together.

    Attributes:
        id: as policies name it: `cis-kubernetes`.
        title: its name.
        version: the edition whose numbers these are.
        source: the address where it is published.
        controls: by their id, in its order.
        korean: its Korean name, where it has one.
        file: where all this is written.
    """

    id: str
    title: str
    version: str
    source: str
    controls: Mapping[str, Control]
    korean: str
    file: Path

    @property
    def words(self) -> str:
        """Its title in the language that is spoken, where it has one in it."""
        return (i18n.language() == i18n.KOREAN and self.korean) or self.title


def catalogue(file: Path, data: Mapping[str, Any]) -> Catalogue:
    """The catalogue that a file holds.

    Args:
        file: whose name is the catalogue's id.
        data: its content, valid by the schema `controls`.
    """
    entries = ((f"{file.stem}/{id}", entry) for id, entry in data["controls"].items())
    controls = {
        id: Control(
            id,
            entry["title"],
            entry.get("undecidable", ""),
            entry.get("pending", ""),
            _korean(entry),
        )
        for id, entry in entries
    }
    head = (data["title"], data["version"], data["source"])
    return Catalogue(file.stem, *head, controls, _korean(data), file)


def _korean(data: Mapping[str, Any]) -> str:
    return str(data.get("ko", {}).get("title", ""))


def controls_of(catalogues: Mapping[str, Catalogue]) -> dict[str, Control]:
    """The controls of all catalogues, by id."""
    return {id: control for one in catalogues.values() for id, control in one.controls.items()}
