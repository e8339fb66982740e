"""Checks of any object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.checks.workloads import missing_labels
from kerp_policy.findings import NOT_APPLICABLE, Remark
from kerp_policy.parameters import LABELS, takes
from kerp_policy.paths import Path
from kerp_policy.policy.environments import Evidence
from kerp_policy.views import View, lookup


@takes(labels=LABELS)
def required_labels(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """What belongs to an environment carries the labels."""
    if view.environment is None:
        yield NOT_APPLICABLE
        return
    given = as_dict(lookup(view.data, ("metadata", "labels")))
    if missing := [label for label in params["labels"] if given.get(label) in (None, "")]:
        yield missing_labels(("metadata", "labels"), missing)


def one_environment(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Namespace, label and path do not name different environments."""
    signs: list[Evidence] = sorted(view.facts["signs"], key=_firmness)
    for other in signs[1:]:
        first = signs[0]
        if other.sign != first.sign and other.environment != first.environment:
            message = f"{_said(view, first.sign)} says {first.environment}"
            message += f", but {_said(view, other.sign)} says {other.environment}"
            yield Remark(_written(view, first.sign), f"{message}; expected one environment")
            return


def _firmness(evidence: Evidence) -> int:
    """A path can be seen from the file only as a whole, so it is told as the other side."""
    return ("namespace", "label", "path").index(evidence.sign)


def _said(view: View, sign: str) -> str:
    if sign != "namespace":
        return f"the {sign}"
    return f"the namespace {view.facts['namespace'] or view.facts['name']}"


def _written(view: View, sign: str) -> Path:
    """Where a sign stands; a Namespace is its own, and a path stands nowhere in the file."""
    if sign == "namespace":
        return ("metadata", "name" if view.facts["kind"] == "Namespace" else "namespace")
    return ("metadata", "labels") if sign == "label" else ()
