"""Annotations for a GitHub workflow: one workflow command each, the worst first.

The grammar is `::name key=value,…::message`; see
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kerp_policy.findings import Finding, Verdict, worst_first
from kerp_policy.i18n import amount, forms
from kerp_policy.i18n import gettext as _
from kerp_policy.outcome import Run
from kerp_policy.report.text import WORDS, in_clauses, summary
from kerp_policy.results import Brought
from kerp_policy.visible import printable

PER_LEVEL = 10
"""How many annotations of one level GitHub keeps of a step; it drops the rest without a word."""
_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}
_MORE = {
    "error": forms("more error", "more errors"),
    "warning": forms("more warning", "more warnings"),
    "notice": forms("more notice", "more notices"),
}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def github(run: Run) -> str:
    """The annotations, then what did not become one, then the summary as a plain line.

    What is unverified is not annotated: there is nothing to mend in that line.
    """
    failed = worst_first(finding for finding in run.open if finding.verdict is Verdict.FAIL)
    commands = [
        _command("error", {"title": _("a check crashed")}, str(crash)) for crash in run.crashes
    ]
    seen = Counter({"error": len(commands)})
    for finding in failed:
        level = _LEVELS[finding.severity]
        seen[level] += 1
        if seen[level] <= PER_LEVEL:
            commands.append(_command(level, _properties(run, finding), _message(finding)))
    for brought in run.trust.brought if run.trust else ():
        seen["notice"] += 1
        if seen["notice"] <= PER_LEVEL:
            commands.append(_not_counted(run, brought))
    return "".join(f"{line}\n" for line in (*commands, *_rest(run, seen), summary(run)))


def _not_counted(run: Run, brought: Brought) -> str:
    place: dict[str, str | int] = {
        "file": run.prefix + brought.file,
        "line": brought.span.line,
        "title": _("brought and not counted"),
    }
    return _command("notice", place, str(brought.what))


def _rest(run: Run, seen: Counter[str]) -> Iterator[str]:
    more = [
        amount(seen[level] - PER_LEVEL, *_MORE[level])
        for level in _LEVELS.values()
        if seen[level] > PER_LEVEL
    ]
    unverified = sum(finding.verdict is Verdict.UNVERIFIED for finding in run.open)
    more += [amount(unverified, *WORDS["unverified"])] if unverified else []
    if more:
        text = _("not annotated: {more}; --format markdown lists them, for the job summary")
        yield text.format(more=", ".join(more))


def _properties(run: Run, finding: Finding) -> dict[str, str | int]:
    span = finding.place.span
    # A span that ends before the first character of a line does not touch that line.
    last = max(span.line, span.end_line - (span.end_column == 1))
    columns = {"col": span.column, "endColumn": span.end_column}
    clauses = f" ({in_clauses(finding)})" if finding.clauses else ""
    return {
        "file": run.prefix + finding.file,
        "line": span.line,
        "endLine": last,
        # GitHub takes columns only where the annotation is about one line.
        **(columns if span.line == span.end_line else {}),
        "title": finding.policy + clauses,
    }


def _message(finding: Finding) -> str:
    return f"{finding.message}\n{finding.help}".rstrip()


def _command(level: str, properties: dict[str, str | int], message: str) -> str:
    pairs = (f"{key}={_value(value)}" for key, value in properties.items())
    return f"::{level} {','.join(pairs)}::{printable(message).translate(_DATA)}"


def _value(value: str | int) -> str:
    return printable(str(value)).translate(_PROPERTY)
