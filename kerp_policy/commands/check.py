"""What `kerp-policy check` does: options to a run, and a run to an exit code."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from kerp_policy.baseline.file import load_baseline
from kerp_policy.commands.asked import is_change, keeps, profile_of
from kerp_policy.commands.project import Judged, Project, project_of
from kerp_policy.commands.reports import report_of, targets_of, write_reports
from kerp_policy.commands.timings import telling
from kerp_policy.errors import UsageError
from kerp_policy.findings import SEVERITIES, Verdict
from kerp_policy.i18n import gettext as _
from kerp_policy.judging import keeping, read_ahead
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Profile
from kerp_policy.progress import watched
from kerp_policy.report import FORMATS
from kerp_policy.run import run, run_source
from kerp_policy.shares import cores, sharing
from kerp_policy.sources.read import MAX_BYTES
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.timings import phase
from kerp_policy.visible import complaint


def check_command(paths: Sequence[str], options: Mapping[str, Any]) -> int:
    """Run `check` and return the exit code.

    Raises:
        UsageError: the options, the configuration or the standard is wrong.
    """
    with telling(wanted=options["timings"]):
        return _check(paths, options)


def _check(paths: Sequence[str], options: Mapping[str, Any]) -> int:
    targets = targets_of(options["formats"], FORMATS)
    stdin = "-" in paths
    if stdin and len(paths) > 1:
        raise UsageError(_("standard input (-) goes alone"))
    with sharing(options["processes"] or cores()), watched(quiet=options["quiet"]):
        judged = _judged(paths, options)
        for crash in judged.result.crashes:
            print(complaint(crash), file=sys.stderr)
        make = partial(report_of, judged.result, options)
        written = write_reports(targets, make, [judged.project.root])
    if judged.result.crashes or not written:
        return 2
    folders = stdin or any(Path(path).is_dir() for path in paths)
    if not judged.result.judged and folders and not is_change(options):
        message = _("nothing to check: no artifact lies there")
        print(complaint(message), file=sys.stderr)
        return 2
    fail_on = options["fail_on"] or judged.project.config.fail_on
    return _exit_code(judged.result, fail_on, strict=options["strict"]) or judged.code


def _judged(paths: Sequence[str], options: Mapping[str, Any]) -> Judged:
    stdin = "-" in paths
    if options["trust"] is not None and not stdin:
        from kerp_policy.commands.trust import judge_trusting

        return judge_trusting(paths, options)
    with phase("standard"):
        project = project_of([Path("." if stdin else path) for path in paths])
    if stdin or not keeps(options):
        return Judged(project, _judge(project, paths, options))
    with keeping(project.root):
        return Judged(project, _judge(project, paths, options))


def _judge(project: Project, paths: Sequence[str], options: Mapping[str, Any]) -> Run:
    baseline = load_baseline(project.root)
    profile = replace(profile_of(project, options), baseline=baseline)
    if "-" in paths:
        return _judge_input(profile, options)
    read_ahead(profile, options["environment"])
    if is_change(options):
        return _judge_change(project, paths, profile, options)
    tree, files = WorkingTree(project.root, project.config.exclude), [Path(p) for p in paths]
    return run(tree, files, profile, assumed=options["environment"])


def _judge_input(profile: Profile, options: Mapping[str, Any]) -> Run:
    if is_change(options) or options["trust"] is not None:
        message = _("{it} has no older end; leave out --staged, --changed-since and --trust")
        raise UsageError(message.format(it=_("standard input (-)")))
    source = _standard_input(options["stdin_name"])
    return run_source(source, profile, assumed=options["environment"])


def _judge_change(
    project: Project, paths: Sequence[str], profile: Profile, options: Mapping[str, Any]
) -> Run:
    from kerp_policy.changes import ends, judge_change

    since, staged = options["changed_since"], options["staged"]
    with ends(project.root, project.config.exclude, since=since, staged=staged) as change:
        files = [Path(path) for path in paths]
        return judge_change(change, files, profile, assumed=options["environment"])


def _standard_input(name: str | None) -> Source:
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        message = _("standard input cannot be read: {why}")
        raise UsageError(message.format(why=error.strerror)) from None
    if len(data) > MAX_BYTES:
        message = _("standard input is larger than {size} MiB")
        raise UsageError(message.format(size=MAX_BYTES // 2**20))
    return Source(name or "<stdin>", data)


def _exit_code(result: Run, fail_on: str, *, strict: bool) -> int:
    fatal = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    failed = any(
        finding.severity in fatal if finding.verdict is Verdict.FAIL else strict
        for finding in result.open
    )
    return int(failed)
