"""What judging brings: findings and counts, and how they are made of remarks and problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from kerp_policy.estate.externals import how_to_settle
from kerp_policy.estate.facts import Fact
from kerp_policy.findings import Finding, Place, Related, Remark, Verdict
from kerp_policy.i18n import Told
from kerp_policy.policy.model import Policy
from kerp_policy.secrets import may_hold_tokens, without_tokens
from kerp_policy.sources.source import Problem, Span
from kerp_policy.waivers.model import Mistake, Waiver

Counts = dict[str, dict[str, int]]
"""By policy: how many things were judged, failed, unverified, not applicable."""

MAX_MESSAGE = 500
"""Characters of a message that are shown."""


class Brought(NamedTuple):
    """What a change brings to be judged by, and does not count: where it stands, and what it is."""

    file: str
    span: Span
    what: Told


class Trust(Struct, frozen=True):
    """The revision that a run takes its standard from, and what it has not taken from elsewhere."""

    ref: str
    brought: tuple[Brought, ...] = ()


class FileResult(Struct):
    """What judging one file brought."""

    path: str
    kind: str
    findings: list[Finding] = field(default_factory=list)
    counts: Counts = field(default_factory=dict)
    environments: Counts = field(default_factory=dict)
    """The same counts by environment; by the empty name where nothing tells."""
    not_judged: Told | None = None
    crashes: list[Told] = field(default_factory=list)
    facts: tuple[Fact, ...] = ()
    waivers: tuple[Waiver | Mistake, ...] = ()


def add_problem(result: FileResult, policies: Mapping[str, Policy], problem: Problem) -> None:
    """Add what a reader could not accept, if the standard has the policy that speaks of it."""
    policy = policies.get(problem.policy)
    if policy is None:
        return
    verdict = Verdict.UNVERIFIED if policy.id == "not-judged" else Verdict.FAIL
    place = Place(problem.span, f"{result.path}#{policy.id}")
    remark = Remark(place, problem.message, verdict, help=problem.help)
    count(result, policy, verdict)
    result.findings.append(finding_of(result.path, policy, remark, place))


def finding_of(
    path: str, policy: Policy, remark: Remark, place: Place, environment: str | None = None
) -> Finding:
    """A finding of a policy at a place of a file, about something of an environment."""
    if may_hold_tokens("\n".join(_texts(remark, place))):
        remark, place = _public_remark(remark), _public(place)
    return Finding(
        policy=policy.id,
        severity=policy.severity,
        verdict=remark.verdict,
        message=_clipped(remark.message),
        help=(remark.help or without_tokens(policy.help())) + how_to_settle(remark.settled_by),
        file=path,
        place=place,
        subject=remark.subject,
        clauses=policy.clauses,
        topics=policy.topics,
        related=remark.related,
        confidential=policy.confidential,
        consequence_of=remark.consequence_of,
        environment=environment or "",
    )


def _texts(remark: Remark, place: Place) -> Iterator[str]:
    """What a remark says, and what it calls the places that it is about."""
    yield from (remark.message, remark.help, remark.settled_by, remark.subject, place.address)
    for related in remark.related:
        yield from (related.message, related.place.address)


def _public_remark(remark: Remark) -> Remark:
    return replace(
        remark,
        message=without_tokens(remark.message),
        help=without_tokens(remark.help),
        settled_by=without_tokens(remark.settled_by),
        subject=without_tokens(remark.subject),
        related=tuple(map(_public_related, remark.related)),
    )


def public(message: Told) -> Told:
    """The message without tokens, whatever a file or an exception says in it."""
    values = ((name, without_tokens(value)) for name, value in message.values)
    return message._replace(values=tuple(values))


def _public(place: Place) -> Place:
    """A place whose address holds no token: a matcher or a key may be one."""
    address = without_tokens(place.address)
    return place if address is place.address else Place(place.span, address)


def _public_related(related: Related) -> Related:
    return Related(related.file, _public(related.place), without_tokens(related.message))


def _clipped(message: str) -> str:
    """A message may name what an artifact says, and that may be of any length."""
    return message if len(message) <= MAX_MESSAGE else f"{message[: MAX_MESSAGE - 1]}…"


_WORST = (Verdict.FAIL, Verdict.UNVERIFIED, Verdict.NOT_APPLICABLE)


def worst(remarks: Sequence[Remark]) -> Verdict:
    """The verdict about one thing, of all that there is to say of it."""
    if not remarks:
        return Verdict.PASS
    verdicts = {remark.verdict for remark in remarks}
    for verdict in _WORST:
        if verdict in verdicts:
            return verdict
    return Verdict.PASS


_COUNTED_AS = {
    Verdict.PASS: ("judged",),
    Verdict.FAIL: ("judged", "failed"),
    Verdict.UNVERIFIED: ("judged", "unverified"),
    Verdict.NOT_APPLICABLE: ("not_applicable",),
}


def count(
    result: FileResult,
    policy: Policy,
    verdict: Verdict,
    environment: str | None = None,
    things: int = 1,
) -> None:
    """Count things of an environment as judged, failed, unverified or not applicable."""
    result.counts, result.environments = dict(result.counts), dict(result.environments)
    _add(result.counts, policy.id, verdict, things)
    _add(result.environments, environment or "", verdict, things)


def _add(counts: Counts, name: str, verdict: Verdict, things: int) -> None:
    before = counts.get(name, {})
    added = {word: before.get(word, 0) + things for word in _COUNTED_AS[verdict]}
    counts[name] = before | added


Said = tuple[tuple[str, ...], tuple[Verdict, ...], str | None]
"""Some policies, what each says of one thing, and the environment of that: empty where nothing
tells, and None for a file itself, which is in none, so that only what is wrong with it counts."""


@lru_cache(maxsize=1024)
def counted(said: tuple[Said, ...]) -> tuple[Counts, Counts]:
    """What is said of the things of a file, counted by policy and by environment.

    Most files have the same counts as others, and so the same records, which nobody changes.
    """
    counts, environments = Counts(), Counts()
    for policies, verdicts, environment in said:
        for policy, verdict in zip(policies, verdicts, strict=True):
            _add(counts, policy, verdict, 1)
        for verdict, number in Counter(verdicts).items():
            if environment is not None or verdict is not Verdict.PASS:
                _add(environments, environment or "", verdict, number)
    return counts, environments


def add_counts(totals: dict[str, Counter[str]], counts: Sequence[Counts]) -> None:
    """Add up the counts of files: those of most are one record."""
    times = Counter(map(id, counts))
    for alike in {id(one): one for one in counts}.values():
        for name, numbers in alike.items():
            if name not in totals:
                totals[name] = Counter()
            total = totals[name]
            for word, number in numbers.items():
                total[word] += number * times[id(alike)]
