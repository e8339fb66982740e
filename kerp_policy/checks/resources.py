"""Checks of requests and limits as quantities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kerp_policy.artifacts.kubernetes import as_dict
from kerp_policy.findings import Remark, unverified
from kerp_policy.kubernetes.quantity import QuantityError, parse_quantity
from kerp_policy.paths import Path
from kerp_policy.secrets import is_placeholder
from kerp_policy.views import View, lookup


def requests_within_limits(view: View, params: Mapping[str, Any]) -> Iterator[Remark]:
    """No request exceeds its limit, and every amount is a quantity."""
    requests = as_dict(lookup(view.data, ("resources", "requests")))
    limits = as_dict(lookup(view.data, ("resources", "limits")))
    for part, values in (("requests", requests), ("limits", limits)):
        for name, value in values.items():
            yield from _no_quantity(("resources", part, name), value)
    for name in requests.keys() & limits.keys():
        yield from _exceeds(name, requests[name], limits[name])


def _no_quantity(path: Path, value: Any) -> Iterator[Remark]:
    if isinstance(value, str) and is_placeholder(value):
        message = f"resources.{path[1]}.{path[2]} is {value}, filled in elsewhere"
        yield unverified(path, message)
        return
    try:
        parse_quantity(value)
    except QuantityError as error:
        yield Remark(path, f"resources.{path[1]}.{path[2]}: {error}")


def _exceeds(name: str, request: Any, limit: Any) -> Iterator[Remark]:
    """Compare what can be compared; huge pages and devices cannot be overcommitted."""
    try:
        requested, limited = parse_quantity(request), parse_quantity(limit)
    except QuantityError:
        return
    path = ("resources", "requests", name)
    if requested > limited:
        yield Remark(path, f"the request of {request} {name} exceeds the limit of {limit}")
    elif requested < limited and ("/" in name or name.startswith("hugepages-")):
        yield Remark(path, f"{name} must be requested as it is limited: {request} is not {limit}")
