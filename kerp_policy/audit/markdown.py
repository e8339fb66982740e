"""An audit as GitHub's Markdown: two tables, what is worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerp_policy.audit.clauses import worst_clauses
from kerp_policy.audit.model import Audit, Summary, by_policy, counts, worst_first
from kerp_policy.audit.text import held_to, own_words, summary_line
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import ngettext
from kerp_policy.report.markup import escape
from kerp_policy.report.text import WORDS
from kerp_policy.visible import inert

MAX_CHARACTERS = 60_000
"""GitHub takes 65,536 of a comment, and as many bytes of a wiki page are still read by people."""
_MAX_TEXT = 200
_POLICIES = 20
_COUNTED = ("error", "warning", "unverified", "baseline", "waiver")


def markdown(audit: Audit) -> str:
    """The audit as Markdown that fits a comment; what repositories say is text in it."""
    head = f"### kerp-policy: {summary_line(audit)}"
    standards = _text(held_to(audit))
    policies = _table(_policy_head(), list(_policies(audit)), MAX_CHARACTERS // 3)
    notes = "\n".join(_fitted(list(_notes(audit)), MAX_CHARACTERS // 6))
    rows = [_repository(summary) for summary in worst_first(audit.summaries)]
    room = MAX_CHARACTERS - 500 - sum(map(len, (head, standards, policies, notes)))
    blocks = [head, standards, notes, policies, _table(_repository_head(), rows, room)]
    return inert("\n\n".join(filter(None, blocks)) + "\n")


def _notes(audit: Audit) -> Iterator[str]:
    for summary in audit.unjudged:
        for problem in summary.problems:
            why = _("not judged: {why}").format(why=_text(problem))
            yield f"- **{_text(summary.repository)}** {why}"
    for summary in audit.summaries:
        for words in own_words(summary):
            yield f"- **{_text(summary.repository)}** {_text(words)}"


def _policy_head() -> list[str]:
    return [_("policy"), _("clauses"), _("repositories"), _("findings")]


def _policies(audit: Audit) -> Iterator[str]:
    for tally in [one for one in by_policy(audit.tallies) if one.failed][:_POLICIES]:
        title = f": {_text(tally.words)}" if tally.words else ""
        clauses = _text(", ".join(tally.clauses))
        yield _row(
            f"{_text(tally.policy)}{title}", clauses, str(tally.repositories), str(tally.failed)
        )


def _repository_head() -> list[str]:
    kinds = [ngettext(*WORDS[kind], 2) for kind in _COUNTED]
    return [_("repository"), *kinds, _("not judged"), _("worst clauses")]


def _repository(summary: Summary) -> str:
    counted = counts(summary.tallies)
    settled = (counted.unverified, counted.debt, counted.waived)
    numbers = (counted.errors, counted.warnings, *settled, summary.not_judged)
    worst = ", ".join(f"{clause} ({failed})" for clause, failed in worst_clauses(summary))
    return _row(_text(summary.repository), *map(str, numbers), _text(worst))


def _table(head: Sequence[str], rows: list[str], room: int) -> str:
    if not rows:
        return ""
    return "\n".join([_row(*head), _row(*["---"] * len(head)), *_fitted(rows, room)])


def _fitted(rows: list[str], room: int) -> Iterator[str]:
    """As many rows as there is room for, and how many were left out."""
    for i, row in enumerate(rows):
        room -= len(row.encode("utf-16-le", "backslashreplace")) // 2 + 1
        if room < 0:
            more = _("… {count} more, which --format json has")
            yield "\n" + more.format(count=len(rows) - i)
            return
        yield row


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _text(words: str) -> str:
    return escape(words if len(words) <= _MAX_TEXT else f"{words[: _MAX_TEXT - 1]}…")
