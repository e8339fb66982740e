"""Joint checks of inhibition rules and the alerts that they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.artifacts.alertmanager.matchers import Matcher
from kerp_policy.estate.alerting import Alert, Inhibiting
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.routes import fulfils, labels_of
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, Verdict

_Known = tuple[Alert, Mapping[str, str]]
"""An alert, and what is known of its labels."""


def acts(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """Some alert that a rule has as source and one that it has as target agree in `equal`.

    Source: Alertmanager's documentation, "Inhibition-related settings": a target is muted while a
    source fires whose labels in `equal` have the same values. Two thresholds on one signal that
    are alerts of different names never agree in `alertname`.
    """
    alerts = [(alert, labels_of(alert)) for alert in estate.all(Alert)]
    for rule in estate.all(Inhibiting):
        sources, targets = _meant(rule.source, alerts), _meant(rule.target, alerts)
        if not sources or not targets:
            yield Judged(rule, (NOT_APPLICABLE,))  # alerts of other projects may be meant
            continue
        apart = [name for name in rule.equal if _is_apart(name, sources, targets)]
        yield Judged(rule, (_never(rule, apart, sources[0], targets[0]),) if apart else ())


def _meant(conditions: Sequence[Matcher], alerts: Sequence[_Known]) -> list[_Known]:
    """Those that fulfil conditions, then those that may."""
    answers = [(fulfils(conditions, known[1]), known) for known in alerts]
    return [known for wanted in (True, None) for answer, known in answers if answer is wanted]


def _is_apart(name: str, sources: Sequence[_Known], targets: Sequence[_Known]) -> bool:
    """Whether no source has the value of a label that a target has; all values must be known."""
    values = [{labels.get(name) for _, labels in side} for side in (sources, targets)]
    return None not in values[0] | values[1] and values[0].isdisjoint(values[1])


def _never(rule: Inhibiting, apart: Sequence[str], source: _Known, target: _Known) -> Remark:
    name, asked = apart[0], sorted(f"{one.name}{one.op}{one.value}" for one in rule.target)
    message = f"no alert of the project that mutes has the {name} of one that it would mute, so the"
    return Remark(
        rule.place,
        f"{message} rule mutes none of them; expected labels in equal that both have alike",
        Verdict.UNVERIFIED,
        subject=name,
        related=tuple(
            Related(alert.file, alert.place, f"alert {alert.name} {does}, {name} {labels[name]}")
            for (alert, labels), does in ((source, "mutes"), (target, "would be muted"))
        ),
        settled_by=f"rules/{','.join(asked)}: inhibited",
    )
