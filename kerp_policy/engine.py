"""Judging: policies × views → findings. `check_file` is a pure function of one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from time import perf_counter

from msgspec.structs import replace

from kerp_policy.checks import Check, find_check
from kerp_policy.decided import decided
from kerp_policy.errors import crash
from kerp_policy.estate.extract import facts_of
from kerp_policy.findings import Finding, Place, Related, Remark, Verdict
from kerp_policy.i18n import noted, told
from kerp_policy.policy.model import Policy
from kerp_policy.policy.require import require
from kerp_policy.results import FileResult, Said, add_problem, counted, finding_of, worst
from kerp_policy.scopes.artifact import Artifact
from kerp_policy.scopes.context import Context
from kerp_policy.scopes.file import file_view
from kerp_policy.scopes.reading import read_artifact
from kerp_policy.sources.source import START, Problem, Source
from kerp_policy.timings import PARSING, is_measuring, spend
from kerp_policy.views import View, lookup
from kerp_policy.waivers.model import Mistake, Waiver
from kerp_policy.waivers.values import hashed


def check_file(source: Source, context: Context, kind: str | None = None) -> FileResult:
    """Judge one file by the policies of the context's profile.

    A reader or a check that raises an exception is named in `crashes`; the others still run.
    """
    result, artifact = _read(source, context, kind)
    if artifact is None:
        return result
    result.kind, result.not_judged = artifact.kind, artifact.not_judged
    result.waivers = tuple(_waivers(source, artifact))
    judge = _judge_timed if is_measuring() else _judge
    said = list[Said]()
    for view in _things(source, artifact, result):
        asked, others = context.asking.about(view)
        verdicts = dict.fromkeys(others, Verdict.NOT_APPLICABLE)
        for policy in asked:
            if verdict := judge(result, artifact, context, policy, view):
                verdicts[policy.id] = verdict
        environment = None if view.scope == "file" else view.environment or ""
        said.append((tuple(verdicts), tuple(verdicts.values()), environment))
    result.counts, result.environments = counted(tuple(said))
    for problem in _problems(artifact):
        add_problem(result, context.by_id, problem)
    return result


def _things(source: Source, artifact: Artifact, result: FileResult) -> Iterator[View]:
    """What policies are asked about: the parts of a file, then itself with what was found in it."""
    yield from artifact.views
    if artifact.kind:
        yield file_view(source, artifact.kind, result.findings)


def _waivers(source: Source, artifact: Artifact) -> Iterator[Waiver | Mistake]:
    if b"kerp-policy" not in source.data:
        return
    from kerp_policy.waivers.annotations import waivers_of
    from kerp_policy.waivers.comments import waivers_in

    yield from waivers_in(source, artifact.kind)
    for view in artifact.views:
        if view.scope == "object":
            yield from waivers_of(view)


def facts_only(source: Source, context: Context) -> FileResult:
    """The facts of a file that nobody asked to judge, and nothing else."""
    return _read(source, context, None)[0]


def _read(source: Source, context: Context, kind: str | None) -> tuple[FileResult, Artifact | None]:
    """A file with its facts; no artifact where its reader crashed, which must not end the run."""
    result, begun = FileResult(source.path, ""), perf_counter()
    try:
        artifact = read_artifact(source, context, kind)
        result.facts = tuple(facts_of(artifact.views))
    except Exception as error:
        message = noted("{file}: reading it crashed: {error}")
        result.crashes.append(told(message, file=source.path, error=crash(error)))
        return result, None
    spend(PARSING, begun)
    return result, artifact


def _problems(artifact: Artifact) -> Iterator[Problem]:
    yield from artifact.problems
    if artifact.not_judged:
        what, _, advice = artifact.not_judged.english.partition(": ")
        so = "only what it sets is judged" if artifact.views else "it is not judged"
        message = f"the file is {what}, so {so}; {advice}"
        yield Problem("not-judged", START, message)


def unreadable(path: str, problem: Problem, context: Context) -> FileResult:
    """The result for a file that could not be read at all."""
    result = FileResult(path, "unreadable")
    add_problem(result, context.by_id, problem)
    return result


def _judge(
    result: FileResult, artifact: Artifact, context: Context, policy: Policy, view: View
) -> Verdict | None:
    """What a policy says of a thing, whose findings are added; nothing where its check crashed."""
    try:
        remarks = list(_remarks(policy, view))
        if remarks:
            place, image = partial(_place, view), _image(view)
            remarks = decided(result.path, context, remarks, place, image)
            result.findings += [
                _found(result.path, artifact, policy, view, remark)
                for remark in remarks
                if remark.verdict is not Verdict.NOT_APPLICABLE
            ]
    except Exception as error:  # a crash of one check must not end the run
        message = noted("{file}: the check of {policy} crashed: {error}")
        result.crashes.append(told(message, file=result.path, policy=policy.id, error=crash(error)))
        return None
    verdict = worst(remarks)
    return Verdict.NOT_APPLICABLE if view.is_part and verdict is Verdict.PASS else verdict


def _image(view: View) -> str | None:
    image = view.data.get("image") if view.scope == "container" else None
    return image if isinstance(image, str) else None


def _found(path: str, artifact: Artifact, policy: Policy, view: View, remark: Remark) -> Finding:
    place = _place(view, remark)
    remark = _with_template(artifact, remark, place)
    return _with_value(finding_of(path, policy, remark, place, view.environment), view, remark)


def _judge_timed(
    result: FileResult, artifact: Artifact, context: Context, policy: Policy, view: View
) -> Verdict | None:
    begun = perf_counter()
    verdict = _judge(result, artifact, context, policy, view)
    spend(policy.id, begun)
    return verdict


def _with_value(finding: Finding, view: View, remark: Remark) -> Finding:
    """The finding with the hash of its value, unless that may be a secret."""
    if isinstance(remark.at, Place) or finding.confidential:
        return finding
    return replace(finding, value=hashed(lookup(view.data, remark.at)))


def _remarks(policy: Policy, view: View) -> Iterable[Remark]:
    if policy.require:
        return require(view, policy.require, policy.params)
    check: Check = find_check(policy.check)
    remarks = check(view, policy.params)
    return filter(partial(_is_set, view), remarks) if view.is_part else remarks


def _is_set(view: View, remark: Remark) -> bool:
    """Whether a remark is about something that is there; what a patch lacks the base may have."""
    return isinstance(remark.at, Place) or lookup(view.data, remark.at) is not None


def _place(view: View, remark: Remark) -> Place:
    return remark.at if isinstance(remark.at, Place) else view.locate(remark.at)


def _with_template(artifact: Artifact, remark: Remark, place: Place) -> Remark:
    """Add the template that a rendered object comes from."""
    template = artifact.rendered_from.get(place.address.partition(":")[0])
    if template is None:
        return remark
    related = Related(template, Place(START, template), "rendered from this template")
    return replace(remark, related=(*remark.related, related))
