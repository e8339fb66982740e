"""The names that an estate is made of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, product

_words = str.split

TEAMS = _words(
    "payments orders catalogue search identity shipping inventory billing reporting messaging "
    "onboarding pricing returns fraud loyalty content partners ledger scheduling support"
)
SUBJECTS = _words(
    "account address audit basket batch booking budget campaign card carrier cart claim contract "
    "coupon credit customer delivery discount document export feed file forecast image import "
    "invoice item label ledger letter mail market media notice offer order parcel partner payment "
    "plan price product profile quote rating receipt refund rental report return review route sale "
    "session shelf shop stock store subscription supplier survey tariff tax ticket tour user "
    "vendor voucher wallet warehouse"
)
ROLES = _words("api worker gateway sync web admin events jobs")
LANGUAGES = ("go", "go", "python", "node", "node", "java", "static")
ENVIRONMENTS = ("dev", "staging", "production")
REGIONS = ("eu", "us", "ap")
BREACHES = _words(
    "root latest privileged unavailable debug unlimited unprobed exposed plain single hot untls "
    "misrouted zoneless overlapping cached shell piped unpermitted endless unpinned injected "
    "unwatched eager levels careless"
)
"""What a service may do that the standard forbids, as the templates ask for it."""


def teams(number: int) -> list[str]:
    """The names of so many teams."""
    return [name for name, _n in zip(_endless(TEAMS), range(number), strict=False)]


def services() -> Iterator[tuple[str, str]]:
    """Every service's name and component, without end and without repetition."""
    pairs = [(f"{subject}-{role}", role) for role, subject in product(ROLES, SUBJECTS)]
    for turn in count(1):
        for name, role in pairs:
            yield (name if turn == 1 else f"{name}-{turn}"), role


def _endless(names: list[str]) -> Iterator[str]:
    for turn in count(1):
        yield from (name if turn == 1 else f"{name}-{turn}" for name in names)
