"""One repository judged: from a folder to a summary that can be sent anywhere."""

from __future__ import annotations

import os
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.audit.model import Summary
from kerp_policy.audit.standard import SharedStandard, config_of, imposed, own_policies
from kerp_policy.audit.summary import summary_of
from kerp_policy.baseline.file import load_baseline
from kerp_policy.commands.asked import profile_of
from kerp_policy.commands.project import Project
from kerp_policy.config import Config, load_config
from kerp_policy.errors import UsageError
from kerp_policy.i18n import ENGLISH, speaking
from kerp_policy.judging import keeping
from kerp_policy.outcome import Run
from kerp_policy.policy.load import load_library
from kerp_policy.run import run
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.discover import less_excluded
from kerp_policy.sources.tree import WorkingTree
from kerp_policy.timings import measuring

_ONE_AT_A_TIME = Lock()
"""A worker of a cluster may have several threads, and what judges is made for one."""


class Repository(Struct, frozen=True):
    """A folder to judge: its name, as somebody wrote it, and the absolute path of it."""

    name: str
    path: str


class Options(Struct, frozen=True):
    """What is asked of every repository.

    Attributes:
        today: the day that waivers are held against, the same for all.
        profile: the standard for all; None for the one that is configured.
        environment: what to assume where files do not tell.
        fail_on: the least severity that fails; None for the one that is configured.
        language: the language of the titles of policies.
        cache: whether to use and keep results of unchanged files where it is judged.
        standard: what all are held to; None for what each configures.
        timings: whether to tell what time is spent on.
    """

    today: date
    profile: str | None = None
    environment: str | None = None
    fail_on: str | None = None
    language: str = ENGLISH
    cache: bool = False
    standard: SharedStandard | None = None
    timings: bool = False

    @property
    def asked(self) -> dict[str, Any]:
        """The same as options of `check`."""
        return {
            "profile": self.profile,
            "environment": self.environment,
            "kubernetes_version": None,
            "select": (),
            "ignore": (),
        }


def judge_repository(repository: Repository, options: Options) -> Summary:
    """Judge the project whose root is a folder; nothing above that folder is looked at.

    It raises nothing: what keeps a repository from being judged is a problem of its summary, in
    English and without the path of the folder, so that it reads the same on every machine.
    """
    root = Path(repository.path)
    try:
        with _ONE_AT_A_TIME, speaking(ENGLISH):
            return _timed(repository.name, root, options)
    except UsageError as error:
        return unjudged(repository, _inside(root, str(error)))
    except OSError as error:
        place = os.fsdecode(error.filename or "")
        return unjudged(repository, _inside(root, f"{place}: {error.strerror or error}"))
    except Exception as error:  # what it says may quote a file, and so a secret
        return unjudged(repository, f"a mistake of kerp-policy's own ({type(error).__name__})")


def unjudged(repository: Repository, why: str) -> Summary:
    """The summary of a repository that could not be judged."""
    return Summary(repository.name, problems=(why,))


def _timed(name: str, root: Path, options: Options) -> Summary:
    if not options.timings:
        return _judged(name, root, options)
    with measuring() as timings:
        return replace(_judged(name, root, options), spent=tuple(timings.spent.items()))


def _judged(name: str, root: Path, options: Options) -> Summary:
    if not root.is_dir():
        raise UsageError("is no folder" if root.exists() else "there is no such folder")
    own = load_config(root)
    config = imposed(options.standard, own) if options.standard else own
    project = Project(root, config)
    try:
        result = _run(project, options, own)
    finally:
        if own.policies and not options.standard:
            _forget()
    excluded = _excluded(project)
    has_fixtures = bool(own.policies)  # of its own policies, which are left out, too
    if options.standard and excluded and not result.judged and not has_fixtures:
        raise UsageError("its own configuration leaves out all that there is to check")
    if not result.estate.files:
        raise UsageError("holds no files; it may not have been checked out")
    return replace(
        summary_of(name, result, options.fail_on or config.fail_on, options.language),
        problems=tuple(_inside(root, str(crash)) for crash in result.crashes),
        excluded=excluded,
        externals=len(own.externals),
    )


def _forget() -> None:
    """Forget policies that lie in folders: a worker lives long, and they may be others tomorrow."""
    load_library.cache_clear()
    config_of.cache_clear()


def _excluded(project: Project) -> int:
    """How many files the project leaves out that an artifact may be, by their names."""
    exclude = project.config.exclude
    listed = WorkingTree(project.root).files() if exclude else []
    kept = {*less_excluded(listed, exclude)}
    return sum(bool(kind_by_name(path)) for path in listed if path not in kept)


def _run(project: Project, options: Options, own: Config) -> Run:
    profile = profile_of(project, options.asked)
    profile = replace(profile, baseline=load_baseline(project.root), today=options.today)
    if options.standard:  # policies of its own do not count here, nor are their waivers mistakes
        profile = replace(profile, known=profile.known | own_policies(own))
    tree = WorkingTree(project.root, project.config.exclude)
    with keeping(project.root) if options.cache else nullcontext():
        return run(tree, [project.root], profile, assumed=options.environment)


def _inside(root: Path, message: str) -> str:
    """A message about files of a repository, which are named from its root."""
    return message.replace(f"{root}/", "").replace(str(root), ".").removeprefix(".: ")
