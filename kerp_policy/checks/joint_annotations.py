"""The joint check of alerts and the texts of the receivers that their routes lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerp_policy.estate.alerting import Alert, Receiver
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.routes import Tree, Trees, labels_of
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark


def shown(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """An alert has the annotations that the receivers which surely get it show.

    Source: Alertmanager, Notification template reference: of an annotation that an alert does not
    have, a template shows nothing.
    """
    trees = estate.made(Trees)
    for alert in estate.all(Alert):
        reached = [(tree, each) for tree in trees.of(alert) for each in _reached(tree, alert)]
        telling = [(tree, each) for tree, each in reached if each.shown]
        yield Judged(alert, tuple(_unsaid(alert, telling)) if telling else (NOT_APPLICABLE,))


def _reached(tree: Tree, alert: Alert) -> Iterator[Receiver]:
    """The receivers that surely get an alert."""
    names = {taken.route.receiver for taken in tree.take(labels_of(alert)) if taken.sure}
    yield from (receiver for receiver in tree.routing.receivers if receiver.name in names)


def _unsaid(alert: Alert, telling: Sequence[tuple[Tree, Receiver]]) -> Iterator[Remark]:
    told = set(alert.annotations)
    for tree, receiver in telling:
        for name in sorted(receiver.shown - told):
            told.add(name)
            place = Related(tree.routing.file, receiver.place, f"its texts show {name}")
            message = f"alert {alert.name} has no annotation {name}, which {receiver.name} shows"
            yield Remark(alert.place, message, subject=name, related=(place,))
