"""Checks of ResourceQuotas: that there are such, and what they bound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.estate.demand import PODS
from kerp_policy.estate.estate import Estate
from kerp_policy.estate.facts import namespace_of
from kerp_policy.estate.labels import is_open
from kerp_policy.estate.quotas import Namespace, Quota
from kerp_policy.findings import NOT_APPLICABLE, Judged, Related, Remark, unverified
from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity
from kerp_policy.parameters import QUANTITY, takes
from kerp_policy.paths import Path, format_path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import differs, filled_in, listed

_HARD: Path = ("spec", "hard")
_NAMES: dict[str, tuple[str, ...]] = {
    "requests_cpu": ("requests.cpu", "cpu"),
    "requests_memory": ("requests.memory", "memory"),
    "limits_cpu": ("limits.cpu",),
    "limits_memory": ("limits.memory",),
    "pods": PODS,
}
"""The documented name of each bound, then others that mean the same (Kubernetes documentation,
"Resource Quotas")."""


def complete(estate: Estate, params: Mapping[str, Any]) -> Iterator[Judged]:
    """The quotas of a namespace together bound CPU, memory and pods.

    One that names none of them bounds something else, and one with scopes bounds only some of the
    pods; what they leave open is asked of the others.
    """
    bounding: dict[tuple[str | None, str], list[Quota]] = {}
    for quota in estate.all(Quota):
        if _bounds(quota):
            bounding.setdefault(_namespace_key(quota), []).append(quota)
        else:
            yield Judged(quota, (NOT_APPLICABLE,))
    for quotas in bounding.values():
        applicable = quotas[0].environment is not None
        yield Judged(quotas[0], tuple(_incomplete(quotas)) if applicable else (NOT_APPLICABLE,))
    for namespace in estate.all(Namespace):
        if namespace.environment is not None:
            yield Judged(namespace, tuple(_unbounded(estate, namespace)))


def _namespace_key(quota: Quota) -> tuple[str | None, str]:
    """Quotas of one namespace belong together; where none is written, those of one file."""
    return quota.namespace, quota.file if is_open(quota.namespace) else ""


def _bounds(quota: Quota) -> bool:
    known = any(name in quota.hard for names in _NAMES.values() for name in names)
    return not quota.scopes and (known or not quota.hard)


def _incomplete(quotas: Sequence[Quota]) -> Iterator[Remark]:
    hard = {name: value for quota in quotas for name, value in quota.hard.items()}
    missing = [names[0] for names in _NAMES.values() if not _named(hard, names)]
    if not missing:
        return
    quota = quotas[0]
    place = quota.hard_place
    if len(missing) == 1:
        place = replace(place, address=f"{place.address}{_step(missing[0])}")
    message = f"ResourceQuota {quota.name} sets no bound for {listed(missing, 'or')}"
    related = [
        Related(q.file, q.hard_place, f"ResourceQuota {q.name} sets none either")
        for q in quotas[1:3]
    ]
    yield Remark(place, message, related=tuple(related))


def _step(name: str) -> str:
    return f'["{name}"]' if "." in name else f".{name}"


def _unbounded(estate: Estate, namespace: Namespace) -> Iterator[Remark]:
    quotas = estate.by(Quota, namespace_of)
    if any(_bounds(quota) for quota in quotas.get(namespace.namespace, ())):
        return
    message = (
        f"no ResourceQuota of the project bounds CPU, memory and pods in {namespace.namespace}"
    )
    asked = f"ResourceQuota/{namespace.namespace}/-"
    near = quotas.get(None) or any(quota.scopes for quota in quotas.get(namespace.namespace, ()))
    if near or is_placeholder(namespace.namespace):
        yield unverified(namespace.place, f"{message} for sure", settled_by=asked)
    else:
        yield estate.lacks(namespace.place, message)


def _named(hard: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if hard.get(name) is not None), None)


@takes(
    requests_cpu=QUANTITY,
    requests_memory=QUANTITY,
    limits_cpu=QUANTITY,
    limits_memory=QUANTITY,
    pods=QUANTITY,
)
def documented(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The quota's numbers are the standard's; what is missing `complete` tells."""
    if any(lookup(view.data, ("spec", key)) for key in ("scopes", "scopeSelector")):
        yield NOT_APPLICABLE
        return
    hard = as_dict(lookup(view.data, _HARD))
    for param, names in _NAMES.items():
        if name := _named(hard, names):
            yield from _differs((*_HARD, name), hard[name], params[param])


def _differs(path: Path, value: Any, wanted: Any) -> Iterator[Remark]:
    field = format_path(path)
    if is_placeholder(str(value)):
        yield unverified(path, filled_in(field, value, wanted))
        return
    try:
        is_same = parse_quantity(value) == parse_quantity(wanted)
    except QuantityError as error:
        message = f"{field}: {str(error).partition(';')[0]}; expected {wanted}"
        yield Remark(path, message, consequence_of=("schema-valid",))
        return
    if not is_same:
        yield Remark(path, differs(field, value, wanted))
