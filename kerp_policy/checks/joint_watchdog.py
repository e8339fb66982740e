"""Whether anybody would notice that no alert comes any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.estate.alerting import Alert, Routing
from kerp_policy.estate.estate import Estate
from kerp_policy.findings import Judged, unverified
from kerp_policy.parameters import TEXT, takes
from kerp_policy.regex import regex

_ALWAYS = regex(r"[\s(]*vector\s*\(\s*[0-9.]+\s*\)(?:\s*[=!<>]=?\s*[0-9.]+)?[\s)]*")


@takes(elsewhere=TEXT)
def fires(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """Where alerts are sent on, one of them always fires.

    `elsewhere` is what a project declares where that one lives in another repository.
    """
    routings, alerts = estate.all(Routing), estate.all(Alert)
    if not alerts or any(_ALWAYS.fullmatch(alert.query) for alert in alerts):
        return
    for routing in list(routings)[:1]:
        message = "no alert of the project always fires, so silence may mean that alerting is down"
        remark = unverified(
            routing.place, f"{message}; expected one on vector(1)", settled_by=params["elsewhere"]
        )
        yield Judged(routing, (remark,))
