"""What a project declares to be elsewhere, or attests although no file shows it."""

from __future__ import annotations

from collections.abc import Iterable

from kerp_policy.findings import Remark
from kerp_policy.i18n import gettext
from kerp_policy.policy.model import External
from kerp_policy.sources.match import matches


def is_settled(remark: Remark, externals: Iterable[External]) -> bool:
    """Whether a remark is about what lies elsewhere, and the project answers for it."""
    asked = remark.settled_by
    return bool(asked) and any(matches(external.says, asked) for external in externals)


def how_to_settle(asked: str) -> str:
    """How a project can answer for what a remark leaves open; empty where it cannot.

    Args:
        asked: by what the remark is settled.
    """
    if not asked:
        return ""
    name, _, status = asked.partition(": ")
    attested = f", is: {status}" if status else ""
    entry = f"`{{name: {name}{attested}, reason: …}}`"
    advice = gettext("If it is so although no file here shows it, add {entry} to `externals`.")
    return f" {advice.format(entry=entry)}"
