"""An audit for people: what each repository breaks, then what most of them break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kerp_policy.audit.clauses import by_clause, worst_clauses
from kerp_policy.audit.model import Audit, Counts, Summary, by_policy, counts
from kerp_policy.cells import wrapped
from kerp_policy.i18n import amount
from kerp_policy.i18n import gettext as _
from kerp_policy.report.text import WORDS
from kerp_policy.visible import inert, one_line

_MOST = 10
"""Clauses and policies that are listed; JSON has all of them."""


def text(audit: Audit, width: int = 80) -> str:
    """The audit as text, each line at most so wide."""
    blocks = ["\n".join(_repository(summary, width)) for summary in audit.summaries]
    blocks += filter(None, [_clauses(audit, width), _policies(audit, width)])
    lines = filter(None, (held_to(audit), summary_line(audit)))
    blocks.append("\n".join(line for words in lines for line in _wrapped(words, "", width)))
    return inert("\n\n".join(blocks) + "\n")


def _repository(summary: Summary, width: int) -> Iterator[str]:
    yield one_line(summary.repository)
    for problem in summary.problems:
        yield from _wrapped(_("not judged: {why}").format(why=problem), "  ", width)
    if summary.is_empty:
        said = [_("nothing to check: no artifact lies there"), *own_words(summary)]
        yield from _wrapped("; ".join(said), "  ", width)
    elif summary.files:
        yield from _wrapped(_came_of(summary), "  ", width)


def _came_of(summary: Summary) -> str:
    parts = [found(counts(summary.tallies))]
    if summary.not_judged:
        parts.append(_("not judged: {count}").format(count=summary.not_judged))
    parts += own_words(summary)
    worst = [f"{clause} ({failed})" for clause, failed in worst_clauses(summary)]
    if worst:
        parts.append(_("most against clause {clauses}").format(clauses=", ".join(worst)))
    return "; ".join(parts)


def own_words(summary: Summary) -> list[str]:
    """What the configuration of a repository takes away otherwise than by a waiver."""
    excluded = amount(summary.excluded, "file left out", "files left out")
    externals = amount(summary.externals, "external", "externals")
    said = [excluded] * bool(summary.excluded) + [externals] * bool(summary.externals)
    if not said:
        return []
    return [_("by its own configuration: {what}").format(what=", ".join(said))]


def found(counted: Counts) -> str:
    """How many findings there are, by severity, and how many are settled."""
    severities = (("error", counted.errors), ("warning", counted.warnings))
    parts = [amount(count, *WORDS[severity]) for severity, count in severities]
    parts += [amount(counted.infos, *WORDS["info"])] if counted.infos else []
    parts.append(amount(counted.unverified, *WORDS["unverified"]))
    settled = (("waiver", counted.waived), ("baseline", counted.debt))
    return ", ".join(parts + [amount(count, *WORDS[kind]) for kind, count in settled if count])


def _clauses(audit: Audit, width: int) -> str:
    broken = [one for one in by_clause(audit.summaries) if one.failed]
    items = [f"{one.clause}: {_in_how_many(one.repositories, one.failed)}" for one in broken]
    return _listed(_("the clauses that most repositories break"), items, width)


def _policies(audit: Audit, width: int) -> str:
    items = [
        f"{one.policy} ({one.words}): {_in_how_many(one.repositories, one.failed)}"
        for one in by_policy(audit.tallies)
        if one.failed
    ]
    return _listed(_("the policies that most repositories break"), items, width)


def _in_how_many(repositories: int, failed: int) -> str:
    where = amount(repositories, "repository", "repositories")
    return f"{where}, {amount(failed, 'finding', 'findings')}"


def _listed(title: str, items: list[str], width: int) -> str:
    if not items:
        return ""
    lines = [line for item in items[:_MOST] for line in _wrapped(item, "  ", width)]
    if len(items) > _MOST:
        more = _("… {count} more, which --format json has")
        lines.append("  " + more.format(count=len(items) - _MOST))
    return "\n".join([title, *lines])


def held_to(audit: Audit) -> str:
    """Which standard has judged all, or which ones have; nothing where it is one anyhow."""
    standards = audit.standards
    names = ", ".join(f"{one.title} ({one.profile}): {count}" for one, count in standards.items())
    if audit.standard:
        message = _("held to the standard of {folder}: {names}")
        return message.format(folder=audit.standard, names=names or "–")
    return _("held to {names}").format(names=names) if len(standards) > 1 else ""


def summary_line(audit: Audit) -> str:
    """How many repositories there are, what became of them, and of all of them together."""
    parts = [_("{count} fail").format(count=len(audit.failing))]
    if audit.unjudged:
        parts.append(_("{count} not judged").format(count=len(audit.unjudged)))
    if audit.empty:
        parts.append(_("{count} with nothing to check").format(count=len(audit.empty)))
    all_of_them = amount(len(audit.summaries), "repository", "repositories")
    return f"{all_of_them}, {', '.join(parts)}: {found(counts(audit.tallies))}"


def _wrapped(words: str, indent: str, width: int) -> Sequence[str]:
    return wrapped(one_line(words), width, indent)
