"""What workflows do: which files they apply."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kerp_policy.estate.facts import Fact
from kerp_policy.findings import Place
from kerp_policy.views import View, lookup

if TYPE_CHECKING:
    from kerp_policy.artifacts.shell import Word
    from kerp_policy.artifacts.workflow import Job, Step
    from kerp_policy.artifacts.workflow.changes import Change

_FILES = ("-f", "--filename")
_FOLDERS = ("-k", "--kustomize")
_RECURSIVE = ("-R", "--recursive", "--recursive=true")


class Apply(NamedTuple):
    """A `kubectl apply` (or `replace`, `create`) of files.

    Attributes:
        job: the job, by its address.
        position: of the step in the job, and of the command in the step.
        paths: the files or folders, relative to the project's root; only those that are known.
        recursive: whether folders are taken with all below them.
        kustomize: whether the paths are folders of kustomizations.
    """

    file: str
    place: Place
    environment: str | None
    job: str
    position: tuple[int, int]
    paths: tuple[str, ...]
    recursive: bool
    kustomize: bool


def job_facts(view: View) -> Iterator[Fact]:
    """The facts of one job."""
    job: Job = view.subject
    for change in job.changes:
        if change.what in ("kubectl apply", "kubectl replace"):
            yield from _applies(view, change)


def _applies(view: View, change: Change) -> Iterator[Apply]:
    from kerp_policy.scopes.workflow import address

    step, script = change.step, change.step.script
    if script is None or change.command is None:
        return
    words = script.shell.commands[change.command].unwrapped()
    folder = _folder(step)
    for options in (_FILES, _FOLDERS):
        paths = [_below(folder, path) for path in _values(words, options)]
        if paths:
            yield Apply(
                view.facts["file"],
                Place(change.span, address(step)),
                view.environment,
                address(view.subject),
                (step.index, change.command),
                tuple(paths),
                any(word.text in _RECURSIVE for word in words),
                options == _FOLDERS,
            )


def _folder(step: Step) -> str:
    """The folder that a step runs in: its own, its job's or the workflow's."""
    levels = step.job.levels if step.job else ()
    inherited = (lookup(level, ("defaults", "run", "working-directory")) for level in levels)
    candidates = (step.data.get("working-directory"), *inherited)
    return next((str(folder) for folder in candidates if isinstance(folder, str)), "")


def _values(words: Sequence[Word], options: Sequence[str]) -> Iterator[str]:
    """The known values of an option that may be given several times, and with commas."""
    for word, following in zip(words, (*words[1:], None), strict=True):
        name, equals, value = (word.text or "").partition("=")
        if name in options:
            text = value if equals else (following.text if following else None)
            yield from (part for part in (text or "").split(",") if part and part != "-")


def _below(folder: str, path: str) -> str:
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined
