"""Waivers in the configuration, for what cannot be edited: by policy, file and address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kerp_policy.artifacts.yaml import read
from kerp_policy.errors import FieldError
from kerp_policy.findings import Place
from kerp_policy.i18n import gettext as _
from kerp_policy.paths import Path
from kerp_policy.secrets import without_tokens
from kerp_policy.waivers.grammar import as_date
from kerp_policy.waivers.model import Allowed, Waiver
from kerp_policy.wording import shown


def configured(text: str, file: str, entries: Sequence[Mapping[str, Any]]) -> tuple[Waiver, ...]:
    """The waivers of a configuration.

    Args:
        text: the configuration, as YAML.
        file: the name of its file.
        entries: what stands under `waivers`, valid by its schema.

    Raises:
        FieldError: a date is none.
    """
    document = read(text).documents[0]
    found = []
    for index, entry in enumerate(entries):
        at: Path = ("waivers", index)
        span = document.span(at)
        allowed = Allowed(
            entry["policy"],
            document.span((*at, "policy")),
            without_tokens(entry["reason"]),
            _until(entry["until"], (*at, "until")),
            without_tokens(entry.get("owner", "")),
            entry.get("value", ""),
        )
        found.append(
            Waiver(
                allowed,
                entry.get("file", "**"),
                Place(span, f"{file}#waiver"),
                "configuration",
                address=entry.get("address", "**"),
            )
        )
    return tuple(found)


def _until(text: str, path: Path) -> date:
    until = as_date(text)
    if until is None:
        message = _("until is {value}, which is no date; expected YYYY-MM-DD")
        raise FieldError(path, message.format(value=shown(text)))
    return until
