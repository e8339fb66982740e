"""Judging joints: policies × the estate → findings about things that lie in several files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from time import perf_counter

from kerp_policy.checks import find_check
from kerp_policy.decided import decided
from kerp_policy.errors import crash
from kerp_policy.estate.estate import Estate
from kerp_policy.findings import NOT_APPLICABLE, Judged, Place, Remark, Verdict
from kerp_policy.i18n import noted, told
from kerp_policy.policy.model import Policy
from kerp_policy.results import FileResult, count, finding_of, worst
from kerp_policy.scopes.context import Context
from kerp_policy.sources.source import START
from kerp_policy.timings import spend


def joint_policies(estate: Estate, context: Context) -> list[Policy]:
    """The policies of joints that have something to look at, in their order."""
    joint = [policy for policy in context.profile.policies if policy.each == "estate"]
    return [policy for policy in joint if not policy.of or estate.has(policy.of)]


def check_joint(
    policy: Policy, estate: Estate, context: Context, wanted: Container[str] | None = None
) -> FileResult:
    """Judge a joint between files; where some are `wanted`, nothing is said of the others."""
    result, begun = FileResult("", ""), perf_counter()
    try:
        judged: list[Judged] = list(find_check(policy.check)(estate, policy.params))
        about = judged if wanted is None else [each for each in judged if each.thing.file in wanted]
        _add_joints(result, context, policy, _of_its_environments(policy, about))
    except Exception as error:  # a crash of one check must not end the run
        message = noted("the check of {policy} crashed: {error}")
        return FileResult("", "", crashes=[told(message, policy=policy.id, error=crash(error))])
    spend(policy.id, begun, len(judged))
    return result


def _of_its_environments(policy: Policy, judged: list[Judged]) -> list[Judged]:
    """Of things in environments that a policy is not for, it says nothing."""
    if policy.environments is None:
        return judged
    return [
        each
        if each.thing.environment in policy.environments
        else Judged(each.thing, (NOT_APPLICABLE,))
        for each in judged
    ]


def _add_joints(
    result: FileResult, context: Context, policy: Policy, judged: Iterable[Judged]
) -> None:
    verdicts = Counter(
        (
            _add_joint(result, context, policy, each) if each.remarks else Verdict.PASS,
            each.thing.environment,
        )
        for each in judged
    )
    for (verdict, environment), things in verdicts.items():
        count(result, policy, verdict, environment, things)


def _placed(remark: Remark) -> Place:
    assert isinstance(remark.at, Place) or remark is NOT_APPLICABLE  # facts have no paths
    return remark.at if isinstance(remark.at, Place) else Place(START, "")


def _add_joint(result: FileResult, context: Context, policy: Policy, judged: Judged) -> Verdict:
    thing = judged.thing
    remarks = decided(thing.file, context, judged.remarks, _placed)
    for remark in remarks:
        if remark.verdict is not Verdict.NOT_APPLICABLE:
            place, environment = _placed(remark), thing.environment
            result.findings.append(finding_of(thing.file, policy, remark, place, environment))
    return worst(remarks)
