"""The report for people: by file, with code frames, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from kerp_policy.cells import wrapped
from kerp_policy.findings import SEVERITIES, Finding, Verdict
from kerp_policy.i18n import amount, forms, ngettext
from kerp_policy.i18n import gettext as _
from kerp_policy.outcome import Run
from kerp_policy.policy.releases import MARK
from kerp_policy.progress import progress
from kerp_policy.report.frame import frame
from kerp_policy.report.options import Options
from kerp_policy.shares import MOST, shared
from kerp_policy.sources.source import Span
from kerp_policy.visible import inert, one_line, printable

_STYLES = {"error": "1;31", "warning": "1;33", "info": "1;36", "unverified": "1;35", "file": "1"}
_KINDS = {
    "kubernetes": forms("manifest", "manifests"),
    "dockerfile": forms("Dockerfile", "Dockerfiles"),
    "dockerignore": forms(".dockerignore", ".dockerignore files"),
    "workflow": forms("workflow", "workflows"),
    "action": forms("action", "actions"),
    "alertmanager": forms("Alertmanager configuration", "Alertmanager configurations"),
    "prometheus": forms("rule file", "rule files"),
    "script": forms("script", "scripts"),
    "kustomization": forms("kustomization", "kustomizations"),
    "template": forms("template", "templates"),
    "patch": forms("patch", "patches"),
    "yaml": forms("unreadable YAML file", "unreadable YAML files"),
    "unreadable": forms("unreadable file", "unreadable files"),
}


_PIECE = 200
"""Files whose findings a process writes at once; less is not worth another process."""
WORDS = {
    "error": forms("error", "errors"),
    "warning": forms("warning", "warnings"),
    "info": forms("info", "infos"),
    "unverified": forms("unverified", "unverified"),
    "waiver": forms("waived", "waived"),
    "baseline": forms("debt", "debt"),
}
"""What may come of a finding: its severity, or why it does not fail."""


def text(run: Run, options: Options) -> str:
    """The run as text; with `quiet` only the failures, with `verbose` everything in full."""
    shown = [finding for finding in run.findings if _is_shown(finding, options)]
    blocks = _blocks(run, shown, options)
    if not options.quiet:
        blocks += filter(None, [_unverified(run, options), _not_judged(run, options)])
        blocks += _brought(run)
    if run.fixed and not options.quiet:
        settled = amount(run.fixed, "accepted finding is", "accepted findings are")
        advice = _("{settled} fixed or waived: run kerp-policy baseline update")
        blocks.append(advice.format(settled=settled))
    blocks.append("\n".join(_wrapped(summary(run), "", options)))
    return inert("\n\n".join(blocks) + "\n")


def _blocks(run: Run, shown: Iterable[Finding], options: Options) -> list[str]:
    """The files with their findings; of many files, several processes write some each."""
    secrets = secret_columns(run)

    def written(files: Iterable[list[Finding]]) -> list[str]:
        return [block for findings in files for block in _file(run, secrets, findings, options)]

    files = [list(findings) for _name, findings in groupby(shown, key=lambda f: f.file)]
    size = max(_PIECE, len(files) // MOST + 1)
    pieces = [files[start : start + size] for start in range(0, len(files), size)]
    with progress(_("writing the report"), len(pieces)) as see:
        return [block for blocks in shared(pieces, written, see) for block in blocks]


def _file(
    run: Run, secrets: dict[tuple[str, int], int], findings: list[Finding], options: Options
) -> Iterator[str]:
    yield _style(one_line(findings[0].file), "file", options)
    for finding in findings:
        yield "\n".join(_finding(run, secrets, finding, options))


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
    clauses = f"  ({in_clauses(finding)})" if finding.clauses else ""
    span = finding.place.span
    position = f"{span.line}:{span.column}"
    word = _style(ngettext(*WORDS[level], 1), level, options)
    yield f"  {position}  {word}  {finding.policy}{clauses}"
    yield from _wrapped(finding.message, "    ", options)
    yield from _frame(run, secrets, finding.file, span, options)
    for related in finding.related:
        line, column = related.place.span.start
        where = f"{related.file}:{line}:{column}"
        yield from _wrapped(f"{_('see')} {where}: {related.message}", "    ", options)
        yield from _frame(run, secrets, related.file, related.place.span, options)
    yield from _wrapped(f"{_('help')}: {finding.help}", "    ", options)
    if options.verbose:
        yield from _wrapped(f"{_('at')} {finding.place.address}", "    ", options)


def _frame(
    run: Run, secrets: dict[tuple[str, int], int], file: str, span: Span, options: Options
) -> Iterator[str]:
    source = run.sources.get(file)
    if source:
        secret_from = secrets.get((file, span.line))
        yield from (f"  {line}" for line in frame(source, span, options.width - 2, secret_from))


def _wrapped(text: str, indent: str, options: Options) -> Iterable[str]:
    return wrapped(printable(" ".join(text.split())), options.width, indent)


def in_clauses(finding: Finding) -> str:
    """The clauses that a finding breaks, in words."""
    return _("clause {clauses}").format(clauses=", ".join(finding.clauses))


def _unverified(run: Run, options: Options) -> str:
    """One counted block for what files cannot show."""
    counts = Counter(f.policy for f in run.open if f.verdict is Verdict.UNVERIFIED)
    if not counts or options.verbose or options.strict:
        return ""
    head = _("unverified: {count} (what files cannot show; -v lists each)")
    lines = [head.format(count=counts.total())]
    lines += [f"  {count:>4}  {policy}" for policy, count in sorted(counts.items())]
    return "\n".join(lines)


def _not_judged(run: Run, options: Options) -> str:
    if not run.not_judged:
        return ""
    if not options.verbose:
        reasons = Counter(str(reason).partition(":")[0] for _file, reason in run.not_judged)
        lines = [f"  {count:>4}  {one_line(reason)}" for reason, count in sorted(reasons.items())]
    else:
        lines = [f"  {one_line(file)}: {one_line(str(reason))}" for file, reason in run.not_judged]
    head = _("not judged: {count}").format(count=len(run.not_judged))
    return "\n".join([head, *lines])


def _brought(run: Run) -> Iterator[str]:
    """What a change brings to be judged by."""
    if run.trust and run.trust.brought:
        head = _("brought by this change and not counted ({ref} is trusted):")
        lines = [head.format(ref=run.trust.ref)]
        lines += [f"  {one.file}:{one.span.line}: {one.what}" for one in run.trust.brought]
        yield "\n".join(map(one_line, lines))


def summary(run: Run) -> str:
    """The last line: what was looked at, and what came of it."""
    return f"{looked_at_by(run)}: {tally(run)}"


def looked_at_by(run: Run) -> str:
    """How many artifacts of each kind there were, and the release that judged them, if one did."""
    if MARK not in run.profile.name:
        return looked_at(run)
    kinds = in_kinds(run.files) or _("nothing")
    return _("{kinds} looked at by {profile}").format(kinds=kinds, profile=run.profile.name)


def looked_at(run: Run) -> str:
    """How many artifacts of each kind there were."""
    return _("{kinds} looked at").format(kinds=in_kinds(run.files) or _("nothing"))


def in_kinds(files: Mapping[str, int]) -> str:
    """How many files of each kind, in words; nothing where there are none."""
    return ", ".join(amount(n, *_KINDS.get(kind, (kind, kind))) for kind, n in files.items())


def kind_in_words(kind: str) -> str:
    """What a file of a kind is called."""
    return ngettext(*_KINDS.get(kind, (kind, kind)), 1)


def tally(run: Run) -> str:
    """How many findings are open, by severity, and how many are not."""
    failed = Counter(f.severity for f in run.open if f.verdict is Verdict.FAIL)
    parts = [
        amount(failed[severity], *WORDS[severity])
        for severity in SEVERITIES
        if failed[severity] or severity != "info"
    ]
    unverified = sum(f.verdict is Verdict.UNVERIFIED for f in run.open)
    parts.append(amount(unverified, *WORDS["unverified"]))
    settled = Counter[str](f.suppression.kind for f in run.findings if f.suppression)
    parts += [
        amount(settled[kind], *WORDS[kind]) for kind in ("waiver", "baseline") if settled[kind]
    ]
    if run.older:
        older = amount(run.older, "older finding", "older findings")
        parts.append(_("{older} not shown").format(older=older))
    return ", ".join(parts)


def _style(text: str, style: str, options: Options) -> str:
    return f"\033[{_STYLES[style]}m{text}\033[0m" if options.color else text
