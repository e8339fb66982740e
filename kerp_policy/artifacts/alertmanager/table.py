"""The fields that Alertmanager's loader knows, as data: by struct, with types and versions.

Source: Alertmanager's documentation, Configuration, and its change log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from kerp_policy.i18n import gettext as _
from kerp_policy.shipped import DATA

Version = tuple[int, int]
"""Major and minor."""

OLDEST: Version = (0, 22)
"""The first version whose fields the table tells apart from later ones."""

NEWEST: Version = (0, 34)
"""The last version whose fields the table has."""

_DATA = DATA / "alertmanager.json"


class Field(NamedTuple):
    """A field: the name of its type, and the first version that knows it."""

    type: str
    since: Version = (0, 0)


Struct = Mapping[str, Field]


@cache
def structs() -> Mapping[str, Struct]:
    """Every struct by name, with its fields by name."""
    data = json.loads(_DATA.read_text("utf-8"))
    return {
        name: {key: _field(spec) for key, spec in fields.items()}
        for name, fields in data.items()
        if isinstance(fields, dict)
    }


def _field(spec: str) -> Field:
    kind, _at, since = spec.partition("@")
    return Field(kind, (0, int(since.removeprefix("0.")))) if since else Field(kind)


def parse_version(text: str) -> Version:
    """Read `0.28` or `v0.28.1`.

    Raises:
        ValueError: it is none, or one that the table does not know.
    """
    found = re.fullmatch(r"v?(\d{1,3})\.(\d{1,3})(\.\d{1,6})?", text)
    if not found:
        message = _("{text!r} is no version of Alertmanager; expected one such as 0.28")
        raise ValueError(message.format(text=text))
    version = int(found[1]), int(found[2])
    if not OLDEST <= version <= NEWEST:
        oldest, newest = (".".join(map(str, one)) for one in (OLDEST, NEWEST))
        message = _("Alertmanager {version} is not known; {oldest} to {newest} are")
        raise ValueError(message.format(version=text, oldest=oldest, newest=newest))
    return version
