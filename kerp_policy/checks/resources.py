"""Checks of requests and limits as quantities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.artifacts.pods import SHARED, Container
from kerp_policy.findings import NOT_APPLICABLE, Remark, unverified
from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity
from kerp_policy.parameters import QUANTITY, WORDS, takes
from kerp_policy.paths import Path, format_path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup
from kerp_policy.wording import differs, filled_in, listed, shown


@takes(names={**WORDS, "default": [*SHARED]})
def stated(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """Requests and limits of resources are in effect, whatever their amounts."""
    missing = [
        ("resources", part, name)
        for part in ("requests", "limits")
        for name in params.get("names", SHARED)
        if lookup(view.data, ("resources", part, name)) is None
    ]
    if missing:
        at = missing[0] if len(missing) == 1 else None
        names = listed([format_path(path) for path in missing])
        said = "is not set; expected a quantity" if at else "are not set; expected quantities"
        yield Remark(at or ("resources",), f"{names} {said}")


def requests_within_limits(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No request exceeds its limit, and every amount is a quantity."""
    container: Container = view.subject
    requests, limits = (
        as_dict(lookup(view.data, ("resources", part))) for part in ("requests", "limits")
    )
    for part, values in (("limits", limits), ("requests", requests)):
        for name, value in values.items():
            path = ("resources", part, name)
            if value is not None and container.path(path)[-2] == part:  # not implied by a limit
                yield from no_amount(path, value)
    for name, request in requests.items():
        yield from _compared(name, request, limits.get(name))


def no_amount(path: Path, value: Any) -> Iterator[Remark]:
    """What is wrong with a single amount, or that it is filled in elsewhere."""
    field = format_path(path)
    if isinstance(value, str) and is_placeholder(value):
        yield unverified(path, filled_in(field, value, "a quantity"))
        return
    try:
        amount = parse_quantity(value)
    except QuantityError as error:
        yield Remark(path, f"{field}: {error}")
        return
    if amount < 0:
        yield Remark(path, differs(field, value, "0 or more"))
    elif path[-1] == "memory" and str(value).endswith("m") and amount < _PLAUSIBLE:
        meant = f"did you mean {str(value)[:-1]}Mi?"
        yield Remark(path, f"{field} is {value}, thousandths of a byte; {meant}")


_PLAUSIBLE = 1024**2
"""No container lives in less memory; of more, the thousandths are what a program wrote."""


def _compared(name: str, request: Any, limit: Any) -> Iterator[Remark]:
    """Compare what can be compared.

    Huge pages and devices cannot be overcommitted (Kubernetes documentation, "Manage HugePages"
    and "Extended resources for Containers").
    """
    path = ("resources", "requests", name)
    if limit is None:
        if request is not None and _is_exact(name):
            message = f"{format_path(path)} is {request}, and there is no limit"
            yield Remark(path, f"{message}; expected a limit of the same amount")
        return
    try:
        requested, limited = parse_quantity(request), parse_quantity(limit)
    except QuantityError:
        return
    if requested > limited:
        yield Remark(path, differs(format_path(path), request, f"at most its limit, {limit}"))
    elif requested < limited and _is_exact(name):
        yield Remark(path, differs(format_path(path), request, f"the amount of its limit, {limit}"))


def _is_exact(name: str) -> bool:
    """Whether a resource is one of which request and limit must be the same."""
    return name.startswith("hugepages-") or ("/" in name and "kubernetes.io/" not in name)


_DOCUMENTED: dict[str, Path] = {
    "requests_cpu": ("resources", "requests", "cpu"),
    "requests_memory": ("resources", "requests", "memory"),
    "limits_cpu": ("resources", "limits", "cpu"),
    "limits_memory": ("resources", "limits", "memory"),
}


@takes(requests_cpu=QUANTITY, requests_memory=QUANTITY, limits_cpu=QUANTITY, limits_memory=QUANTITY)
def documented(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """The main container's amounts are the standard's; what is missing `resources` tells."""
    container: Container = view.subject
    if not container.is_main:
        yield NOT_APPLICABLE
        return
    for param, path in _DOCUMENTED.items():
        value = lookup(view.data, path)
        implied = container.path(path)[-2] != path[-2]
        if value is not None:
            yield from _not_documented(path, value, params[param], implied)


def _not_documented(path: Path, value: Any, wanted: Any, implied: bool) -> Iterator[Remark]:
    field = format_path(path)
    if isinstance(value, str) and is_placeholder(value):
        yield unverified(path, filled_in(field, value, wanted))
        return
    try:
        differs = parse_quantity(value) != parse_quantity(wanted)
    except QuantityError:
        return  # requests_within_limits tells
    if differs:
        said = f"not set, which means its limit, {value}" if implied else shown(value)
        yield Remark(path, f"{field} is {said}; expected {wanted}")
