"""The report for a job summary or a pull request: what is open first, the rest folded."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from kerp_policy.findings import SEVERITIES, Finding, Verdict, worst_first
from kerp_policy.i18n import amount, ngettext
from kerp_policy.i18n import gettext as _
from kerp_policy.policy.model import Policy, fill
from kerp_policy.report.markup import code, escape, prose
from kerp_policy.report.text import WORDS, in_clauses, looked_at, tally
from kerp_policy.run import Run

MAX_BYTES = 1_000_000
"""GitHub takes 1 MiB of summary from one step; other tools may write to it, too."""


class _Section(NamedTuple):
    """A part that folds: what is always seen (as HTML), a list, and the advice below it."""

    title: str
    items: list[str]
    advice: str = ""
    is_open: bool = False


def markdown(run: Run) -> str:
    """The run in the Markdown of GitHub and GitLab.

    What artifacts say is text in it: no markup, no link, no mention of anybody.
    """
    head = [f"### kerp-policy: {tally(run)}", f"{looked_at(run)}."]
    return "\n\n".join(_fitted(head, list(_sections(run)))) + "\n"


def _sections(run: Run) -> Iterator[_Section]:
    if run.crashes:
        crashes = [f"{_('crashed')}: {escape(crash)}" for crash in run.crashes]
        yield _Section(f"<b>{_('not all checks ended')}</b>", crashes, is_open=True)
    policies = {policy.id: policy for policy in run.profile.policies}
    for (_rank, id, help), group in groupby(sorted(_failed(run), key=_group), _group):
        yield _breach(run, policies.get(id), list(group), help)
    unverified = [finding for finding in run.open if finding.verdict is Verdict.UNVERIFIED]
    waived, debt = _settled(run, "waiver"), _settled(run, "baseline")
    for title, findings in (
        (_("{count} unverified: what files cannot show"), unverified),
        (_("{count} waived"), waived),
        (_("{count} debt: what was there before"), debt),
    ):
        if findings:
            named = [_named(run, finding) for finding in findings]
            yield _Section(title.format(count=len(named)), named)
    if run.trust and run.trust.brought:
        items = [
            f"{code(f'{run.prefix}{one.file}:{one.span.line}')}: {prose(one.what)}"
            for one in run.trust.brought
        ]
        title = _("{count} brought by this change and not counted ({ref} is trusted)")
        title = title.format(count=len(items), ref=run.trust.ref)
        yield _Section(html.escape(title), items, is_open=True)
    if run.not_judged:
        items = [f"{code(run.prefix + file)}: {escape(why)}" for file, why in run.not_judged]
        yield _Section(_("{count} not judged").format(count=len(items)), items)


def _failed(run: Run) -> list[Finding]:
    return [finding for finding in run.open if finding.verdict is Verdict.FAIL]


def _settled(run: Run, kind: str) -> list[Finding]:
    return worst_first(f for f in run.findings if f.suppression and f.suppression.kind == kind)


def _group(finding: Finding) -> tuple[int, str, str]:
    return SEVERITIES.index(finding.severity), finding.policy, finding.help


def _breach(run: Run, policy: Policy | None, findings: list[Finding], help: str) -> _Section:
    first = findings[0]
    clauses = f" ({in_clauses(first)})" if first.clauses else ""
    says = f": {fill(policy.title, policy.params)}" if policy else ""
    count = amount(len(findings), "finding", "findings")
    level = ngettext(*WORDS[first.severity], 1)
    return _Section(
        f"<b>{level}</b> {html.escape(f'{first.policy}{clauses}{says}, {count}')}",
        [_item(run, finding) for finding in findings],
        f"{_('Help')}: {prose(help)}",
        is_open=first.severity == "error",
    )


def _named(run: Run, finding: Finding) -> str:
    why = finding.suppression
    until = _(" until {day}").format(day=escape(why.until)) if why and why.until else ""
    owner = _(" by {owner}").format(owner=escape(why.owner)) if why and why.owner else ""
    reason = f"; {_(why.kind)}{owner}{until}: {escape(why.reason)}" if why else ""
    return f"{code(finding.policy)} {_item(run, finding)}{reason}"


def _item(run: Run, finding: Finding) -> str:
    line = finding.place.span.line
    seen = f"{code(f'{run.prefix}{finding.file}:{line}')}: {prose(finding.message)}"
    also = (
        f"; {_('see')} {code(f'{run.prefix}{at.file}:{at.place.span.line}')}: {prose(at.message)}"
        for at in finding.related
    )
    return seen + "".join(also)


def _fitted(head: list[str], sections: Iterable[_Section]) -> list[str]:
    """As many whole items as there is room for; what is left out is counted in the last line."""
    blocks, left_out = list(head), 0
    room = MAX_BYTES - sum(_size(block) for block in head) - 200
    for section in sections:
        frame = _size(_folded(section, []))
        items = []
        for item in section.items:
            if frame + _size(item) > room:
                break
            room -= _size(item)
            items.append(item)
        left_out += len(section.items) - len(items)
        if items:
            room -= frame
            blocks.append(_folded(section, items))
    if left_out:
        entries = amount(left_out, "entry is", "entries are")
        text = _("{entries} left out here for want of room; `--format json` has them all.")
        blocks.append(text.format(entries=entries))
    return blocks


def _size(text: str) -> int:
    return len(text.encode("utf-8", "backslashreplace")) + len("- \n\n")


def _folded(section: _Section, items: list[str]) -> str:
    opened = " open" if section.is_open else ""
    lines = "\n".join(f"- {item}" for item in items)
    advice = f"\n\n{section.advice}" if section.advice else ""
    title = " ".join(section.title.split())  # an empty line would end the HTML
    return f"<details{opened}><summary>{title}</summary>\n\n{lines}{advice}\n\n</details>"
