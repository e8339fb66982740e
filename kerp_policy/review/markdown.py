"""The checklist in Markdown for a pull request: what files say is text in it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.report.markup import code, escape, prose
from kerp_policy.review.model import Answer, Entry, How, Review, Revision
from kerp_policy.visible import inert

MAX_CHARACTERS = 60_000
"""GitHub takes 65,536 characters of a comment; the rest is left to whoever posts it."""
_MAX_TEXT = 300
"""Characters of one name, value or note."""
_VERBS: dict[How, str] = {
    "added": noted("added {thing}"),
    "changed": noted("changed {thing}"),
    "removed": noted("removed {thing}"),
    "told": "{thing}",
}


def markdown(review: Review) -> str:
    """The review as a list of boxes: a checked one is answered by files."""
    blocks = [
        f"### {_head(review)}",
        _("A checked box is answered by files; an open one is for people, and says why."),
    ]
    entries = sum(len(answer.entries) > 0 for s in review.sections for answer in s.answers)
    room = (MAX_CHARACTERS - 6_000) // max(1, entries)
    for section in review.sections:
        answers = "\n".join(_answer(answer, room) for answer in section.answers)
        blocks.append(f"#### {section.title}\n\n{answers}")
    return inert("\n\n".join(blocks) + "\n")


def _head(review: Review) -> str:
    head = _("kerp-policy: review of {base} → {head}")
    return head.format(base=_revision(review.base), head=_revision(review.head))


def _revision(revision: Revision) -> str:
    commit = f" ({revision.commit[:12]})" if revision.commit else ""
    return code(_clipped(revision.name)) + commit


def _answer(answer: Answer, room: int) -> str:
    box = "x" if answer.answered else " "
    head = f"- [{box}] **{escape(answer.title)}**: {prose(answer.says)}"
    return "\n".join([head, *_fitted(answer.entries, room)])


def _fitted(entries: tuple[Entry, ...], room: int) -> Iterator[str]:
    """As many entries as there is room for, and how many were left out."""
    for i, entry in enumerate(entries):
        line = f"  - {_entry(entry)}"
        room -= len(line) + 1
        if room < 0:
            more = _("{count} more, which `--format json` has")
            yield f"  - {more.format(count=len(entries) - i)}"
            return
        yield line


def _entry(entry: Entry) -> str:
    thing = _(_VERBS[entry.how]).format(thing=_thing(entry))
    at = code(_clipped(f"{entry.file}:{entry.place.span.line}"))
    users = _users(entry.users) if entry.users else ""
    note = f": {prose(_clipped(entry.note))}" if entry.note else ""
    return f"{thing}{_values(entry)} ({at}){users}{note}"


def _thing(entry: Entry) -> str:
    holder = escape(_clipped(entry.holder))
    if not entry.what:
        return holder
    return _("{part} of {whole}").format(part=code(_clipped(entry.what)), whole=holder)


def _users(users: tuple[str, ...]) -> str:
    return _(", seen by {users}").format(users=escape(_clipped(", ".join(users))))


def _values(entry: Entry) -> str:
    old, new = (None if text is None else code(_clipped(text)) for text in (entry.old, entry.new))
    if entry.how == "changed" and (old or new):
        return f": {old or _('not set')} → {new or _('not set')}"
    return f": {new or old}" if new or old else ""


def _clipped(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"
