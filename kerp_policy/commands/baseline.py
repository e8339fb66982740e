"""What `kerp-policy baseline` does: accept what is there, take out what is mended, show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kerp_policy.baseline.file import load_baseline, save_baseline
from kerp_policy.baseline.model import FILE, FORMAT, Baseline
from kerp_policy.baseline.record import record, update
from kerp_policy.commands.asked import profile_of
from kerp_policy.commands.project import project_of
from kerp_policy.errors import UsageError
from kerp_policy.findings import Finding
from kerp_policy.i18n import amount
from kerp_policy.i18n import gettext as _
from kerp_policy.outcome import Run
from kerp_policy.run import judge_all
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.visible import dumped, one_line

_ASKED = {"profile": None, "select": (), "ignore": (), "kubernetes_version": None}


def write_command(environment: str | None) -> str:
    """Accept all failures of the project, where it has no baseline yet.

    Args:
        environment: what to assume where files do not tell.

    Returns:
        What was done, for the user.

    Raises:
        UsageError: there is a baseline, it cannot be written, or something was not judged.
    """
    root = project_of().root
    if load_baseline(root):
        message = _(
            "{file}: exists already; run kerp-policy baseline update, or delete it first to accept"
            " everything anew"
        )
        raise UsageError(message.format(file=root / FILE))
    recorded = record(_judged(environment), environment)
    done = [_written(root, recorded.baseline)]
    return "\n".join([*done, *_left_out(recorded.left_out)]) + "\n"


def update_command() -> str:
    """Take out of the baseline what is mended, and follow files that were renamed.

    Returns:
        What was done, for the user.

    Raises:
        UsageError: there is no baseline, it is not valid, or something was not judged.
    """
    root, before = _baseline()
    after = update(before, _judged(before.environment))
    if after.baseline != before:
        save_baseline(root, after.baseline)
    renamed = _("{old} is now {new}")
    lines = [
        renamed.format(old=one_line(old), new=one_line(new)) for old, new in after.moved.items()
    ]
    lines.append(_taken_out(before.total - after.baseline.total, after.baseline.total))
    return "\n".join(lines) + "\n"


def show_command(form: str) -> str:
    """The debt by file and policy, as `text` or `json`.

    Raises:
        UsageError: there is no baseline, or it is not valid.
    """
    baseline = _baseline()[1]
    debt = Counter[tuple[str, str]]()
    for entry in baseline.entries:
        debt[entry.file, entry.policy] += entry.times
    if form == "json":
        rows = [{"file": f, "policy": p, "count": n} for (f, p), n in sorted(debt.items())]
        shown = {"format": FORMAT, "total": baseline.total, "debt": rows}
        return dumped(shown, indent=2) + "\n"
    return "\n".join(_table(debt)) + "\n"


def _baseline() -> tuple[Path, Baseline]:
    root = project_of().root
    baseline = load_baseline(root)
    if baseline is None:
        message = _("{file}: there is none; kerp-policy baseline write makes one")
        raise UsageError(message.format(file=root / FILE))
    return root, baseline


def _judged(environment: str | None) -> Run:
    """The whole project as it lies there, no baseline applied."""
    project = project_of()
    profile = profile_of(project, {**_ASKED, "environment": environment})
    tree = WorkingTree(project.root, project.config.exclude)
    run = judge_all(tree, [project.root], profile, assumed=environment)
    if run.crashes:
        message = _("nothing was written, since a check crashed: {crash}")
        raise UsageError(message.format(crash=run.crashes[0]))
    return run


def _written(root: Path, baseline: Baseline) -> str:
    if not baseline.entries:
        return _("there is nothing to accept; {file} was not written").format(file=FILE)
    save_baseline(root, baseline)
    return _("wrote {file}: {findings} accepted, in {files}").format(
        file=FILE,
        findings=amount(baseline.total, "finding", "findings"),
        files=amount(len({entry.file for entry in baseline.entries}), "file", "files"),
    )


def _taken_out(count: int, left: int) -> str:
    if not count:
        return _("{file}: nothing taken out, {left} left").format(file=FILE, left=left)
    findings = amount(count, "finding", "findings")
    done = _("{file}: {findings} taken out, {left} left")
    return done.format(file=FILE, findings=findings, left=left)


def _left_out(findings: list[Finding]) -> Iterator[str]:
    if findings:
        yield _("left out: {count}, which cannot be accepted").format(count=len(findings))
    for finding in findings:
        line, column = finding.place.span.start
        yield f"  {one_line(finding.file)}:{line}:{column}  {finding.policy}"


def _table(debt: Counter[tuple[str, str]]) -> Iterator[str]:
    shown = ""
    for (file, policy), count in sorted(debt.items()):
        if file != shown:
            yield one_line(file)
            shown = file
        yield f"  {count:>4}  {one_line(policy)}"
    files = amount(len({file for file, _policy in debt}), "file", "files")
    findings = amount(debt.total(), "finding", "findings")
    yield _("{findings} in {files}").format(findings=findings, files=files)
