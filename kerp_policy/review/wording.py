"""Words and judgements that several answers share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec.structs import replace

from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.review.delta import Delta
from kerp_policy.review.model import Answer, Entry, How

_TALLY: dict[How, str] = {
    "added": noted("{count} added"),
    "changed": noted("{count} changed"),
    "removed": noted("{count} removed"),
}
_SHOWN = 3


def tally(entries: Iterable[Entry]) -> str:
    """`2 added, 1 removed`; empty where there is nothing."""
    counts = Counter(entry.how for entry in entries)
    told = (_(text).format(count=counts[how]) for how, text in _TALLY.items() if counts[how])
    return ", ".join(told)


def in_workflow(file: str) -> str:
    """A workflow, as what something belongs to."""
    return _("workflow {file}").format(file=file)


def unread_first(delta: Delta, answer: Answer) -> Answer:
    """The answer, left open where something differs that was not read."""
    if not delta.unread:
        return answer
    named = [f"`{file}` ({why})" for file, why in delta.unread[:_SHOWN]]
    more = len(delta.unread) - _SHOWN
    named += [_("{count} more").format(count=more)] if more > 0 else []
    says = _("{says}, as far as was read; not read: {files}")
    return replace(answer, answered=False, says=says.format(says=answer.says, files=_listed(named)))


def _listed(names: list[str]) -> str:
    *before, last = names
    return _("{names} and {last}").format(names=", ".join(before), last=last) if before else last
