"""What `kerp-policy check` does: options to a run, and a run to an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.baseline.file import load_baseline
from kerp_policy.commands.project import Project, project_of
from kerp_policy.commands.reports import report_of, targets_of, write_reports
from kerp_policy.commands.timings import telling
from kerp_policy.config import Config
from kerp_policy.errors import UsageError
from kerp_policy.findings import SEVERITIES, Verdict
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import noted
from kerp_policy.judging import keeping
from kerp_policy.policy.model import Policy, Profile
from kerp_policy.policy.profiles import known
from kerp_policy.progress import watched
from kerp_policy.report import FORMATS
from kerp_policy.run import Run, run, run_source
from kerp_policy.shares import cores, sharing
from kerp_policy.sources.read import MAX_BYTES
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.timings import phase
from kerp_policy.visible import complaint

ALWAYS = frozenset({"unreadable", "not-judged"})
"""Policies that no option takes away: nothing may pass because it was not judged."""


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


class Judged(Struct, frozen=True):
    """A project, what came of judging it, and the exit code if no finding fails."""

    project: Project
    result: Run
    code: int = 0


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
    if is_change(options):
        return _judge_change(project, paths, profile, options)
    tree, files = WorkingTree(project.root, project.config.exclude), [Path(p) for p in paths]
    return run(tree, files, profile, assumed=options["environment"])


def keeps(options: Mapping[str, Any]) -> bool:
    """Whether results are kept: where machines are shared, as in CI, who knows who wrote them."""
    return options["cache"] if options["cache"] is not None else not os.environ.get("CI")


def is_change(options: Mapping[str, Any]) -> bool:
    """Whether only what a change brings is asked for."""
    return options["staged"] or options["changed_since"] is not None


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


@phase("standard")
def profile_of(project: Project, options: Mapping[str, Any]) -> Profile:
    """The standard of a project, as the command line has it.

    Raises:
        UsageError: the standard is not valid, or the command line names what it does not have.
    """
    profile = project.standard(options["profile"])
    versions = _versions(project.config, options)
    profile = replace(profile, versions={**profile.versions, **versions})
    if options["environment"]:
        names = [environment.name for environment in profile.environments]
        known(options["environment"], names, "--environment", noted("environment"))
    return replace(profile, policies=_chosen(profile.policies, options))


def _versions(config: Config, options: Mapping[str, Any]) -> dict[str, str]:
    """The versions that were asked for, each one that is known."""
    asked = {
        "kubernetes": options["kubernetes_version"] or config.kubernetes_version,
        "alertmanager": options.get("alertmanager_version") or config.alertmanager_version,
    }
    given = {name: version for name, version in asked.items() if version}
    for name, version in given.items():
        try:
            _KNOWN_VERSIONS[name](version)
        except ValueError as error:
            is_asked = options.get(f"{name}_version")
            where = f"--{name}-version" if is_asked else _("{name}-version in the configuration")
            raise UsageError(f"{where.format(name=name)}: {error}") from None
    return given


def _kubernetes_version(version: str) -> None:
    from kerp_policy.kubernetes.versions import served

    served(version)


def _alertmanager_version(version: str) -> None:
    from kerp_policy.artifacts.alertmanager.table import parse_version

    parse_version(version)


_KNOWN_VERSIONS: dict[str, Callable[[str], None]] = {
    "kubernetes": _kubernetes_version,
    "alertmanager": _alertmanager_version,
}
"""By program, what raises ValueError for a version that is not known."""


def _chosen(policies: Sequence[Policy], options: Mapping[str, Any]) -> tuple[Policy, ...]:
    selected = _names(options["select"], policies, "--select")
    ignored = _names(options["ignore"], policies, "--ignore")
    return tuple(
        policy
        for policy in policies
        if policy.id in ALWAYS
        or ((not selected or selected & _handles(policy)) and not ignored & _handles(policy))
    )


def _names(lists: Sequence[str], policies: Sequence[Policy], option: str) -> set[str]:
    names = {name.strip() for text in lists for name in text.split(",") if name.strip()}
    handles = {handle for policy in policies for handle in _handles(policy)}
    return {
        known(name, handles, option, noted("policy, clause or topic")) for name in sorted(names)
    }


def _handles(policy: Policy) -> set[str]:
    return {policy.id, *policy.clauses, *policy.topics}


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
