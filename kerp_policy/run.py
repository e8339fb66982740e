"""One run: from paths to what comes of every file that was asked for."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

from kerp_policy.artifacts.expectations import TESTS, expected_by
from kerp_policy.artifacts.kustomize import NAMES, Kustomize
from kerp_policy.engine import check_file, unreadable
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.started import located
from kerp_policy.judging import Judge, check_estate, check_files, know_files
from kerp_policy.order import one_for_each_cause, ordered
from kerp_policy.outcome import Run
from kerp_policy.policy.model import Profile
from kerp_policy.results import FileResult, add_problem
from kerp_policy.scopes.context import Context
from kerp_policy.sources.classify import kind_by_name, needs_first_line
from kerp_policy.sources.discover import asked_for, repository_prefix
from kerp_policy.sources.owners import codeowners
from kerp_policy.sources.source import Source
from kerp_policy.sources.tree import Files, Tree
from kerp_policy.timings import phase


def run(tree: Tree, paths: Sequence[Path], profile: Profile, *, assumed: str | None = None) -> Run:
    """Judge what the paths ask for, in the light of the whole project.

    Raises:
        UsageError: a folder of the project cannot be read.
    """
    return finished(judge_all(tree, paths, profile, assumed=assumed))


def judge_all(
    tree: Tree,
    paths: Sequence[Path],
    profile: Profile,
    *,
    assumed: str | None = None,
    judge: Judge = check_files,
) -> Run:
    """A run whose findings are as they came: not in order, each consequence beside its cause.

    Args:
        tree: the files of the project.
        paths: the files and folders to report on.
        profile: the standard.
        assumed: the environment of what shows none.
        judge: judges files, as `check_files` does; it may remember what it has judged.

    Raises:
        UsageError: a folder of the project cannot be read.
    """
    with phase("finding files"):
        listed = tree.files()
    wanted = asked_for(tree.root, listed, paths)
    context = _context(tree, listed, profile, assumed)
    result = Run(profile, prefix=repository_prefix(tree.root))
    result.codeowners = codeowners(tree, result.prefix)
    asked, others = _read(result, tree, wanted, sorted({*wanted, *listed}), context)
    files = _in_order(result, asked, judge(asked, context), know_files(others, context))
    facts = located((fact for file in files for fact in file.facts), listed)
    result.estate = Estate(facts, listed, context.kustomize, tree.exclude)
    result.take(check_estate(result.estate, context, wanted))
    _add_related(result, tree)
    _settle(result, assumed, is_whole=wanted.issuperset(listed))
    return result


@phase("reading")
def _read(
    result: Run, tree: Tree, wanted: Container[str], paths: Iterable[str], context: Context
) -> tuple[list[Source], list[Source]]:
    """Every artifact, those to judge apart from those that are only to be known."""
    asked, others = list[Source](), list[Source]()
    for path in paths:
        source = tree.read(path) if kind_by_name(path) else None
        if isinstance(source, Source):
            (asked if path in wanted else others).append(source)
        elif source and path in wanted and not needs_first_line(path):
            result.take([unreadable(path, source, context)])
    return asked, others


def _in_order(
    result: Run, asked: Iterable[Source], judged: Iterable[FileResult], known: Iterable[FileResult]
) -> list[FileResult]:
    """What came of all files, by their paths; the run takes what came of those it was asked for."""
    sources = {source.path: source for source in asked}
    files = sorted((*judged, *known), key=lambda file: file.path)
    result.take([file for file in files if file.path in sources], sources)
    result.crashes = [crash for file in files for crash in file.crashes]  # of the others, too
    return files


def _settle(result: Run, assumed: str | None, *, is_whole: bool) -> None:
    """Let waivers and the baseline take back what they cover."""
    if is_whole:  # else what a pattern is for may lie outside
        result.waivers += result.profile.waivers
    _waive(result)
    _accept(result, assumed, is_whole=is_whole)


def _add_related(result: Run, tree: Tree) -> None:
    """Read what findings point to beside the files that were asked for, for their frames."""
    files = {related.file for finding in result.findings for related in finding.related}
    for file in sorted(files - result.sources.keys()):
        source = tree.read(file)
        if isinstance(source, Source):
            result.sources[file] = source
            result.beside.add(file)


def run_source(source: Source, profile: Profile, *, assumed: str | None = None) -> Run:
    """Judge one text that is no file, as standard input is: by its name, else as a manifest."""
    result, context = Run(profile), Context(profile, assumed=assumed)
    kind = kind_by_name(source.path) or "yaml"
    file = check_file(source, context, kind)
    joints = check_estate(Estate(file.facts, is_part=True), context, {source.path})
    result.take([file, *joints], {source.path: source})
    _waive(result)
    _accept(result, assumed, is_whole=False)
    return finished(result)


@phase("order")
def finished(result: Run) -> Run:
    """Put the findings in order, one for each cause."""
    result.findings = ordered(one_for_each_cause(result.findings))
    result.not_judged.sort()
    return result


@phase("waivers and baseline")
def _waive(result: Run) -> None:
    """Let waivers cover what they are about, and tell what is wrong with them."""
    if not result.waivers:
        return
    from kerp_policy.waivers.apply import apply_waivers

    waived = apply_waivers(result.findings, result.waivers, result.profile, result.sources)
    result.findings, result.distrusted = waived.findings, waived.distrusted
    policies = {policy.id: policy for policy in result.profile.policies}
    for file, problem in waived.problems:
        told = FileResult(file, "")
        add_problem(told, policies, problem)
        result.take([told])


@phase("waivers and baseline")
def _accept(result: Run, assumed: str | None, *, is_whole: bool) -> None:
    """Let the baseline take back what it accepts."""
    if result.profile.baseline:
        from kerp_policy.baseline.apply import apply_baseline

        apply_baseline(result, result.profile.baseline, assumed, is_whole=is_whole)


def _context(tree: Tree, listed: Sequence[str], profile: Profile, assumed: str | None) -> Context:
    """What every file is judged by, of the project as a whole."""
    charts = (path for path in listed if posixpath.basename(path) == "Chart.yaml")
    return Context(
        profile,
        kustomize=_kustomize(tree, listed),
        charts=frozenset(map(posixpath.dirname, charts)),
        expected=_expected(tree, listed),
        assumed=assumed,
    )


def _expected(tree: Tree, listed: Sequence[str]) -> Mapping[str, str]:
    """The files that tests of a cluster only compare with."""
    tests = [path for path in listed if posixpath.basename(path) in TESTS]
    return expected_by(Files(tree, tests, lambda source: source.text)) if tests else {}


@phase("kustomizations")
def _kustomize(tree: Tree, listed: Sequence[str]) -> Kustomize:
    """What the kustomizations say."""
    from kerp_policy.artifacts.kustomize import load

    folders = {posixpath.dirname(p) for p in listed if posixpath.basename(p) in NAMES}
    if not folders:
        return Kustomize()
    artifacts = [path for path in listed if kind_by_name(path)]
    return load(Files(tree, artifacts, lambda source: source.text))
