"""Joint checks of the alerts that there are, and of how soon somebody hears of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.estate.alerting import Alert, Routing, Rules
from kerp_policy.estate.estate import Estate
from kerp_policy.findings import Judged, unverified
from kerp_policy.parameters import SIGNALS, TEXT, THRESHOLDS, takes
from kerp_policy.wording import listed


@takes(thresholds=THRESHOLDS, signals=SIGNALS, elsewhere=TEXT)
def implemented(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """Each documented threshold has an alert of its level, recording rules of all files put in.

    `params` has the signals and thresholds of `rule_thresholds.documented`, and as `elsewhere` what
    a project declares where its rules live elsewhere.
    """
    signals = params["signals"]
    titles = listed([signal["title"] for signal in signals.values()])
    if not estate.all(Alert):
        return _without_rules(estate, titles, params["elsewhere"])
    from kerp_policy.checks.alert_thresholds import judged

    return judged(estate, signals, params["thresholds"], titles)


def _without_rules(estate: Estate, titles: str, elsewhere: str) -> Iterator[Judged]:
    """Nothing alerts here, although alerts would be sent on: the rules may live elsewhere."""
    things: list[Routing | Rules] = [*estate.all(Routing), *estate.all(Rules)]
    for thing in things[:1]:
        message = f"there is no alert in this project; expected alerts on {titles}"
        yield Judged(thing, (unverified(thing.place, message, settled_by=elsewhere),))
