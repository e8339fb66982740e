"""Which findings are waived, and what is wrong with the waivers there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kerp_policy.findings import Finding
from kerp_policy.policy.model import Policy, Profile, later
from kerp_policy.sources.source import Problem, Source
from kerp_policy.waivers.index import Index
from kerp_policy.waivers.model import Allowed, Mistake, Pair, Waiver
from kerp_policy.waivers.values import value_of
from kerp_policy.wording import meant, shown

VALID, EXPIRED, UNUSED = "waiver-valid", "waiver-expired", "waiver-unused"


class Waived(Struct, frozen=True):
    """Findings with what waives them, problems of waivers by file, and what was not waived."""

    findings: list[Finding]
    problems: list[tuple[str, Problem]]
    distrusted: list[Pair]


def apply_waivers(
    findings: Iterable[Finding],
    said: Iterable[Waiver | Mistake],
    profile: Profile,
    sources: Mapping[str, Source],
) -> Waived:
    """Let waivers cover what they are about.

    Args:
        findings: those of the run.
        said: the waivers of the files that were asked for, and of the configuration.
        profile: the standard; its policy `waiver-valid` tells how long a waiver may hold, and its
            `distrusted` what one does not cover although it says so.
        sources: the files that findings point to, by path.
    """
    policies = {policy.id: policy for policy in profile.policies}
    problems: list[tuple[str, Problem]] = []
    waivers: list[Waiver] = []
    for one in said:
        message = one.message if isinstance(one, Mistake) else refused(one.allowed, profile)
        if message:
            problems.append((_file(one), Problem(VALID, one.place.span, message)))
        elif isinstance(one, Waiver):
            waivers.append(one)
    use = _Use(waivers, profile, sources)
    told = [use.settled(finding) for finding in findings]
    problems += [(_file(w), p) for w in waivers for p in use.problems(w, policies)]
    return Waived(told, problems, use.distrusted)


def _file(said: Waiver | Mistake) -> str:
    return said.place.address.rpartition("#")[0]


def refused(allowed: Allowed, profile: Profile) -> str:
    """Why a waiver is not accepted; empty for one that is."""
    if allowed.policy not in profile.known:
        return f"there is no policy {shown(allowed.policy)}{meant(allowed.policy, profile.known)}"
    policies = {policy.id: policy for policy in profile.policies}
    if allowed.policy in policies and not policies[allowed.policy].waivable:
        return f"{allowed.policy} cannot be waived"
    term = policies[VALID].params["days"] if VALID in policies else None
    latest = later(profile.today, term) if term is not None else allowed.until
    if allowed.until > latest:
        return (
            f"the waiver of {allowed.policy} holds until {allowed.until}; "
            f"expected {latest} at the latest, {term} days ahead"
        )
    return ""


class _Use:
    """What came of each waiver."""

    def __init__(
        self, waivers: Sequence[Waiver], profile: Profile, sources: Mapping[str, Source]
    ) -> None:
        self.distrusted: list[Pair] = []
        self._profile = profile
        self._sources = sources
        self._now = profile.today
        self._used: set[int] = set()
        self._lapsed: dict[int, str] = {}
        self._index = Index(waivers)

    def settled(self, finding: Finding) -> Finding:
        """The finding, waived if one covers it."""
        for waiver in self._index.about(finding):
            if not waiver.covers(finding):
                continue
            value = waiver.allowed.value
            if value and value != value_of(finding, self._sources):
                self._lapsed[id(waiver)] = value_of(finding, self._sources)
                continue
            self._used.add(id(waiver))
            if (waiver, finding) in self._profile.distrusted:
                self.distrusted.append((waiver, finding))
            elif waiver.allowed.until >= self._now:
                return replace(finding, suppression=waiver.suppression())
        return finding

    def problems(self, waiver: Waiver, policies: Mapping[str, Policy]) -> Iterator[Problem]:
        """What is to be told of a waiver after all findings were looked at."""
        allowed, span = waiver.allowed, waiver.place.span
        if allowed.until < self._now:
            message = f"the waiver of {allowed.policy} expired on {allowed.until}"
            yield Problem(EXPIRED, span, f"{message}; it was given for: {allowed.reason}")
        elif id(waiver) in self._used:
            return
        elif id(waiver) in self._lapsed:
            message = f"the waiver of {allowed.policy} was given for other values than those there"
            now = self._lapsed[id(waiver)]
            help = f"Look at what has changed; if it may stay, write value={now}." if now else ""
            yield Problem(EXPIRED, span, message, help)
        elif allowed.policy in policies:
            yield Problem(UNUSED, span, f"there is no finding of {allowed.policy} to waive here")
