"""What `kerp-policy audit` does: folders to summaries, summaries to reports."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from kerp_policy.audit.formats import FORMATS
from kerp_policy.audit.judge import Options, Repository, judge_repository
from kerp_policy.audit.model import Audit
from kerp_policy.audit.run import audit
from kerp_policy.audit.standard import config_of, shared_standard
from kerp_policy.commands.asked import keeps, profile_of
from kerp_policy.commands.project import Project
from kerp_policy.commands.reports import Target, targets_of, write_reports
from kerp_policy.commands.timings import telling
from kerp_policy.errors import UsageError
from kerp_policy.i18n import gettext as _
from kerp_policy.i18n import language, speaking_as
from kerp_policy.policy.model import this_day
from kerp_policy.progress import watched
from kerp_policy.shares import cores
from kerp_policy.sources.read import MAX_BYTES
from kerp_policy.timings import bring, phase
from kerp_policy.visible import complaint


def audit_command(folders: Sequence[str], options: Mapping[str, Any]) -> int:
    """Judge the repositories, report on them, and return the exit code.

    Raises:
        UsageError: the options are wrong, no repository is named, or nothing can judge.
    """
    with telling(wanted=options["timings"]), watched():
        return _audit(folders, options)


def _audit(folders: Sequence[str], options: Mapping[str, Any]) -> int:
    targets = targets_of(options["formats"], FORMATS)
    repositories = _repositories(folders, options["repos"])
    asked = _asked(options)
    found = _audited(repositories, asked, options["processes"], options["scheduler"])
    found = Audit(found.summaries, options["standard"] or "")
    for summary in found.summaries:
        bring(dict(summary.spent))
    if found.unjudged:
        message = _("{count} of {all} repositories not judged, or not by every check")
        said = message.format(count=len(found.unjudged), all=len(found.summaries))
        print(complaint(said), file=sys.stderr)
    roots = [Path(repository.path) for repository in repositories]
    if not write_reports(targets, partial(_report, found), roots):
        return 2
    return _exit_code(found)


def _asked(options: Mapping[str, Any]) -> Options:
    """What is asked of every repository, held to what a standard for all has, if there is one."""
    folder = options["standard"]
    standard = shared_standard(Path(os.path.abspath(folder))) if folder else None  # noqa: PTH100
    asked = Options(
        this_day(),
        options["profile"],
        options["environment"],
        options["fail_on"],
        language(),
        keeps(options),
        standard,
        options["timings"],
    )
    if standard:
        profile_of(Project(Path(standard.folder), config_of(standard)), asked.asked)
    return asked


def _report(found: Audit, target: Target) -> str:
    with speaking_as(target.form):
        return FORMATS[target.form](found, target.width)


@phase("judging repositories")
def _audited(
    repositories: Sequence[Repository],
    options: Options,
    processes: int | None,
    scheduler: str | None,
) -> Audit:
    if scheduler is not None and processes:
        message = _("--processes and --scheduler exclude each other: one of them judges")
        raise UsageError(message)
    processes = min(processes or cores(), len(repositories))
    if scheduler is None:
        judge = partial(judge_repository, options=options)
        return audit(repositories, judge, processes=processes)
    from kerp_policy.audit.cluster import cluster, judge_alike, own_seal

    seal = own_seal()
    judge = partial(judge_alike, options=options, seal=seal)
    with cluster(scheduler, seal, options.standard) as executor:
        return audit(repositories, judge, executor, processes=processes)


def _exit_code(found: Audit) -> int:
    if found.unjudged or len(found.empty) == len(found.summaries):
        return 2
    return int(bool(found.failing))


def _repositories(folders: Sequence[str], list_of_them: str | None) -> list[Repository]:
    """Every repository once, by the name that it was given first.

    Raises:
        UsageError: none is named, or the list cannot be read.
    """
    names = [*folders, *(_listed(list_of_them) if list_of_them else ())]
    if not names:
        raise UsageError(_("no repository is named; expected REPO or --repos FILE"))
    by_place: dict[str, Repository] = {}
    for name in names:
        repository = Repository(name, os.path.abspath(name))  # noqa: PTH100 - `..` as people mean it
        by_place.setdefault(os.path.realpath(name), repository)
    return list(by_place.values())


def _listed(file: str) -> Iterator[str]:
    for number, line in enumerate(_read(file).splitlines(), 1):
        if b"\0" in line:
            raise UsageError(_("{file}:{line}: is no path").format(file=file, line=number))
        if line.strip():
            yield os.fsdecode(line)


def _read(file: str) -> bytes:
    try:
        with sys.stdin.buffer if file == "-" else Path(file).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = _("{file}: cannot be read: {why}")
        raise UsageError(message.format(file=file, why=error.strerror or error)) from None
    if len(data) > MAX_BYTES:
        message = _("{file}: is larger than {size} MiB")
        raise UsageError(message.format(file=file, size=MAX_BYTES // 2**20))
    return data
