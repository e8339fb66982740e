"""The report for people: by file, with code frames, and a summary."""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from kerp_policy.findings import SEVERITIES, Finding, Verdict
from kerp_policy.report import Options
from kerp_policy.report.frame import frame, printable
from kerp_policy.run import Run
from kerp_policy.sources.source import Span

_STYLES = {"error": "1;31", "warning": "1;33", "info": "1;36", "unverified": "1;35", "file": "1"}
_KINDS = {
    "kubernetes": ("manifest", "manifests"),
    "dockerfile": ("Dockerfile", "Dockerfiles"),
    "workflow": ("workflow", "workflows"),
    "action": ("action", "actions"),
    "alertmanager": ("Alertmanager configuration", "Alertmanager configurations"),
    "prometheus": ("rule file", "rule files"),
    "script": ("script", "scripts"),
    "kustomization": ("kustomization", "kustomizations"),
    "template": ("template", "templates"),
    "patch": ("patch", "patches"),
    "yaml": ("unreadable YAML file", "unreadable YAML files"),
    "unreadable": ("unreadable file", "unreadable files"),
}


_COMMAND = re.compile(r"^[^\S\n]*::|##\[", re.MULTILINE)
_SETTLED = {"waiver": "waived", "baseline": "debt"}


def text(run: Run, options: Options) -> str:
    """The run as text; with `quiet` only the failures, with `verbose` everything in full."""
    shown = [finding for finding in run.findings if _is_shown(finding, options)]
    blocks: list[str] = []
    secrets = secret_columns(run)
    for file, findings in groupby(shown, key=lambda finding: finding.file):
        blocks.append(_style(printable(file), "file", options))
        blocks += ["\n".join(_finding(run, secrets, finding, options)) for finding in findings]
    if not options.quiet:
        blocks += filter(None, [_unverified(run, options), _not_judged(run, options)])
        blocks += _brought(run)
    if run.fixed and not options.quiet:
        settled = amount(run.fixed, "accepted finding is", "accepted findings are")
        blocks.append(f"{settled} fixed or waived: run kerp-policy baseline update")
    blocks.append("\n".join(_wrapped(summary(run), "", options)))
    return _inert("\n\n".join(blocks) + "\n")


def _inert(report: str) -> str:
    """The report with nothing that a GitHub workflow would take from its log as a command.

    A runner obeys a line that begins with `::`, and `##[` anywhere in one.
    """
    return _COMMAND.sub(lambda found: f"{found[0][:-1]} {found[0][-1]}", report)


def _is_shown(finding: Finding, options: Options) -> bool:
    wanted = finding.verdict is Verdict.FAIL or (
        (options.verbose or options.strict) and not options.quiet
    )
    return finding.is_open and wanted


def secret_columns(run: Run) -> dict[tuple[str, int], int]:
    """By file and line, the column from which on the line must not be shown."""
    columns: dict[tuple[str, int], int] = {}
    for finding in run.findings:
        if finding.confidential:
            span = finding.place.span
            for line in range(span.line, span.end_line + 1):
                end = span.end_column if line == span.end_line else 1
                key = (finding.file, line)
                columns[key] = min(end, columns.get(key, end))
    return columns


def _finding(
    run: Run, secrets: dict[tuple[str, int], int], finding: Finding, options: Options
) -> Iterator[str]:
    level = finding.severity if finding.verdict is Verdict.FAIL else "unverified"
    clauses = f"  (clause {', '.join(finding.clauses)})" if finding.clauses else ""
    span = finding.place.span
    position = f"{span.line}:{span.column}"
    yield f"  {position}  {_style(level, level, options)}  {finding.policy}{clauses}"
    yield from _wrapped(finding.message, "    ", options)
    yield from _frame(run, secrets, finding.file, span, options)
    for related in finding.related:
        line, column = related.place.span[:2]
        where = f"{related.file}:{line}:{column}"
        yield from _wrapped(f"see {where}: {related.message}", "    ", options)
        yield from _frame(run, secrets, related.file, related.place.span, options)
    yield from _wrapped(f"help: {finding.help}", "    ", options)
    if options.verbose:
        yield from _wrapped(f"at {finding.place.address}", "    ", options)


def _frame(
    run: Run, secrets: dict[tuple[str, int], int], file: str, span: Span, options: Options
) -> Iterator[str]:
    source = run.sources.get(file)
    if source:
        secret_from = secrets.get((file, span.line))
        yield from (f"  {line}" for line in frame(source, span, options.width - 2, secret_from))


def _wrapped(text: str, indent: str, options: Options) -> Iterable[str]:
    return textwrap.wrap(
        printable(" ".join(text.split())),
        options.width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def _unverified(run: Run, options: Options) -> str:
    """One counted block for what files cannot show."""
    counts = Counter(f.policy for f in run.open if f.verdict is Verdict.UNVERIFIED)
    if not counts or options.verbose or options.strict:
        return ""
    lines = [f"unverified: {sum(counts.values())} (what files cannot show; -v lists each)"]
    lines += [f"  {count:>4}  {policy}" for policy, count in sorted(counts.items())]
    return "\n".join(lines)


def _not_judged(run: Run, options: Options) -> str:
    if not run.not_judged:
        return ""
    if not options.verbose:
        reasons = Counter(reason.partition(":")[0] for _, reason in run.not_judged)
        lines = [f"  {count:>4}  {printable(reason)}" for reason, count in sorted(reasons.items())]
    else:
        lines = [f"  {printable(file)}: {printable(reason)}" for file, reason in run.not_judged]
    return "\n".join([f"not judged: {len(run.not_judged)}", *lines])


def _brought(run: Run) -> Iterator[str]:
    """What a change brings to be judged by."""
    if run.trust and run.trust.brought:
        lines = [f"brought by this change and not counted ({run.trust.ref} is trusted):"]
        lines += [f"  {one.file}:{one.span.line}: {one.what}" for one in run.trust.brought]
        yield "\n".join(printable(" ".join(line.split("\n"))) for line in lines)


def summary(run: Run) -> str:
    """The last line: what was looked at, and what came of it."""
    return f"{looked_at(run)}: {tally(run)}"


def looked_at(run: Run) -> str:
    """How many artifacts of each kind there were."""
    return f"{in_kinds(run.files) or 'nothing'} looked at"


def in_kinds(files: Mapping[str, int]) -> str:
    """How many files of each kind, in words; nothing where there are none."""
    return ", ".join(amount(n, *_KINDS.get(kind, (kind, kind))) for kind, n in files.items())


def tally(run: Run) -> str:
    """How many findings are open, by severity, and how many are not."""
    failed = Counter(f.severity for f in run.open if f.verdict is Verdict.FAIL)
    parts = [
        amount(failed[severity], severity, f"{severity}s")
        for severity in SEVERITIES
        if failed[severity] or severity != "info"
    ]
    parts.append(f"{sum(f.verdict is Verdict.UNVERIFIED for f in run.open)} unverified")
    settled = Counter[str](f.suppression.kind for f in run.findings if f.suppression)
    parts += [f"{settled[kind]} {word}" for kind, word in _SETTLED.items() if settled[kind]]
    if run.older:
        parts.append(f"{amount(run.older, 'older finding', 'older findings')} not shown")
    return ", ".join(parts)


def amount(count: int, one: str, many: str) -> str:
    """A number with the noun in its form."""
    return f"{count} {one if count == 1 else many}"


def _style(text: str, style: str, options: Options) -> str:
    return f"\033[{_STYLES[style]}m{text}\033[0m" if options.color else text
