"""What came of judging, counted: kinds of answers that never melt into one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import add

from kerp_policy.findings import Finding, Verdict
from kerp_policy.outcome import Run

VERDICTS = ("fail", "unverified", "debt", "waived", "pass", "not_applicable", "not_judged")
"""From what needs attention most to what needs none; then what nobody has looked at."""

_SETTLED = {"waiver": "waived", "baseline": "debt"}

Tally = Counter[str]
"""By verdict: how many findings, or for `pass` and `not_applicable` how many things.

`hidden_fail` and `hidden_unverified` count things whose finding is told elsewhere: with its cause,
or not at all where only a change is reported.
"""


def verdict_of(finding: Finding) -> str:
    """Which of `VERDICTS` a finding counts as."""
    if finding.suppression:
        return _SETTLED[finding.suppression.kind]
    return "fail" if finding.verdict is Verdict.FAIL else "unverified"


def totals(run: Run) -> Tally:
    """The verdicts of a whole run."""
    return total(by_policy(run).values())


def total(tallies: Iterable[Tally]) -> Tally:
    """Several tallies as one."""
    return reduce(add, tallies, Tally())


def by_policy(run: Run) -> dict[str, Tally]:
    """The verdicts of each policy that was asked or has found something."""
    found: dict[str, Tally] = {}
    for finding in run.findings:
        found.setdefault(finding.policy, Tally())[verdict_of(finding)] += 1
    return _with_things(found, run.counts)


def by_environment(run: Run) -> dict[str, Tally]:
    """The verdicts of each environment; of the empty one where nothing tells which it is."""
    found: dict[str, Tally] = {}
    for finding in run.findings:
        found.setdefault(finding.environment, Tally())[verdict_of(finding)] += 1
    return _with_things(found, run.environments)


def _with_things(found: dict[str, Tally], counts: Mapping[str, Counter[str]]) -> dict[str, Tally]:
    return {
        name: found.get(name, Tally())
        + _things(found.get(name, Tally()), counts.get(name, Tally()))
        for name in sorted({*found, *counts})
    }


def _things(findings: Tally, counts: Counter[str]) -> Tally:
    failed, unverified = counts["failed"], counts["unverified"]
    told = findings["fail"] + findings["waived"] + findings["debt"]
    return Tally(
        {
            "pass": counts["judged"] - failed - unverified,
            "not_applicable": counts["not_applicable"],
            "hidden_fail": 0 if told else failed,
            "hidden_unverified": 0 if told or findings["unverified"] else unverified,
        }
    )


def verdict(tally: Tally) -> str:
    """The one verdict that a tally comes to: that which needs attention most."""
    seen = tally + Tally(fail=tally["hidden_fail"], unverified=tally["hidden_unverified"])
    return next((one for one in VERDICTS if seen[one]), "not_judged")
