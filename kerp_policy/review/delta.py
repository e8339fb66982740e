"""The project at both ends of a change, and the artifacts that differ, side by side."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import KubernetesObject
from kerp_policy.artifacts.kustomize import NAMES
from kerp_policy.changes import Ends, keep_new
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import Fact
from kerp_policy.estate.started import located
from kerp_policy.findings import Finding
from kerp_policy.i18n import Told, told
from kerp_policy.judging import Once
from kerp_policy.older import older_of
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Profile
from kerp_policy.results import FileResult
from kerp_policy.review.pairs import paired
from kerp_policy.run import judge_all
from kerp_policy.scopes.artifact import Artifact
from kerp_policy.scopes.context import Context
from kerp_policy.scopes.reading import read_artifact
from kerp_policy.sources.classify import kind_by_name
from kerp_policy.sources.source import Problem, Source
from kerp_policy.sources.tree import GitTree, Tree
from kerp_policy.views import View


class End(Struct, frozen=True):
    """One end: its files, what judging it brought, what it says, its artifacts that differ."""

    tree: Tree
    files: frozenset[str]
    run: Run
    estate: Estate
    context: Context | None
    changed: Mapping[str, Artifact]

    def views(self, *scopes: str) -> Iterator[View]:
        """The views of some scopes, of the artifacts that differ."""
        for artifact in self.changed.values():
            yield from (view for view in artifact.views if view.scope in scopes)


class Thing(Struct, frozen=True):
    """An object and the file it lies in."""

    file: str
    object: KubernetesObject

    @property
    def name(self) -> str:
        """Its kind and full name: `Deployment kerp-prod/kerp-api`."""
        thing = self.object
        return f"{thing.kind} {f'{thing.namespace}/' if thing.namespace else ''}{thing.name or '-'}"


Pair = tuple[Thing | None, Thing | None]
"""An object at both ends; None at the end that does not have it."""


class Delta(Struct, frozen=True):
    """The difference of two ends.

    Attributes:
        base: the project before the change.
        head: the project with it.
        files: which files differ, of those that a name tells to be of interest.
        pairs: the Kubernetes objects that differ or may.
        unread: what differs and was not read, with the reason.
        brought: the findings that only the newer end has.
        gone: the findings that only the older end has.
    """

    base: End
    head: End
    files: tuple[str, ...]
    pairs: tuple[Pair, ...]
    unread: tuple[tuple[str, Told], ...]
    brought: tuple[Finding, ...]
    gone: tuple[Finding, ...]

    @property
    def crashes(self) -> list[Told]:
        """The checks that crashed at either end."""
        return [*dict.fromkeys([*self.base.run.crashes, *self.head.run.crashes])]


class _Keeping:
    """Judges files, and keeps the facts that each brings and what it was judged with."""

    def __init__(self, judge: Once) -> None:
        self._judge = judge
        self.facts: list[Fact] = []
        self.context: Context | None = None

    def __call__(self, sources: Sequence[Source], context: Context) -> list[FileResult]:
        results = self._judge(sources, context)
        self.facts += [fact for result in results for fact in result.facts]
        self.context = context
        return results


def delta_of(change: Ends, profile: Profile, is_wanted: Callable[[str], bool]) -> Delta:
    """Judge and read both ends.

    Args:
        change: the two ends.
        profile: the standard, for both ends.
        is_wanted: whether a file that is no artifact is of interest, by its path.

    Raises:
        UsageError: a folder cannot be read, or the clone lacks a content.
    """
    files = tuple(_differing(change, is_wanted))
    once = Once()
    base, head = (_end(tree, profile, once, files) for tree in change)
    return Delta(
        base,
        head,
        files,
        tuple(paired(_things(base), _things(head), _identity)),
        tuple(_unread(base, head, files)),
        tuple(_only(head.run, base.run)),
        tuple(_only(base.run, head.run)),
    )


def _end(tree: Tree, profile: Profile, once: Once, files: tuple[str, ...]) -> End:
    judge = _Keeping(once)
    run = judge_all(tree, [tree.root], profile, judge=judge)
    changed = {}
    for file in files:
        source = run.sources.get(file)
        if source and judge.context:
            changed[file] = read_artifact(source, judge.context)
    kustomize = judge.context.kustomize if judge.context else None
    listed = frozenset(tree.files())
    estate = Estate(located(judge.facts, listed), listed, kustomize, tree.exclude)
    return End(tree, listed, run, estate, judge.context, changed)


def _differing(change: Ends, is_wanted: Callable[[str], bool]) -> Iterator[str]:
    base, head = change
    listed = [frozenset(tree.files()) for tree in change]
    for path in sorted(listed[0] | listed[1]):
        if not (kind_by_name(path) or is_wanted(path)):
            continue
        if any(path not in files for files in listed):
            yield path
        elif isinstance(head, GitTree):
            if base.entries[path] != head.entries[path]:
                yield path
        else:
            ends = [tree.read(path) for tree in change]
            # Nobody knows whether what cannot be read has changed.
            if ends[0] != ends[1] or isinstance(ends[0], Problem):
                yield path


def _things(end: End) -> list[Thing]:
    return [Thing(view.facts["file"], view.subject) for view in end.views("object")]


def _identity(thing: Thing) -> tuple[str, ...]:
    own = thing.object
    return own.group, own.kind, own.namespace or "", own.name


def _unread(base: End, head: End, files: tuple[str, ...]) -> Iterator[tuple[str, Told]]:
    """What differs and is not known, as far as it may hold something that matters."""
    reasons: dict[str, Told] = {}
    for end in (base, head):
        reasons |= dict(end.run.not_judged)
        broken = (each for each in end.run.findings if each.policy == "unreadable")
        reasons |= {each.file: told("cannot be read: {why}", why=each.message) for each in broken}
    charts = {chart for end in (base, head) if end.context for chart in end.context.charts}
    for file in files:
        if posixpath.basename(file) in NAMES:
            yield file, told("a kustomization: review what kustomize build prints")
        elif file in reasons:
            yield file, reasons[file]
        elif any(file.startswith(f"{chart}/" if chart else "") for chart in charts):
            yield file, told("belongs to a chart: review what helm template prints")


def _only(run: Run, other: Run) -> Iterator[Finding]:
    """The open findings of a run that another one does not have, in order."""
    here = replace(run, findings=list(run.findings), not_judged=list(run.not_judged))
    keep_new(older_of(other), here, {finding.file for finding in run.findings})
    yield from here.open
