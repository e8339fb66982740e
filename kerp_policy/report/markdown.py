"""The report for a job summary or a pull request: what is open first, the rest folded."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from msgspec import Struct

from kerp_policy.findings import SEVERITIES, Finding, Verdict, worst_first
from kerp_policy.i18n import amount, ngettext
from kerp_policy.i18n import gettext as _
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Policy, fill
from kerp_policy.report.markup import code, escape, prose
from kerp_policy.report.text import WORDS, in_clauses, looked_at_by, tally
from kerp_policy.visible import inert

MAX_CHARACTERS = 60_000
"""GitHub refuses a comment above 65,536 characters; what posts one may add words of its own. A job
summary may be longer, but the log and code scanning are beside it, and one report is for both."""

_MAX_TEXT = 500
"""Characters of a message, a path or a piece of advice, before they are escaped."""
_MAX_RELATED = 5
_FEW = (1, 5, 20)
"""So many entries every fold gets before one that comes earlier gets more."""


class _Section(Struct, frozen=True):
    """A part that folds: what is always seen (as HTML), a list, and the advice below it."""

    title: str
    items: list[str]
    advice: str = ""
    is_open: bool = False


def markdown(run: Run) -> str:
    """The run in the Markdown of GitHub and GitLab.

    What artifacts say is text in it: no markup, no link, no mention of anybody.
    """
    head = [f"### kerp-policy: {tally(run)}", f"{looked_at_by(run)}."]
    return inert("\n\n".join([*head, *_fitted(_size(*head), list(_sections(run)))]) + "\n")


def _sections(run: Run) -> Iterator[_Section]:
    """What is open comes first, the worst of it before the rest; what was settled before, last."""
    if run.crashes:
        crashes = [f"{_('crashed')}: {escape(_short(str(crash)))}" for crash in run.crashes]
        yield _Section(f"<b>{_('not all checks ended')}</b>", crashes, is_open=True)
    policies = {policy.id: policy for policy in run.profile.policies}
    for (_rank, id), group in groupby(sorted(_failed(run), key=_group), _group):
        yield _breach(run, policies.get(id), list(group))
    yield from _brought(run)
    unverified = [finding for finding in run.open if finding.verdict is Verdict.UNVERIFIED]
    yield from _listed(run, _("{count} unverified: what files cannot show"), unverified)
    if run.not_judged:
        items = [
            f"{code(_short(run.prefix + file))}: {escape(str(why))}" for file, why in run.not_judged
        ]
        yield _Section(_("{count} not judged").format(count=len(items)), items)
    yield from _listed(run, _("{count} waived"), _settled(run, "waiver"))
    yield from _listed(run, _("{count} debt: what was there before"), _settled(run, "baseline"))


def _listed(run: Run, title: str, findings: list[Finding]) -> Iterator[_Section]:
    if findings:
        named = [_named(run, finding) for finding in findings]
        yield _Section(title.format(count=len(named)), named)


def _brought(run: Run) -> Iterator[_Section]:
    if run.trust and run.trust.brought:
        items = [_said(run, one.file, one.span.line, str(one.what)) for one in run.trust.brought]
        title = _("{count} brought by this change and not counted ({ref} is trusted)")
        title = title.format(count=len(items), ref=_short(run.trust.ref))
        yield _Section(html.escape(title), items, is_open=True)


def _failed(run: Run) -> list[Finding]:
    return [finding for finding in run.open if finding.verdict is Verdict.FAIL]


def _settled(run: Run, kind: str) -> list[Finding]:
    return worst_first(f for f in run.findings if f.suppression and f.suppression.kind == kind)


def _group(finding: Finding) -> tuple[int, str]:
    return SEVERITIES.index(finding.severity), finding.policy


def _breach(run: Run, policy: Policy | None, findings: list[Finding]) -> _Section:
    first = findings[0]
    ((help, _count),) = Counter(finding.help for finding in findings).most_common(1)
    clauses = f" ({in_clauses(first)})" if first.clauses else ""
    says = f": {fill(policy.title, policy.params)}" if policy else ""
    count = amount(len(findings), "finding", "findings")
    level = ngettext(*WORDS[first.severity], 1)
    return _Section(
        f"<b>{level}</b> {html.escape(f'{first.policy}{clauses}{says}, {count}')}",
        [_item(run, finding) + _own_help(finding, help) for finding in findings],
        _help(help),
        is_open=first.severity == "error",
    )


def _help(text: str) -> str:
    return f"{_('Help')}: {prose(_short(text))}"


def _own_help(finding: Finding, shared: str) -> str:
    """The advice of a finding, where that of the policy is not for it."""
    return "" if finding.help == shared else f"; {_('help')}: {prose(_short(finding.help))}"


def _named(run: Run, finding: Finding) -> str:
    why = finding.suppression
    until = _(" until {day}").format(day=escape(why.until)) if why and why.until else ""
    owner = _(" by {owner}").format(owner=escape(why.owner)) if why and why.owner else ""
    reason = f"; {_(why.kind)}{owner}{until}: {escape(why.reason)}" if why else ""
    return f"{code(finding.policy)} {_item(run, finding)}{reason}"


def _item(run: Run, finding: Finding) -> str:
    seen = _said(run, finding.file, finding.place.span.line, finding.message)
    also = [
        f"; {_('see')} {_said(run, at.file, at.place.span.line, at.message)}"
        for at in finding.related[:_MAX_RELATED]
    ]
    more = len(finding.related) - len(also)
    return (
        seen + "".join(also) + (_("; and {count} more places").format(count=more) if more else "")
    )


def _said(run: Run, file: str, line: int, message: str) -> str:
    return f"{code(f'{_short(run.prefix + file)}:{line}')}: {prose(_short(message))}"


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"


def _fitted(used: int, sections: list[_Section]) -> Iterator[str]:
    """As many whole entries as there is room for; what is left out is counted in the last line."""
    shown = _shared_out(sections, MAX_CHARACTERS - used - 300)
    for section, count in zip(sections, shown, strict=False):
        yield _folded(section, count)
    all_of_them = sum(len(section.items) for section in sections)
    left_out = all_of_them - sum(shown)
    if left_out:
        entries = amount(left_out, "entry is", "entries are")
        text = _(
            "{entries} left out here for want of room;"
            " `kerp-policy check --format html=report.html` shows all {count}."
        )
        yield text.format(entries=entries, count=all_of_them)


def _shared_out(sections: list[_Section], room: int) -> list[int]:
    """How many entries of each section there is room for; the last may be missing altogether.

    The title of every section comes first, then a few entries of each, then the rest in order, so
    that a thousand findings of one policy do not hide the only one of another.
    """
    shown: list[int] = []
    for section in sections:
        size = _size(_folded(section, 0))
        if size > room:
            break
        room -= size
        shown.append(0)
    for least in (*_FEW, None):
        for index in range(len(shown)):
            for item in sections[index].items[shown[index] : least]:
                if _size(item) > room:
                    break
                room -= _size(item)
                shown[index] += 1
    return shown


def _size(*blocks: str) -> int:
    """How much blocks take, in UTF-16 units, as nobody counts more of them than these."""
    return sum(len(block.encode("utf-16-le", "backslashreplace")) // 2 + 4 for block in blocks)


def _folded(section: _Section, count: int) -> str:
    """A section with so many of its entries; with none it still says that there are some."""
    opened = " open" if section.is_open else ""
    lines = [f"- {item}" for item in section.items[:count]]
    if count < len(section.items):
        lines.append("- " + _("… {count} more").format(count=len(section.items) - count))
    advice = f"\n\n{section.advice}" if section.advice else ""
    title = " ".join(section.title.split())  # an empty line would end the HTML
    entries = "\n".join(lines)
    return f"<details{opened}><summary>{title}</summary>\n\n{entries}{advice}\n\n</details>"
