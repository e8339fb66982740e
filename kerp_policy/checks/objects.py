"""Checks of any object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.checks.workloads import missing_labels
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.parameters import LABELS, takes
from kerp_policy.paths import Path
from kerp_policy.policy.environments import Evidence
from kerp_policy.regex import regex
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import differs, filled_in, listed, meant


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


def pod_security_labels(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Every label of Pod Security is one that the cluster knows, with a value that it takes.

    An unknown label is passed over without a word, and a value that is none is refused ("Pod
    Security Standards", labels of namespaces).
    """
    path = ("metadata", "labels")
    for label, value in as_dict(lookup(view.data, path)).items():
        domain, _, name = label.rpartition("/")
        if domain != _POD_SECURITY:
            continue
        mode, dash, _ = name.partition("-version")
        expected = "latest or a version as v1.37" if dash else listed(_LEVELS, "or")
        if name not in (mode, f"{mode}-version") or mode not in _MODES:
            message = f"the label {label} is none of Pod Security, so nothing heeds it"
            yield Remark((*path, label), message + meant(name, _NAMES))
        elif isinstance(value, str) and is_placeholder(value):
            yield unverified((*path, label), filled_in(label, value, expected))
        elif not (_VERSION.fullmatch(str(value)) if dash else value in _LEVELS):
            yield Remark((*path, label), differs(label, value, expected))


_POD_SECURITY = "pod-security.kubernetes.io"
_MODES = ("enforce", "audit", "warn")
_NAMES = (*_MODES, *(f"{mode}-version" for mode in _MODES))
_LEVELS = ("privileged", "baseline", "restricted")
_VERSION = regex(r"latest|v1\.(0|[1-9][0-9]*)")
