"""Checks of ResourceQuotas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity
from kerp_policy.paths import Path, format_path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import listed

_HARD: Path = ("spec", "hard")
_NAMES: dict[str, tuple[str, ...]] = {
    "requests_cpu": ("requests.cpu", "cpu"),
    "requests_memory": ("requests.memory", "memory"),
    "limits_cpu": ("limits.cpu",),
    "limits_memory": ("limits.memory",),
    "pods": ("pods", "count/pods"),
}
"""The documented name of each bound, then others that mean the same (Kubernetes documentation,
"Resource Quotas")."""


def complete(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The quota bounds CPU, memory and pods.

    One that names none of them bounds something else, and one with scopes bounds only some of the
    pods; another may bound the rest.
    """
    hard = as_dict(lookup(view.data, _HARD))
    missing = [names[0] for names in _NAMES.values() if not _named(hard, names)]
    other = bool(hard) and len(missing) == len(_NAMES)
    if view.environment is None or other or _is_scoped(view):
        yield NOT_APPLICABLE
    elif missing:
        at = (*_HARD, missing[0]) if len(missing) == 1 else _HARD
        yield Remark(at, f"the quota sets no bound for {listed(missing)}")


def _named(hard: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if hard.get(name) is not None), None)


def _is_scoped(view: View) -> bool:
    return any(lookup(view.data, ("spec", key)) for key in ("scopes", "scopeSelector"))


def documented(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The quota's numbers are the standard's; what is missing `complete` tells."""
    if _is_scoped(view):
        yield NOT_APPLICABLE
        return
    hard = as_dict(lookup(view.data, _HARD))
    for param, names in _NAMES.items():
        if name := _named(hard, names):
            yield from _differs((*_HARD, name), hard[name], params[param])


def _differs(path: Path, value: Any, wanted: Any) -> Iterator[Remark]:
    field = format_path(path)
    if is_placeholder(str(value)):
        yield unverified(path, f"{field} is {value}, filled in elsewhere; expected {wanted}")
        return
    try:
        differs = parse_quantity(value) != parse_quantity(wanted)
    except QuantityError as error:
        yield Remark(path, f"{field}: {error}; expected {wanted}")
        return
    if differs:
        yield Remark(path, f"{field} is {value}; expected {wanted}")
